"""The readings of a night offline arrive in the morning: each once, in order, with its own time.

The readings are kept on flash, through power cuts too, until the room has stored them. Needs the
part `outbox`, and a room server with a database (`--db FILE`).

micropython offline_sensor.py [HOST ROOM NAME FOLDER]
"""

import asyncio
import json
import sys

from partysocket import PartySocket
from partysocket.outbox import Outbox

HOST, ROOM, NAME, FOLDER = "localhost:1999", "home", "shed", "/outbox"
if len(sys.argv) == 5:
    HOST, ROOM, NAME, FOLDER = sys.argv[1:]
PERIOD_S = 60
FLASH_BYTES = 262144  # of 60-byte readings that are alike: some 10,000, a week at one a minute


def read():
    """One reading, {name: value}: put your own sensor here."""
    if sys.platform == "linux":
        with open("/proc/loadavg") as f:
            return {"load": float(f.read().split()[0])}
    return {"load": 0}


async def main():
    # Before the clock is set, if it is: so what was measured until then gets its date.
    outbox = Outbox(FOLDER, FLASH_BYTES)
    query = {"role": "device", "name": NAME}
    socket = PartySocket(HOST, ROOM, query=query, outbox=outbox)
    while True:
        socket.send(json.dumps({"type": "reading", "values": read()}))
        await outbox.sync()  # only so that the next line is true: it is written by itself
        print("%d readings wait on flash" % len(outbox))
        await asyncio.sleep(PERIOD_S)


asyncio.run(main())
