"""Looks at a socket at each turn of the loop: its states follow one another as they may, and
whatever it does comes to an end in time.
"""

from .clock import clock

SLACK_MS = 60  # looks at a socket that is being connected, polls
CLOSE_MS = 2000  # all that a closing may take
_FED_MS = 1000
# 3 to 2 is close() and then reconnect(), while the connection still closes.
_LEGAL = ((0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (1, 3), (2, 0), (2, 3), (3, 0), (3, 2))


class Pace:
    def __init__(self, world, ws, judge):
        self._world = world
        self._ws = ws
        self._judge = judge
        self._state = ws.ready_state
        self._since = clock.now()
        self._not_before = None  # (ms of the next attempt at the earliest, orders)
        self._attempt_due = None  # after reconnect(): (attempts then, ms)
        self._busy_at = 0  # when the application last kept the driver from going on
        self._fed_at = clock.now()

    # What the judge tells.

    def on_attempt(self, orders):
        wait, self._not_before = self._not_before, None
        self._since = clock.now()
        link = self._world.link
        if link is not None:
            self._expect(link.is_or_was_up(), "it dials while the network below is down")
            if link.was_down:
                wait = None
            link.was_down = not link.is_up()
        if wait is not None and wait[1] == orders:
            self._expect(clock.now() >= wait[0], "it dials before its time")

    def on_order(self, is_reconnect, attempts):
        self._attempt_due = None
        if is_reconnect:
            self._attempt_due = (attempts, clock.now() + CLOSE_MS + SLACK_MS)
            self._busy_at = clock.now()

    def on_settled(self):
        """The last order has had its end: an attempt, or the network below failed."""
        self._attempt_due = None

    def wait_until(self, ms, orders):
        self._not_before = (ms, orders)

    def on_block(self, ms):
        """Everything stood still."""
        self._since += ms
        self._busy_at = self._fed_at = clock.now()
        if self._attempt_due is not None:
            self._attempt_due = (self._attempt_due[0], self._attempt_due[1] + ms)

    def on_fed(self):
        self._fed_at = clock.now()

    # All along.

    def _expect(self, is_so, what):
        if not is_so:
            self._world.fail(what)

    def on_turn(self):
        world = self._world
        now = clock.now()
        state = self._ws.ready_state
        if world.handlers_busy:
            self._busy_at = now
        if world.link is not None and not world.link.is_up():
            self._busy_at = now
        if state != self._state:
            steps = (self._state, state)
            self._expect(steps in _LEGAL, "from state %d to %d" % steps)
            self._state = state
            self._since = now
        quiet = now - max(self._since, self._busy_at)
        if state == 0:
            limit = world.dial_limit_ms + SLACK_MS
            self._expect(quiet <= limit, "a dial of %d ms" % (now - self._since))
        elif state == 1:
            self._check_silence(now, quiet)
        elif state == 2:
            self._expect(quiet <= CLOSE_MS + SLACK_MS, "a closing of %d ms" % quiet)
        self._check_orders(now)
        if world.options["watchdog"] is not None and not self._is_over():
            self._expect(now - self._fed_at <= _FED_MS + SLACK_MS, "a watchdog that starves")
        else:
            self._fed_at = now

    def _is_over(self):
        return self._judge.is_closed or self._judge.is_resting

    def _check_silence(self, now, quiet):
        world = self._world
        interval = world.options["ping_interval_ms"]
        peer = world.network.last()
        if not interval or world.reads_slowly or peer is None:
            return
        silent = min(quiet, now - peer.given_at)
        timeout = world.options["ping_timeout_ms"]
        limit = interval + timeout + SLACK_MS
        if peer.window is not None:  # the ping itself may be stuck
            limit += interval + limit
        self._expect(silent <= limit, "a silence of %d ms" % silent)

    def _check_orders(self, now):
        due = self._attempt_due
        if due is None:
            return
        if self._judge.attempts > due[0]:
            self._attempt_due = None
        elif now > due[1]:
            late = now - self._busy_at > CLOSE_MS + self._world.spread_ms + SLACK_MS
            self._expect(not late, "reconnect() began no attempt")
