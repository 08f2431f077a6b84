"""rp2040py, with two changes. The emulated Pico W only reaches this computer: TCP goes to
127.0.0.1 whatever the address, UDP goes nowhere. And its driver may go on sending: in rp2040py
0.3.6 the driver's credit also grows with each received frame and wraps, so after about 120 echoes
the driver prints STALL. The arguments are rp2040py's.
"""

import asyncio
import sys

_open_connection = asyncio.open_connection


async def _at_home(host, port, **options):
    return await _open_connection("127.0.0.1", port, **options)


async def _nowhere(self, *_):
    pass


# Before rp2040py uses it.
asyncio.open_connection = _at_home

from rp2040py.__main__ import main  # noqa: E402
from rp2040py.external.cyw43.bus import GSPIBus  # noqa: E402
from rp2040py.external.cyw43.nat import UdpRelay  # noqa: E402

UdpRelay._relay = _nowhere

# Frames that the driver may send after its last one.
_CREDIT = 17
# The number of the last frame, which the driver counts.
_sent = 0
_write_wlan = GSPIBus._write_wlan


def _note_sent(self, data):
    global _sent
    if len(data) > 4:
        _sent = data[4]
    _write_wlan(self, data)


GSPIBus._write_wlan = _note_sent
GSPIBus._bus_data_credit = property(
    lambda self: (_sent + _CREDIT) & 0xFF,
    # rp2040py's own count.
    lambda self, value: None,
)

if __name__ == "__main__":
    sys.exit(main())
