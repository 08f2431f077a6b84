"""A device for tests. It opens a socket, ends its loop without closing it, and prints how many
files are open then. A second loop goes on with what the first one has left, and closes it.

Runs on MicroPython and CPython. The argument is a URL.
"""

import asyncio
import gc
import os
import sys

from partysocket import WebSocket

left = []


def tell(what):
    gc.collect()
    print(what, len(os.listdir("/proc/self/fd")))


async def begin():
    pass


async def drop():
    ws = WebSocket(sys.argv[1])
    assert await ws.wait_open(10000)
    if sys.implementation.name == "micropython":
        left.append(ws)


async def end():
    for ws in left:
        assert ws.ready_state == 1
        ws.close()
        await ws.wait_closed()


asyncio.run(begin())
tell("begun")
asyncio.run(drop())
tell("dropped")
asyncio.run(end())
tell("ended")
