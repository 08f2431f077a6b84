"""CircuitPython's `supervisor`: a clock that wraps after 2**29 ms. The first wrap comes soon."""

import utime

_BEFORE_THE_WRAP_MS = 65_000
_offset = (1 << 29) - _BEFORE_THE_WRAP_MS - utime.ticks_ms()


def ticks_ms():
    return (utime.ticks_ms() + _offset) & 0x1FFFFFFF
