"""rp2040py, whose emulated Pico W gets no further than this computer: TCP goes to 127.0.0.1
whatever the address, UDP nowhere. And whose driver may go on sending: the credit that rp2040py
0.3.6 gives it grows with each frame received too, wraps, and after some 120 echoes the driver says
STALL. Arguments are rp2040py's.
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
from rp2040py.external.cyw43.bus import GSPIBus  # noqa: E402
from rp2040py.external.cyw43.nat import UdpRelay  # noqa: E402

UdpRelay._relay = _nowhere

_CREDIT = 17  # frames that the driver may send beyond its last one
_sent = 0  # the number of that, which the driver counts
_write_wlan = GSPIBus._write_wlan


def _note_sent(self, data):
    global _sent
    if len(data) > 4:
        _sent = data[4]
    _write_wlan(self, data)


GSPIBus._write_wlan = _note_sent
GSPIBus._bus_data_credit = property(
    lambda self: (_sent + _CREDIT) & 0xFF,
    lambda self, value: None,  # rp2040py's own count
)

if __name__ == "__main__":
    sys.exit(main())
