"""Counters since the start. exposition.py writes them for Prometheus."""

import time
from bisect import bisect_left
from collections import Counter
from itertools import accumulate

_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


class Counts:
    """Counters of the whole server."""

    def __init__(self):
        self.started = time.monotonic()
        self.joins = 0
        self.messages_in = 0
        self.bytes_in = 0
        self.messages_out = 0
        self.bytes_out = 0
        # Clients that read too slowly.
        self.dropped = 0
        self.refusals = Counter()  # HTTP status: how many
        # Readings that are on disk and whose sender was told so.
        self.acknowledged = 0
        # Readings that break a rule and whose sender was told so.
        self.refused = 0
        # Readings that were dropped because their numbers were already known.
        self.known = 0
        # Readings that the disk did not accept, or that were lost before a commit.
        self.not_stored = 0
        self.saves = 0
        self.commits = Histogram(_SECONDS)
        self.lags = Histogram(_SECONDS)

    def on_commit(self, saves, seconds):
        self.saves += saves
        self.commits.observe(seconds)


class Histogram:
    """Counts how often a value was at most each of `bounds`."""

    def __init__(self, bounds):
        self.sum = 0.0
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, value):
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self):
        """Return [(bound, how many values were at most that)]; the last bound is "+Inf"."""
        return list(zip((*self._bounds, "+Inf"), accumulate(self._counts)))
