"""Random numbers for the pure tests: the same on every interpreter, from a seed that is
printed.
"""

import os

_SEED = int(os.getenv("SEED") or 20260)


class Chance:
    """A linear congruential generator. SEED=n in the environment replays a run."""

    def __init__(self, what):
        print("%s: SEED=%d" % (what, _SEED))
        self._state = _SEED & 0x7FFFFFFF
        for c in what.encode():
            self._state = (self._state * 31 + c) & 0x7FFFFFFF

    def below(self, n):
        """An int from 0 to n - 1."""
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        high = self._state >> 15
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (high << 16 | self._state >> 15) % n

    def one_of(self, values):
        return values[self.below(len(values))]

    def bytes(self, n):
        return bytes([self.below(256) for _ in range(n)])
