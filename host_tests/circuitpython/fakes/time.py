"""CircuitPython's `time`: without the ticks of MicroPython."""

from utime import localtime, mktime, sleep, time, time_ns  # noqa: F401

_begun = time_ns()


def monotonic_ns():
    return time_ns() - _begun


def monotonic():
    return monotonic_ns() / 1_000_000_000


del time_ns
