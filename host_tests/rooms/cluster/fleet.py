"""Many devices in one process, with the library as it is and its default preset:

    python fleet.py PORT FIRST COUNT ROOMS EVERY_S [PRESET]

Device k, from FIRST on, is in room `rK`, K = k % ROOMS, and sends a reading each EVERY_S seconds.
Each open, close and result of a dial is a line of JSON. When stdin ends, it ends.
"""

import asyncio
import json
import sys
import time

import partysocket
from partysocket.device import Device


def tell(what, k, **fields):
    sys.stdout.write(json.dumps({"what": what, "k": k, "t": time.time(), **fields}) + "\n")


async def live(port, k, rooms, every_s, options):
    device = Device(f"127.0.0.1:{port}", f"r{k % rooms}", f"d{k}", **options)
    socket = device.socket
    socket.onopen = lambda event: tell("open", k)
    socket.onclose = lambda event: tell("close", k, code=event.code)
    n = 0
    while True:
        n += 1
        if socket.ready_state == socket.OPEN:
            device.send(n=n)
        await asyncio.sleep(every_s)


async def main(port, first, count, rooms, every_s, preset="DEVICE"):
    options = {**getattr(partysocket, preset), "debug_logger": lambda text: None}
    # A Device has its own.
    del options["hello"]
    tasks = []
    for k in range(int(first), int(first) + int(count)):
        tasks.append(asyncio.create_task(live(port, k, int(rooms), float(every_s), options)))
        # So that the first joins are no crowd.
        await asyncio.sleep(0.05)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    asyncio.run(main(*sys.argv[1:]))
