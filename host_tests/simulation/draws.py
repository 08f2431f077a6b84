"""Random numbers from a seed, the same on every interpreter."""

_MASK = 0x7FFFFFFF


class Draws:
    """A linear congruential generator. Its low bits are not used."""

    def __init__(self, seed):
        self._state = (seed * 2654435761 + 12345) & _MASK
        for _ in range(3):
            self.below(2)

    def below(self, n):
        """An int from 0 to n - 1; `n` up to 2**30."""
        self._state = (self._state * 1103515245 + 12345) & _MASK
        high = self._state >> 16
        self._state = (self._state * 1103515245 + 12345) & _MASK
        return (high << 15 | self._state >> 16) % n

    def between(self, low, high):
        """An int from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def one_of(self, values):
        return values[self.below(len(values))]

    def odds(self, per_cent):
        """True with a probability of `per_cent`."""
        return self.below(100) < per_cent

    def bytes(self, n):
        return bytes([self.below(256) for _ in range(n)])
