"""The figures of a run. Times are ms since the loss, unless something else is said."""

from dataclasses import dataclass
from itertools import accumulate
from math import ceil

BIN_MS = 10


@dataclass
class Run:
    devices: int
    down_ms: int  # when the servers were back
    dials: list  # how many began, per BIN_MS since then
    back: list  # when devices were connected again, in order
    wasted: int  # handshakes that a server did for clients who had given up
    dials_before: int = 0  # how many began while there was no server

    @property
    def tries(self):
        """Dials per device once the servers were back."""
        return sum(self.dials) / self.devices

    @property
    def tries_before(self):
        return self.dials_before / self.devices

    def back_s(self, share):
        """Seconds after the servers' return until this share of the devices was back, or None."""
        n = ceil(share * self.devices)
        return (self.back[n - 1] - self.down_ms) / 1000 if n <= len(self.back) else None

    def peak(self):
        """The most dials in any second after the servers' return."""
        return max(_windows(self.dials, 1000))

    def clumping(self):
        """Dials in the busiest 100 ms, divided by the mean of the 10 s around it. 1 means even,
        100 means all at once.
        """
        most, i = max((dials, -i) for i, dials in enumerate(_windows(self.dials, 100)))
        # The 10 s lie around the busiest instant. If they were counted from the return, they might
        # contain little more than that instant, at the edge of a spread of 10 s.
        first = max(-i - 5000 // BIN_MS, 0)
        return most * 100 / (sum(self.dials[first : first + 10_000 // BIN_MS]) or 1)

    def per_second(self, seconds):
        """Dials in each of the first seconds after the servers' return."""
        bins = 1000 // BIN_MS
        return [sum(self.dials[i * bins : (i + 1) * bins]) for i in range(seconds)]


def _windows(bins, ms):
    """The sums over all complete windows of this length."""
    sums = [0, *accumulate(bins)]
    width = min(ms // BIN_MS, len(bins))
    return [late - early for early, late in zip(sums, sums[width:])]
