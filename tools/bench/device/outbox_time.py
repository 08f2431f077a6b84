"""How long the calls of an outbox take, on a littlefs in RAM. The environment variable is BENCH =
"TRIES COUNT ...". The answer is the line that begins with "=> ": {what: median in us}. "open
COUNT" is with so many waiting records.
"""

import asyncio
import json
import os
import time

from counted import Flash

from partysocket.outbox import Outbox

READING = '{"type":"reading","values":{"temperature":21.%02d,"hPa":1016}}'
_FOLDER = "/flash/outbox"
_SIZE_BYTES = 1 << 20
_RECORDS = 500


def timed(function, *arguments):
    begun = time.ticks_us()
    result = function(*arguments)
    return time.ticks_diff(time.ticks_us(), begun), result


def median(values):
    return sorted(values)[len(values) // 2]


def segments():
    """The names and sizes of the segments. They change when the slots are sealed."""
    return [(one[0], one[3]) for one in os.ilistdir(_FOLDER) if one[0][0] == "s"]


def plain():
    with open("/flash/plain", "ab") as file:
        file.write(READING % 0)


async def write(outbox, number, count):
    while number < count:
        outbox.append(READING % (number % 100))
        number += 1
        await outbox.sync()
    return number


async def main(tries, *counts):
    Flash(512, 32)
    took = {"plain": [timed(plain)[0] for _ in range(_RECORDS)]}
    for what in ("append", "slot", "seal"):
        took[what] = []
    outbox = None
    number = 0
    for count in counts:
        if outbox is not None:
            number = await write(outbox, number, count)
            outbox.close()
        took[f"open {count}"] = times = []
        for _ in range(tries):
            took_us, outbox = timed(Outbox, _FOLDER, _SIZE_BYTES)
            times.append(took_us)
            outbox.close()
        outbox = Outbox(_FOLDER, _SIZE_BYTES)
    known = segments()
    for i in range(_RECORDS):
        took["append"].append(timed(outbox.append, READING % (i % 100))[0])
        begun = time.ticks_us()
        await outbox.sync()
        taken = time.ticks_diff(time.ticks_us(), begun)
        now = segments()
        took["slot" if now == known else "seal"].append(taken)
        known = now
    print("=> " + json.dumps({what: median(times) for what, times in took.items()}))


asyncio.run(main(*map(int, os.getenv("BENCH").split())))
