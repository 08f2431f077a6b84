"""CircuitPython's `time`, without MicroPython's ticks."""

import utime
from ucollections import namedtuple
from utime import localtime, mktime, sleep, time  # noqa: F401

_names = "tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst"
_struct_time = namedtuple("struct_time", _names.split())


def struct_time(fields):
    if len(fields) != 9:
        raise TypeError("time.struct_time() takes a 9-sequence")
    return _struct_time(*fields)


_begun = utime.time_ns()


def monotonic_ns():
    return utime.time_ns() - _begun


def monotonic():
    return monotonic_ns() / 1_000_000_000
