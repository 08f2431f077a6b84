"""A device whose `random` is seeded as every other's: what it draws must not come from there.

Runs on MicroPython and CPython. The one argument names a file of JSON: `port`.
"""

import asyncio
import json
import random
import sys

random.seed(1)

from partysocket import PartySocket  # noqa: E402


async def main():
    with open(sys.argv[1]) as f:
        port = json.load(f)["port"]
    random.seed(1)
    done = asyncio.Event()
    socket = PartySocket(f"127.0.0.1:{port}", "r", connection_id="fresh")
    for _ in range(20):
        socket.send("message")
    count = []

    def on_message(event):
        count.append(1)
        if len(count) == 20:
            done.set()

    socket.onmessage = on_message
    await done.wait()
    socket.close()
    await socket.wait_closed()


asyncio.run(main())
