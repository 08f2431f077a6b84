"""A device whose clock is not set: dials, is refused, asks for the time, and dials again.

Runs on MicroPython and CPython, with libfaketime. The one argument names a file of JSON: `port` of
the room, `root`, `ntp`: the port of the time server, `clock`: the file that libfaketime reads.
"""

import asyncio
import json
import sys
import time

from partysocket import PartySocket
from partysocket.clock import sync_clock
from partysocket.net import platform as net

with open(sys.argv[1]) as f:
    settings = json.load(f)


class Local(net.Transport):
    def start(self, host, port, context, server_hostname, timeout_ms):
        super().start("127.0.0.1", port, context, server_hostname, timeout_ms)


def tell(what, **fields):
    print(json.dumps(dict(fields, what=what)))


def set_clock(seconds):
    # libfaketime reads local time, which is UTC here.
    year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
    with open(settings["clock"], "w") as f:
        f.write(f"@{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")


async def main():
    refused = asyncio.Event()
    opened = asyncio.Event()
    socket = PartySocket(
        f"room.test:{settings['port']}",
        "r",
        protocol="wss",
        ssl=settings["root"],
        transport=Local,
    )

    def on_error(event):
        tell("error", message=event.message, year=time.localtime()[0])
        refused.set()

    def on_open(event):
        tell("open", year=time.localtime()[0])
        opened.set()

    socket.onerror = on_error
    socket.onopen = on_open
    await refused.wait()
    seconds = await sync_clock("127.0.0.1", settings["ntp"], set_clock=set_clock)
    tell("synced", seconds=seconds)
    socket.reconnect()
    await opened.wait()
    socket.close()
    await socket.wait_closed()


asyncio.run(main())
