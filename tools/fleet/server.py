"""Servers that get more handshakes than they can do. Each answers `ask(now)` with the ms until the
answer, and the answer: LET_IN, REFUSED, or CLOSED (let in, and closed with 1013 at once).
`after_ms` belongs to a refusal: the server's Retry-After, or 0.
"""

LET_IN = 0
REFUSED = 1
CLOSED = 2

# Unused capacity of so many seconds may be used for a burst.
_BUCKET_S = 0.1


class Bucket:
    """Does `rate` handshakes a second with a token bucket, and refuses the rest."""

    def __init__(self, rate, beyond=REFUSED, after_s=0):
        self.after_ms = after_s * 1000
        self._beyond = beyond
        self._per_ms = rate / 1000
        self._most = max(1, rate * _BUCKET_S)
        self._tokens = self._most
        self._at = 0

    def ask(self, now):
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._per_ms)
        self._at = now
        if self._tokens < 1:
            return 0, self._beyond
        self._tokens -= 1
        return 0, LET_IN


class Queue:
    """Does `rate` handshakes a second, in the order of arrival, and refuses clients that would
    wait longer than `depth_s`. It does not notice that a client has given up, and does the
    handshake anyway.
    """

    after_ms = 0

    def __init__(self, rate, depth_s):
        self._turn_ms = 1000 / rate
        self._depth_ms = depth_s * 1000
        self._free_at = 0

    def ask(self, now):
        wait = max(0, self._free_at - now)
        if wait > self._depth_ms:
            return 0, REFUSED
        self._free_at = now + wait + self._turn_ms
        return wait + self._turn_ms, LET_IN
