"""Ticks: milliseconds that wrap at 2**29 (CircuitPython's period), so that sums stay small ints on
32-bit boards.
"""

from micropython import const

TICKS_MASK = 0x1FFFFFFF
_HALF = const(1 << 28)  # half of the 6.2-day period


def ticks_diff(later, earlier):
    """Milliseconds from `earlier` to `later`, also across the wrap. Negative if `later` is before
    `earlier`. Only correct for differences up to 3.1 days.
    """
    return ((later - earlier + _HALF) & TICKS_MASK) - _HALF
