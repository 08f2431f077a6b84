"""The life of a connection: its state, what is due when, and when to dial again.

    IDLE ---begin---> WAITING ---dial---> DIALING ---opened---> OPEN ---close---> CLOSING
     ^                 ^   ^                 |                    |                  |
     |                 |   +-------lost------+--------lost--------+--------lost------+
     +------closed-----+---------------------------------closed----------------------+

`stop` leads from each of them to IDLE.

Time comes in as ticks (`now`), chance as a random int of 16 bits; nothing here waits, dials or
reads a clock. The driver calls the edges as things happen, and `tick(now)` whenever `wait_ms(now)`
has passed.
"""

from . import backoff
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


class Connection:
    """One connection's state machine. `options` is read anew at each use, so changes take effect
    at once.
    """

    def __init__(self, options, minimum_delay):
        self.state = IDLE
        self.attempts = 0  # dials ever begun
        self.opens = 0  # connections ever made
        self._options = options
        self.minimum_delay = minimum_delay  # ms; drawn once per device where the option is a pair
        self.retry_count = (
            0  # dials since the last proven connection but the first, the coming one counted
        )
        self.delay_ms = 0  # the wait before the coming dial
        self._grown = 0  # what retry_count was before min_uptime reset it
        self._may_hurry = False  # WAITING: whether the wait may be cut short
        self._again = False  # CLOSING: whether to dial anew afterwards
        self._since = 0  # ticks when the state was entered ...
        self._limit_ms = 0  # ... and how long it may last (WAITING, DIALING, CLOSING)
        self._proven = False  # OPEN: it lasted min_uptime
        self._uptime_ms = 0  # OPEN: for so long, up to ...
        self._counted = 0  # ... these ticks
        self._heard = 0  # OPEN: ticks of the last inbound byte
        self._asked = None  # OPEN: ticks when the unanswered ping was written, or None
        self._pinging = False  # OPEN: a ping is on its way to the socket
        self._held = None  # OPEN: ticks since when the application keeps us from reading, or None
        self._stuck = None  # OPEN: ticks since when the socket takes no byte, or None

    # The edges.

    def begin(self, now, chance):
        """IDLE, WAITING or DIALING -> WAITING, for no more than the first dial's spread."""
        self.retry_count = 0
        self._may_hurry = False
        spread = 0 if self.attempts else self._options["initial_spread_ms"]
        self._wait(now, backoff.share(spread, chance))

    def hurry(self, now, chance):
        """WAITING: the network below is back. A wait that was only our own back-off ends, but none
        under its floor; with `initial_spread_ms` within that, as for the whole fleet it is back.
        """
        if self.state == WAITING and self._may_hurry:
            least = max(backoff.FLOOR_MS, ticks_diff(now, self._since))
            least += backoff.share(self._options["initial_spread_ms"], chance)
            self._limit_ms = min(self._limit_ms, least)

    def dial(self, now):
        """WAITING -> DIALING, with a deadline for all of it."""
        self.attempts += 1
        self._enter(DIALING, now, backoff.timeout_ms(self._options, self.retry_count))

    def opened(self, now):
        """DIALING -> OPEN."""
        self._enter(OPEN, now, 0)
        self.opens += 1
        self._grown = self.retry_count
        self._proven = self._pinging = False
        self._uptime_ms = 0
        self._counted = now
        self._heard = now
        self._asked = self._held = self._stuck = None

    def lost(self, now, hope, retry_after_ms, chance):
        """DIALING, OPEN or CLOSING -> WAITING, or WAITING anew when the network below has failed;
        or -> IDLE, if retries are used up.
        """
        if self.state == OPEN:
            self._prove(now)
        if hope == GROWN and self.state != DIALING and self._proven:
            self.retry_count = self._grown
        most = self._options["max_retries"]
        if most is not None and self.retry_count >= most:
            self.stop()
            return
        self.retry_count += 1
        self._may_hurry = hope == SOON and not retry_after_ms
        if hope == PATIENT:
            wait = backoff.patient_ms(self._options, chance)
        else:
            wait = backoff.wait_ms(self._options, self.minimum_delay, self.retry_count, chance)
        if retry_after_ms:
            wait = max(wait, backoff.obedient_ms(self._options, retry_after_ms, chance))
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

    @property
    def is_decided(self):
        """Whether the application has decided what comes after CLOSING."""
        return self.state == CLOSING and self._again is not None

    def closed(self, now):
        """CLOSING -> WAITING for no time, or IDLE, as the application decided."""
        self.stop()
        if self._again:
            self.begin(now, 0)

    def stop(self):
        """Any state -> IDLE."""
        self.state = IDLE

    # What happens while OPEN.

    def heard(self, now):
        """Bytes came in: any byte is life."""
        self._heard = now
        self._asked = None

    def pinged(self, now):
        """The ping that `tick` asked for was really written."""
        self._pinging = False
        if self._asked is None:
            self._asked = now

    def hold(self, now):
        """The application is busy with a message: nothing is read, so no answer can be seen."""
        self._held = now

    def release(self, now):
        """Reading goes on; silence is counted as if no time had passed."""
        held = ticks_diff(now, self._held)
        self._held = None
        self._heard = self._heard + held & TICKS_MASK
        if self._asked is not None:  # the ping may have gone out meanwhile
            since = min(held, ticks_diff(now, self._asked))
            self._asked = self._asked + since & TICKS_MASK

    def stuck(self, now):
        """The socket takes no byte (`now`), or it does again (None)."""
        if now is None or self._stuck is None:
            self._stuck = now

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
        state = self.state
        if state == OPEN:
            return self._tick_open(now)
        if state == IDLE or ticks_diff(now, self._since) < self._limit_ms:
            return NOTHING
        return DIAL if state == WAITING else EXPIRED

    def wait_ms(self, now):
        """Ms until `tick` should be called next; None: not before something happens."""
        if self.state == IDLE:
            return None
        if self.state != OPEN:
            return max(0, self._limit_ms - ticks_diff(now, self._since))
        options = self._options
        wait = None
        if not self._proven:
            wait = _sooner(wait, now, self._since, options["min_uptime"])
        if self._stuck is not None:
            wait = _sooner(wait, now, self._stuck, self._stuck_limit())
        if self._held is None:
            if self._asked is not None:
                wait = _sooner(wait, now, self._asked, options["ping_timeout_ms"])
            elif options["ping_interval_ms"] and not self._pinging:
                wait = _sooner(wait, now, self._heard, options["ping_interval_ms"])
        return wait

    def overdue_ms(self, now):
        """For how long the state has outlasted its limit; not positive: it has not."""
        if self.state == IDLE or self.state == OPEN:
            return 0
        return ticks_diff(now, self._since) - self._limit_ms

    def _tick_open(self, now):
        options = self._options
        self.uptime_ms(now)
        self._prove(now)
        if self._stuck is not None and ticks_diff(now, self._stuck) >= self._stuck_limit():
            return SILENT
        if self._held is not None:
            return NOTHING
        if self._asked is not None:
            late = ticks_diff(now, self._asked) >= options["ping_timeout_ms"]
            return SILENT if late else NOTHING
        interval = options["ping_interval_ms"]
        if interval and not self._pinging and ticks_diff(now, self._heard) >= interval:
            self._pinging = True
            return SEND_PING
        return NOTHING

    def _prove(self, now):
        """Reset the growth if the connection has lasted `min_uptime`."""
        if not self._proven and ticks_diff(now, self._since) >= self._options["min_uptime"]:
            self._proven = True
            self.retry_count = 0

    def _stuck_limit(self):
        return self._options["ping_interval_ms"] + self._options["ping_timeout_ms"]

    def _enter(self, state, now, limit_ms):
        self.state = state
        self._since = now
        self._limit_ms = limit_ms

    def _wait(self, now, ms):
        self.delay_ms = ms
        self._enter(WAITING, now, ms)


def _sooner(wait, now, since, limit_ms):
    left = max(0, limit_ms - ticks_diff(now, since))
    return left if wait is None or left < wait else wait
