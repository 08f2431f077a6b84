"""When a room looks at the time for its alerts: once, at the earliest time that is asked for."""

# A look that comes so late was not held up by the loop.
_LATE_MS = 60000


class LookTimer:
    """Calls `look(now, is_late)`. It is late if the computer slept, or its clock was set."""

    def __init__(self, clock, call_later, look):
        """`clock()` returns ms since 1970. `call_later(seconds, call)`: as the loop's."""
        self._clock = clock
        self._call_later = call_later
        self._look = look
        # When it looks next, or None.
        self._at = None
        # Of the loop's timer.
        self._handle = None

    def set(self, at):
        """Look then, if no look comes earlier. None: never."""
        if at is not None and (self._at is None or at < self._at):
            self.stop()
            self._at = at
            self._handle = self._call_later(max(0, at - self._clock()) / 1000, self._due)

    def within(self, ms):
        """Look so long from now, if no look comes earlier. None: never."""
        if ms is not None:
            self.set(self._clock() + ms)

    def stop(self):
        if self._at is not None:
            # It may be due in a week, and the loop would keep it until then.
            self._handle.cancel()
            self._at = None

    def _due(self):
        at, self._at = self._at, None
        now = self._clock()
        self._look(now, now - at > _LATE_MS)
