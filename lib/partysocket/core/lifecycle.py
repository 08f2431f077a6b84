"""The life of a socket: its state, what is due when, and when to dial again.

    IDLE ---begin---> WAITING ---dial---> DIALING ---opened---> OPEN ---close---> CLOSING
     ^                 ^   ^                 |                    |                  |
     |                 |   +-------lost------+--------lost--------+--------lost------+
     +------closed-----+---------------------------------closed----------------------+

`stop` leads from each of them to IDLE.

Time comes in as ticks (`now`), chance as a random int of 16 bits; nothing here waits, dials or
reads a clock. The driver calls the edges as things happen, and `tick(now)` whenever `wait_ms(now)`
has passed.
"""

from .backoff import FLOOR_MS, asked_ms, drawn, patient_ms, share, timeout_ms, turn_ms, wait_ms
from .retry import GROWN, PATIENT, SOON
from .ticks import TICKS_MASK, ticks_diff

IDLE = 0  # closed by the application, given up, or not begun
WAITING = 1  # for the back-off to pass
DIALING = 2  # from asking the providers to the server's 101
OPEN = 3
CLOSING = 4  # a Close frame is on its way, or its answer

NOTHING = 0  # what `tick` answers: nothing is due
DIAL = 1  # the wait is over
EXPIRED = 2  # the deadline of DIALING or CLOSING passed
SEND_PING = 3  # the peer has been silent: ask it
SILENT = 4  # it did not answer, or took no byte for as long
CLOSE_TIMEOUT_MS = 2000  # for all of it: writing out the queue, the Close frame, the peer's answer


class Lifecycle:
    """One socket's state machine. `options` is read anew at each use, so that changes take effect
    at once. `minimum_delay`: `min_reconnection_delay` in ms, drawn once where that is a pair.
    """

    def __init__(self, options, minimum_delay):
        self._options = options
        self._minimum_delay = minimum_delay
        self.state = IDLE
        self.attempts = 0  # dials ever begun
        self.opens = 0  # connections ever made
        self.drops = 0  # of them: ended
        # Retries since a connection last lasted `min_uptime`, including the next one.
        self.retry_count = 0
        self.delay_ms = 0  # the wait before the coming dial
        self._retries_before = 0  # what retry_count was before `min_uptime` reset it
        self._may_hurry = False  # WAITING: whether the wait may be cut short
        # The server has said when it will be back, in ms from `_since`, and within how long its
        # clients should come; 0 if it has not, or that time is over.
        self._back_ms = self._spread_ms = 0
        self._again = None  # CLOSING: dial again (True), rest (False), or not decided (None)
        self._since = 0  # ticks when the state was entered ...
        self._limit_ms = 0  # ... and how long it may last (WAITING, DIALING, CLOSING)
        self._next = NOTHING  # what comes due next ...
        self._left_ms = None  # ... and in how many ms, as of the last look
        # All that follows is about OPEN.
        self._is_proven = False  # it has lasted `min_uptime`
        self._uptime_ms = 0  # it has lasted so long, up to ...
        self._counted = 0  # ... these ticks
        self._heard = 0  # ticks of the last inbound byte
        self._asked = None  # ticks when the unanswered ping was written, or None
        self._is_pinging = False  # a ping is on its way to the transport
        self._held = None  # ticks since when the application keeps us from reading, or None
        self._was_seen_held = False  # the clock was looked at since then
        self.stuck_since = None  # ticks since when the transport takes no byte, or None
        self._pinged = 0  # ticks when the last ping was written
        self.rtt_ms = None  # of the last ping that was answered

    def redraw(self, chance):
        """`min_reconnection_delay` is another one, from the next wait on."""
        self._minimum_delay = drawn(self._options["min_reconnection_delay"], chance)

    # The edges.

    def begin(self, now, chance):
        """IDLE, WAITING or DIALING -> WAITING, for no more than the first dial's spread."""
        self.retry_count = self._back_ms = 0
        self._may_hurry = False
        spread = 0 if self.attempts else self._options["initial_spread_ms"]
        self._wait(now, share(spread, chance))

    def hurry(self, now, chance):
        """WAITING: the network below is back. A wait that was only our own back-off ends, but none
        under its floor; with `initial_spread_ms` within that, as for the whole fleet it is back.
        """
        if self.state == WAITING and self._may_hurry:
            least = max(FLOOR_MS, ticks_diff(now, self._since))
            least += share(self._options["initial_spread_ms"], chance)
            self._limit_ms = min(self._limit_ms, least)

    def dial(self, now):
        """WAITING -> DIALING, with a deadline for all of it."""
        self.attempts += 1
        self._back_ms = self._left_of_stop(now)
        limit = timeout_ms(self._options, self.retry_count)
        self._enter(DIALING, now, limit)

    def taken(self):
        """DIALING: the server has taken the connection, and has yet to answer. One that is asked
        by a whole fleet may queue: who gives up loses the place, and the server does the turn all
        the same. So from the second failure on it is given longer. Before, and while nobody takes
        the connection, another dial is the better bet: the way there may be broken.
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
        self._is_proven = self._is_pinging = False
        self._uptime_ms = 0
        self._counted = self._heard = now
        self._asked = self._held = self.stuck_since = None

    def lost(self, now, retry_class, after_ms, chance, spread_ms=None):
        """DIALING, OPEN or CLOSING -> WAITING, or WAITING anew when the network below has failed;
        or -> IDLE, if retries are used up.

        `after_ms`, not 0: the server has said when to come back, and within how long its clients
        should, `spread_ms` (None: as long). It holds until then, also if it is longer than a wait
        may be: there is a dial in between.
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
        # Nothing has changed so far: what failed for want of memory can be tried again.
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
        """OPEN -> CLOSING, or on with it. Then: dial at once (True), rest (False), or as `lost`
        decides (None).
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
        """Whether the application has decided what comes after CLOSING."""
        return self.state == CLOSING and self._again is not None

    def closed(self, now):
        """CLOSING -> WAITING for no time, or IDLE, as the application decided."""
        self._leave()
        self.stop()
        if self._again:
            self.begin(now, 0)

    def stop(self):
        """Any state -> IDLE."""
        self.state = IDLE

    # What happens while OPEN.

    def heard(self, now):
        """Bytes came in: any byte is life. True: a ping waited for that, so the next look at the
        clock is another.
        """
        self._heard = now
        has_asked = self._asked is not None
        self._asked = None
        return has_asked

    def pinged(self, now):
        """The ping that `tick` asked for, or another, was really written."""
        self._is_pinging = False
        self._pinged = now
        if self._asked is None:
            self._asked = now

    def answered(self, now):
        """The last ping's pong has come."""
        self.rtt_ms = ticks_diff(now, self._pinged)

    def hold(self, now):
        """The application keeps us from reading, so that no answer can be seen."""
        self._held = now
        self._was_seen_held = False

    def release(self, now):
        """Reading goes on; silence is counted as if no time had passed. True: the clock was looked
        at meanwhile, so the next look is another.
        """
        if self._held is None:
            return False
        held = ticks_diff(now, self._held)
        self._held = None
        self._heard = self._heard + min(held, ticks_diff(now, self._heard)) & TICKS_MASK
        if self._asked is not None:  # the ping may have gone out meanwhile
            self._asked = self._asked + min(held, ticks_diff(now, self._asked)) & TICKS_MASK
        return self._was_seen_held

    def stuck(self, now):
        """The transport takes no byte (`now`), or it does again (None). True: that is news."""
        is_news = now is None or self.stuck_since is None
        if is_news:
            self.stuck_since = now
        return is_news

    def uptime_ms(self, now):
        """Ms since the connection was opened, 0 when it isn't. Ask within the half period."""
        if self.state != OPEN:
            return 0
        self._uptime_ms += ticks_diff(now, self._counted)
        self._counted = now
        return self._uptime_ms

    # What is due.

    def tick(self, now):
        """What is due: NOTHING, DIAL, EXPIRED, SEND_PING or SILENT."""
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
        """Ms until `tick` should be called next; None: not before something happens."""
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
        """What comes due next, to `_next`, and in how many ms, to `_left_ms`: None if nothing."""
        self._left_ms = None
        if self.state == IDLE:
            return
        if self.state != OPEN:
            self._next = DIAL if self.state == WAITING else EXPIRED
            self._left_ms = self._limit_ms - ticks_diff(now, self._since)
            return
        self._next = SILENT
        interval = self._options["ping_interval_ms"]
        timeout = self._options["ping_timeout_ms"]
        if self.stuck_since is not None:
            self._left_ms = interval + timeout - ticks_diff(now, self.stuck_since)
            if self._left_ms <= 0:
                return
        if self._held is not None:
            return
        if self._asked is not None:
            left = timeout - ticks_diff(now, self._asked)
            due = SILENT
        elif interval and not self._is_pinging:
            left = interval - ticks_diff(now, self._heard)
            due = SEND_PING
        else:
            return
        if self._left_ms is None or left < self._left_ms:
            self._left_ms = left
            self._next = due

    def overdue_ms(self, now):
        """For how long the state has outlasted its limit; not positive: it has not."""
        if self.state == IDLE or self.state == OPEN:
            return 0
        return ticks_diff(now, self._since) - self._limit_ms

    def _left_of_stop(self, now):
        """Ms until the server that has stopped said that it will be back; 0 if that is over."""
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
