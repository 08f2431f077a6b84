"""A sensor whose night offline arrives in the morning, each reading once, in order, at its time.

The readings stay on flash, also after power cuts, until the room has stored them. It needs the
part `outbox`, and a room server that keeps readings on disk (not with `--memory`).

micropython offline_sensor.py [HOST ROOM NAME FOLDER]
"""

import asyncio
import sys

from partysocket.device import Device
from partysocket.outbox import Outbox

HOST, ROOM, NAME, FOLDER = "localhost:1999", "home", "shed", "/outbox"
if len(sys.argv) == 5:
    HOST, ROOM, NAME, FOLDER = sys.argv[1:]
PERIOD_S = 60
FLASH_BYTES = 262144  # about 10,000 similar readings of 60 bytes: a week, with one a minute


def read():
    """One reading, {name: value}: put your own sensor here."""
    if sys.platform == "linux":
        with open("/proc/loadavg") as f:
            return {"load": float(f.read().split()[0])}
    return {"load": 0}


async def main():
    # Make it before the clock is set, so that earlier readings get their time then.
    outbox = Outbox(FOLDER, FLASH_BYTES)
    device = Device(HOST, ROOM, NAME, outbox=outbox)
    while True:
        device.send(read())
        await outbox.sync()  # only for the next line: it is written without this
        print("%d readings wait on flash" % len(outbox))
        await asyncio.sleep(PERIOD_S)


asyncio.run(main())
