"""rp2040py, whose emulated Pico W gets no further than this computer: TCP goes to 127.0.0.1
whatever the address, UDP nowhere. Arguments are rp2040py's.
"""

import asyncio
import sys

_open_connection = asyncio.open_connection


async def _at_home(host, port, **options):
    return await _open_connection("127.0.0.1", port, **options)


async def _nowhere(self, *_):
    pass


asyncio.open_connection = _at_home  # before rp2040py looks it up

from rp2040py.__main__ import main  # noqa: E402
from rp2040py.external.cyw43.nat import UdpRelay  # noqa: E402

UdpRelay._relay = _nowhere

if __name__ == "__main__":
    sys.exit(main())
