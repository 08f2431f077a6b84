"""A device that meets hostile servers: comes back at once, and tells of its heap when asked.

Runs on MicroPython and CPython: `sufferer.py PORT`. The text "alloc" is answered with the bytes
that are in use after a collection; any other message comes back as it is.
"""

import asyncio
import gc
import sys

from partysocket import WebSocket


def obey(event):
    data = event.data
    if isinstance(data, str) and data == "alloc":
        gc.collect()
        data = str(gc.mem_alloc())
    event.target.send(data)


async def main():
    socket = WebSocket(
        f"ws://127.0.0.1:{sys.argv[1]}/",
        min_reconnection_delay=0,
        max_reconnection_delay=1,
        jitter="none",
        ping_interval_ms=400,
        ping_timeout_ms=400,
    )
    socket.onmessage = obey
    await socket.wait_closed()


asyncio.run(main())
