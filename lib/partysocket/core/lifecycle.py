"""The state machine of a socket: its state, its deadlines, and when to dial again.

    IDLE ---begin---> WAITING ---dial---> DIALING ---opened---> OPEN ---close---> CLOSING
     ^                 ^   ^                 |                    |                  |
     |                 |   +-------lost------+--------lost--------+--------lost------+
     +------closed-----+---------------------------------closed----------------------+

`stop` leads from every state to IDLE.

Time comes in as ticks (`now`), and chance as a random int of 16 bits. Nothing here waits, dials or
reads a clock. The driver calls an edge when something happens, and `tick(now)` whenever
`wait_ms(now)` has passed.
"""

from .backoff import FLOOR_MS, asked_ms, drawn, patient_ms, share, timeout_ms, turn_ms, wait_ms
from .keepalive import NOTHING, SEND_PING, Keepalive
from .retry import GROWN, PATIENT, SOON
from .ticks import ticks_diff

# States.
IDLE = 0  # not begun yet, closed by the application, or given up
WAITING = 1  # the back-off is running
DIALING = 2  # from asking the providers to the server's 101
OPEN = 3
CLOSING = 4  # our Close frame or the peer's answer to it is on its way

# What `tick` returns, besides what keepalive.py has.
DIAL = 1  # the wait is over
EXPIRED = 2  # the deadline of DIALING or CLOSING has passed

# For the whole closing: writing out the queue, our Close frame, and the peer's answer.
CLOSE_TIMEOUT_MS = 2000


class Lifecycle(Keepalive):
    """One socket's state machine. It reads `options` at each use, so that changes take effect at
    once. `minimum_delay` is `min_reconnection_delay` in ms; if that is a pair, a value drawn once.
    """

    def __init__(self, options, minimum_delay):
        super().__init__(options)
        self._minimum_delay = minimum_delay
        self.state = IDLE
        self.attempts = 0  # dials ever begun
        self.opens = 0  # connections ever made
        self.drops = 0  # connections that ended
        # Retries since a connection last lasted `min_uptime`, including the next one.
        self.retry_count = 0
        self.delay_ms = 0  # the wait before the next dial
        # What retry_count was before `min_uptime` reset it.
        self._retries_before = 0
        # WAITING: whether the wait may be cut short.
        self._may_hurry = False
        # The server has announced that it will be back in `_back_ms`, counted from `_since`, and
        # that its clients should spread over `_spread_ms`. 0: not announced, or that time is over.
        self._back_ms = self._spread_ms = 0
        # CLOSING: dial again (True), go to IDLE (False), or not decided (None).
        self._again = None
        # Ticks when the state was entered, and how long it may last (WAITING, DIALING, CLOSING).
        self._since = 0
        self._limit_ms = 0
        # The rest is only used in OPEN.
        # The connection has lasted `min_uptime`.
        self._is_proven = False
        # The uptime, counted up to the ticks in `_counted`.
        self._uptime_ms = 0
        self._counted = 0

    def redraw(self, chance):
        """`min_reconnection_delay` has changed. The next wait uses the new value."""
        self._minimum_delay = drawn(self._options["min_reconnection_delay"], chance)

    # The edges.

    def begin(self, now, chance):
        """IDLE, WAITING or DIALING -> WAITING, with no wait but the first dial's spread."""
        self.retry_count = self._back_ms = 0
        self._may_hurry = False
        spread = 0 if self.attempts else self._options["initial_spread_ms"]
        self._wait(now, share(spread, chance))

    def hurry(self, now, chance):
        """WAITING: the network below is back, so the wait ends early if it was only our own
        back-off. It lasts at least FLOOR_MS. `initial_spread_ms` spreads the dials, because the
        network may be back for a whole fleet.
        """
        if self.state == WAITING and self._may_hurry:
            least = max(FLOOR_MS, ticks_diff(now, self._since))
            least += share(self._options["initial_spread_ms"], chance)
            self._limit_ms = min(self._limit_ms, least)

    def dial(self, now):
        """WAITING -> DIALING, with a deadline for the whole dial."""
        self.attempts += 1
        self._back_ms = self._left_of_stop(now)
        limit = timeout_ms(self._options, self.retry_count)
        self._enter(DIALING, now, limit)

    def taken(self):
        """DIALING: the server has accepted the connection, but has not answered yet.

        A server that a whole fleet dials may queue its clients. A client that gives up loses its
        place, and the server still does the work for it. So from the second failure on the dial
        may last longer. After the first failure, or while the connection is not accepted, a new
        dial is better: the route may be broken.
        """
        if self.retry_count > 1:
            turn = turn_ms(self._options, self.retry_count)
            self._limit_ms = max(self._limit_ms, turn)

    def opened(self, now):
        """DIALING -> OPEN."""
        self._enter(OPEN, now, 0)
        self.opens += 1
        self._back_ms = 0
        self._retries_before = self.retry_count
        self._is_proven = False
        self._uptime_ms = 0
        self._counted = now
        self._watch_anew(now)

    def lost(self, now, retry_class, after_ms, chance, spread_ms=None):
        """DIALING, OPEN or CLOSING -> WAITING, or -> IDLE if no retries are left. From WAITING it
        begins a new wait: the network below has failed.

        If `after_ms` is not 0, the server has asked us to come back after that time, spread over
        `spread_ms` (None: as long as `after_ms`). This stays in force until then. A single wait
        may be shorter than that, so there may be a dial in between.
        """
        most = self._options["max_retries"]
        retries = self.retry_count
        if self.state == OPEN and self._has_lasted(now):
            retries = 0
        if retry_class == GROWN and self.state >= OPEN:
            retries = self._retries_before
        if not after_ms:
            after_ms = self._left_of_stop(now)
            spread_ms = self._spread_ms
        elif spread_ms is None:
            spread_ms = after_ms
        wait = 0
        if most is None or retries < most:
            if retry_class == PATIENT:
                wait = patient_ms(self._options, chance)
            else:
                wait = wait_ms(self._options, self._minimum_delay, retries + 1, chance)
            if after_ms:
                least = asked_ms(self._options, after_ms, spread_ms, chance)
                wait = max(wait, least)
        # Nothing has changed so far, so a call that failed for want of memory can be repeated.
        self._leave()
        self._back_ms = after_ms
        self._spread_ms = spread_ms
        self.retry_count = retries
        if most is not None and retries >= most:
            self.stop()
            return
        self.retry_count += 1
        self._may_hurry = retry_class == SOON and not after_ms
        self._wait(now, wait)

    def close(self, now, again):
        """OPEN -> CLOSING, or stay in CLOSING. `again` says what follows: dial at once (True), go
        to IDLE (False), or let `lost` decide (None).
        """
        if self.state != CLOSING:
            self._prove(now)
            self._enter(CLOSING, now, CLOSE_TIMEOUT_MS)
            self._again = None
        if again is not None:
            self._again = again
        if again:
            self.retry_count = 0

    def is_decided(self):
        """Whether the application has decided what follows CLOSING."""
        return self.state == CLOSING and self._again is not None

    def closed(self, now):
        """CLOSING -> WAITING without a wait, or IDLE, as the application decided."""
        self._leave()
        self.stop()
        if self._again:
            self.begin(now, 0)

    def stop(self):
        """Any state -> IDLE."""
        self.state = IDLE

    def uptime_ms(self, now):
        """Milliseconds since the connection was opened; 0 if it is not open. Must be called at
        least once in half a period of the ticks.
        """
        if self.state != OPEN:
            return 0
        self._uptime_ms += ticks_diff(now, self._counted)
        self._counted = now
        return self._uptime_ms

    # What is due.

    def tick(self, now):
        """Return what is due: NOTHING, DIAL, EXPIRED, SEND_PING or SILENT."""
        if self.state == OPEN:
            self.uptime_ms(now)
            self._prove(now)
        self._look(now)
        if self._left_ms is None or self._left_ms > 0:
            return NOTHING
        if self._next == SEND_PING:
            self._is_pinging = True
        return self._next

    def wait_ms(self, now):
        """Milliseconds until `tick` should be called next. None: not before something happens."""
        self._look(now)
        left = self._left_ms
        if self._held is not None:
            self._was_seen_held = True
        if self.state == OPEN and not self._is_proven:
            proven = self._options["min_uptime"] - ticks_diff(now, self._since)
            if left is None or proven < left:
                left = proven
        return left if left is None or left > 0 else 0

    def _look(self, now):
        """Set `_next` to what is due next, and `_left_ms` to the time until then (None: nothing is
        due).
        """
        self._left_ms = None
        if self.state == OPEN:
            self._watch(now)
        elif self.state != IDLE:
            self._next = DIAL if self.state == WAITING else EXPIRED
            self._left_ms = self._limit_ms - ticks_diff(now, self._since)

    def overdue_ms(self, now):
        """By how many ms the state has passed its limit. 0 or negative: it has not."""
        if self.state == IDLE or self.state == OPEN:
            return 0
        return ticks_diff(now, self._since) - self._limit_ms

    def _left_of_stop(self, now):
        """Milliseconds until a stopped server will be back, as it announced. 0: that is over."""
        return self._back_ms and max(0, self._back_ms - ticks_diff(now, self._since))

    def _has_lasted(self, now):
        lasted = ticks_diff(now, self._since) >= self._options["min_uptime"]
        return not self._is_proven and lasted

    def _prove(self, now):
        """Reset the growth if the connection has lasted `min_uptime`."""
        if self._has_lasted(now):
            self._is_proven = True
            self.retry_count = 0

    def _leave(self):
        if self.state >= OPEN:
            self.drops += 1

    def _enter(self, state, now, limit_ms):
        self.state = state
        self._since = now
        self._limit_ms = limit_ms

    def _wait(self, now, ms):
        self.delay_ms = ms
        self._enter(WAITING, now, ms)
