"""How long the points of an answer are: the shortest length of which few enough are needed."""

from .ages import DAY_MS
from .tiers import HOUR_MS, MINUTE_MS

_SECOND_MS = 1000
_LENGTHS = [
    *(n * _SECOND_MS for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE_MS for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR_MS for n in (1, 2, 3, 6, 12)),
]


def length_of(since, until, points, least=_SECOND_MS):
    """Return the length in ms, at least `least`. At most `points` such lengths, which begin at
    multiples of their own since 1970, cover the time from `since` to `until`.
    """
    for length in _LENGTHS:
        if length >= least and _count(since, until, length) <= points:
            return length
    days = 1
    while _count(since, until, days * DAY_MS) > points:
        days += 1
    return days * DAY_MS


def _count(since, until, length):
    return (until - 1) // length - since // length + 1
