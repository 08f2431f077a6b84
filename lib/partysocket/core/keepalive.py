"""Whether the peer of an open connection is still there: when to ping it, and when it is silent.

Any byte shows that the peer is there. While the application keeps us from reading, no byte can be
seen, so that time does not count. A transport that takes no byte for as long is as bad as silence.
"""

from .ticks import TICKS_MASK, ticks_diff

# What is due.
NOTHING = 0  # nothing
SEND_PING = 3  # the peer has been silent: send a ping
SILENT = 4  # the peer did not answer the ping, or took no byte for as long


class Keepalive:
    """Part of the Lifecycle, used while it is OPEN. Time comes in as ticks (`now`)."""

    def __init__(self, options):
        self._options = options
        # What `tick` will return next, and in how many ms, as computed by the last `_look`.
        self._next = NOTHING
        self._left_ms = None
        # Ticks of the last byte that came in.
        self._heard = 0
        # Ticks when a ping was written that has no answer yet, or None.
        self._asked = None
        # `tick` has asked for a ping that is not written yet.
        self._is_pinging = False
        # Ticks since when the application keeps us from reading, or None.
        self._held = None
        # `wait_ms` was called since then.
        self._was_seen_held = False
        # Ticks since when the transport takes no byte, or None.
        self.stuck_since = None
        # Ticks when the last ping was written.
        self._pinged = 0
        # The round trip of the last ping that was answered, or None.
        self.rtt_ms = None

    def _watch_anew(self, now):
        """A connection has been opened."""
        self._is_pinging = False
        self._heard = now
        self._asked = self._held = self.stuck_since = None

    def heard(self, now):
        """Bytes came in. Any byte shows that the peer is alive. Returns True if a ping was waiting
        for an answer: then the time of the next `tick` has changed.
        """
        self._heard = now
        has_asked = self._asked is not None
        self._asked = None
        return has_asked

    def pinged(self, now):
        """The transport has taken a ping: the one that `tick` asked for, or another."""
        self._is_pinging = False
        self._pinged = now
        if self._asked is None:
            self._asked = now

    def answered(self, now):
        """The pong to the last ping has come."""
        self.rtt_ms = ticks_diff(now, self._pinged)

    def hold(self, now):
        """The application keeps us from reading, so no answer can be seen."""
        self._held = now
        self._was_seen_held = False

    def release(self, now):
        """Reading goes on. The time of the hold does not count as silence. Returns True if
        `wait_ms` was called meanwhile: then the time of the next `tick` has changed.
        """
        if self._held is None:
            return False
        held = ticks_diff(now, self._held)
        self._held = None
        self._heard = self._heard + min(held, ticks_diff(now, self._heard)) & TICKS_MASK
        # The ping may have gone out during the hold, so `_asked` may be later than `_held`.
        if self._asked is not None:
            self._asked = self._asked + min(held, ticks_diff(now, self._asked)) & TICKS_MASK
        return self._was_seen_held

    def stuck(self, now):
        """The transport takes no byte (`now` is ticks), or takes bytes again (None). Returns
        whether that is a change.
        """
        is_news = now is None or self.stuck_since is None
        if is_news:
            self.stuck_since = now
        return is_news

    def _watch(self, now):
        """Set `_next` and `_left_ms`, which is None before."""
        interval = self._options["ping_interval_ms"]
        timeout = self._options["ping_timeout_ms"]
        self._next = SILENT
        left = None
        if self.stuck_since is not None:
            left = self._left_ms = interval + timeout - ticks_diff(now, self.stuck_since)
        if self._held is None and (left is None or left > 0):
            due = SILENT
            if self._asked is not None:
                left = timeout - ticks_diff(now, self._asked)
            elif interval and not self._is_pinging:
                left = interval - ticks_diff(now, self._heard)
                due = SEND_PING
            if left is not None and (self._left_ms is None or left < self._left_ms):
                self._left_ms = left
                self._next = due
