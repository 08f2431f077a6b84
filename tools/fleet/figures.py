"""What a run has shown, in figures. Times are ms since the loss unless they say otherwise."""

from dataclasses import dataclass
from itertools import accumulate
from math import ceil

BIN_MS = 10


@dataclass
class Run:
    devices: int
    down_ms: int  # when the server was back
    dials: list  # how many began, per BIN_MS
    back: list  # when devices were connected again, in order
    wasted: int  # handshakes that the server did for clients who had given up

    @property
    def tries(self):
        """Dials per device."""
        return sum(self.dials) / self.devices

    @property
    def share_back(self):
        return len(self.back) / self.devices

    def back_s(self, share):
        """Seconds after the server's return until this share of the devices was back, or None."""
        n = ceil(share * self.devices)
        return (self.back[n - 1] - self.down_ms) / 1000 if n <= len(self.back) else None

    def peak(self):
        """The most dials in any second after the server's return."""
        return max(_windows(self._after(), 1000))

    def clumping(self):
        """Dials in the busiest 100 ms, against the mean of the 10 s in which they lie: 1 is even,
        100 is all at once.
        """
        after = self._after()
        most, i = max((dials, -i) for i, dials in enumerate(_windows(after, 100)))
        first = -i * BIN_MS // 10_000 * (10_000 // BIN_MS)
        return most * 100 / (sum(after[first : first + 10_000 // BIN_MS]) or 1)

    def per_second(self, seconds):
        """Dials in each of the first seconds after the server's return."""
        after, bins = self._after(), 1000 // BIN_MS
        return [sum(after[i * bins : (i + 1) * bins]) for i in range(seconds)]

    def _after(self):
        return self.dials[self.down_ms // BIN_MS :]


def _windows(bins, ms):
    """The sums over all windows of this length, whole ones."""
    sums = [0, *accumulate(bins)]
    width = min(ms // BIN_MS, len(bins))
    return [late - early for early, late in zip(sums, sums[width:])]
