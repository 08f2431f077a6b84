"""Watches one socket: which events it may have, in which order, and why. At each turn of the loop
it checks that the states follow each other as they may, and that everything ends in time.
"""

from .clock import clock

# For looks at a socket that is being connected, and for polls.
SLACK_MS = 60
# For a whole closing.
CLOSE_MS = 2000
_FED_MS = 1000
_FLOOR_MS = 100
_TYPES = ("error", "close", "reconnecting", "giveup", "open", "discard")
_ERROR_CODES = (1002, 1003, 1006, 1007, 1008, 1009, 1011)
# 3 to 2 is close() and then reconnect(), while the connection still closes.
_LEGAL = ((0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (1, 3), (2, 0), (2, 3), (3, 0), (3, 2))


class Judge:
    """The first listener of each event. The world tells it what it does."""

    def __init__(self, world):
        self.world = world
        self.ws = None
        self.told_discards = self.closes = self.opens = self.attempts = self.given_up = 0
        # close() and reconnect() of the application.
        self.orders = 0
        # The last one was close().
        self.is_closed = False
        # An end now has a close event, because the transport was asked for.
        self.is_dialed = False
        # Between open and close.
        self.is_up = False
        # It has given up, or not begun.
        self.is_resting = False
        # The predicate has said no.
        self.may_give_up = False
        # Why an attempt may fail before it has a connection.
        self.blame = ""
        # The last event.
        self._last = ""
        # (types, one of which is the next event in this turn, orders until then)
        self._owed = None
        # Inside close() or reconnect(): the code, if there must be an event.
        self._ordered = None
        # By an order while the connection was closing, or by the predicate.
        self._is_decided = False
        # The orders when the last error came.
        self._error_orders = 0
        # (the earliest ms of the next attempt, orders).
        self._not_before = None
        # After reconnect(): (attempts then, ms).
        self._attempt_due = None
        self._state = 3
        # When the state was entered, and when the watchdog was fed.
        self._since = self._fed_at = 0
        # When the application last kept the driver from running.
        self._busy_at = 0

    def watch(self, ws):
        self.ws = ws
        self._state = ws.ready_state
        self._since = self._fed_at = clock.now()
        for name in _TYPES:
            ws.add_event_listener(name, self.hear)
        if self.world.hears:
            ws.add_event_listener("message", self.hear)

    def expect(self, is_so, what):
        if not is_so:
            self.world.fail(what)

    # Calls by the world.

    def on_attempt(self):
        """The providers are called."""
        self.is_dialed = self._is_decided = False
        self.blame = ""
        self.world.network.current = None
        self.attempts += 1
        wait, self._not_before = self._not_before, None
        self._since = clock.now()
        link = self.world.link
        if link is not None:
            self.expect(link.is_or_was_up(), "it dials while the network below is down")
            if link.was_down:
                wait = None
            link.was_down = not link.is_up()
        if wait is not None and wait[1] == self.orders:
            self.expect(clock.now() >= wait[0], "it dials before its time")

    def on_dial(self):
        """The transport is asked for."""
        if not self.world.asks:
            self.on_attempt()
        self.is_dialed = True

    def on_block(self, ms):
        """Nothing ran for `ms`."""
        self._since += ms
        self._busy_at = self._fed_at = clock.now()
        if self._attempt_due is not None:
            self._attempt_due = (self._attempt_due[0], self._attempt_due[1] + ms)

    def on_fed(self):
        self._fed_at = clock.now()

    def order(self, is_reconnect, code, act):
        """The application calls close() or reconnect()."""
        state = self.ws.ready_state
        had = state == 1 or (state == 0 and self.is_dialed)
        self._is_decided = self._is_decided or state == 2
        closes = self.closes
        attempts = self.attempts
        self.orders += 1
        orders = self.orders
        self.is_closed = not is_reconnect
        self.is_resting = self.is_resting and not is_reconnect
        self._ordered = code if had else None
        act()
        self._ordered = None
        self.expect(self.closes - closes == had, "close events inside the call: not %d" % had)
        # A handler gave another order.
        if orders != self.orders:
            return
        self._attempt_due = None
        if is_reconnect:
            self._attempt_due = (attempts, clock.now() + CLOSE_MS + SLACK_MS)
            self._busy_at = clock.now()
        else:
            self.expect(self.ws.ready_state == 3, "close() leaves another state than 3")

    def on_predicate(self, orders):
        """The predicate was called, after so many orders."""
        self._is_decided = self._is_decided or orders != self.orders

    # Events.

    def hear(self, event):
        name = event.type
        self.world.note("event: " + name)
        self.expect(event.target is self.ws, "a strange target")
        owed, self._owed = self._owed, None
        if owed is not None and owed[1] == self.orders:
            self.expect(name in owed[0], "%s where one of %s is due" % (name, owed[0]))
        if self.is_closed:
            self.expect(name in ("close", "error", "discard"), name + " after close()")
        if name == "open":
            self._on_open(event)
        elif name == "message":
            self._on_message(event)
        elif name == "error":
            self._on_error(event)
        elif name == "close":
            self._on_close(event)
        elif name == "reconnecting":
            self._on_reconnecting(event)
        elif name == "giveup":
            self._on_giveup()
        else:
            self._on_discard(event)
        self._last = name

    def _on_open(self, event):
        self.expect(self.ws.ready_state == 1, "open in another state than 1")
        self.expect(not self.is_up, "open twice without a close")
        self.expect(event.reconnected == (self.opens > 0), "reconnected is wrong")
        self.opens += 1
        self.is_up = self.is_dialed = True
        self.blame = ""
        peer = self.world.network.last()
        self.expect(peer.answered, "open without a 101")
        self.expect(self.world.options["hello"] is None or peer.greeted, "open before hello")

    def _on_message(self, event):
        self.expect(self.is_up, "a message outside a connection")
        self.expect(self.ws.ready_state in (1, 2), "a message in state 0 or 3")
        self.world.ledger.heard(event.data, 0, False)

    def _on_error(self, event):
        self.expect(self.ws.ready_state in (0, 3), "an error before what comes next is settled")
        peer = self.world.network.current
        blame = self.blame or (peer.blame if peer is not None else "")
        if not blame and event.message == "TIMEOUT":
            blame = self.world.hurry
        self.world.note("error: %s (%s)" % (type(event.error).__name__, blame))
        self.expect(blame, "an error out of nothing: %r" % (event.error,))
        self._error_orders = self.orders
        if self.is_dialed:
            self._owed = (("close",), self.orders)
        else:
            self._owe_next()

    def _owe_next(self):
        if not self._is_decided and not self.is_closed:
            self._owed = (("reconnecting", "giveup"), self.orders)

    def _on_close(self, event):
        self.closes += 1
        self.world.note("close: %s %s" % (event.code, event.was_clean))
        self.expect(self.is_dialed, "a close event without a connection")
        if self._ordered is not None:
            self.expect(event.code == self._ordered and event.was_clean, "not the given code")
            self._ordered = None
        else:
            self._on_end(event)
            if event.error is None or self._error_orders == self.orders:
                self._owe_next()
        self.is_up = self.is_dialed = self._is_decided = False

    def _on_end(self, event):
        """A close event that the application did not cause."""
        self.expect(self.ws.ready_state == 3, "a close before what comes next is settled")
        if event.error is not None:
            self.expect(self._last == "error", "no error event before this close")
            self.expect(event.code in _ERROR_CODES and not event.was_clean, "a clean error")
            return
        peer = self.world.network.last()
        self.expect(event.was_clean and event.code == peer.sent_close, "not the peer's code")
        if self.world.hears and not peer.blame:
            self.expect(peer.heard[0] >= peer.said_before_close, "the last words were not heard")

    def _on_reconnecting(self, event):
        options = self.world.options
        self.is_dialed = False
        minimum = options["min_reconnection_delay"]
        ceiling = minimum if isinstance(minimum, int) else minimum[1]
        ceiling = max(_FLOOR_MS, ceiling, options["max_reconnection_delay"] * 10)
        self.expect(0 <= event.delay_ms <= ceiling, "a wait of %d ms" % event.delay_ms)
        if options["jitter"] != "none":
            self.expect(event.delay_ms >= _FLOOR_MS, "a wait of %d ms" % event.delay_ms)
        self.expect(event.retry_count == self.ws.retry_count >= 1, "another retry_count")
        most = options["max_retries"]
        self.expect(most is None or event.retry_count <= most, "more tries than max_retries")
        self._attempt_due = None
        self._not_before = (clock.now() + event.delay_ms, self.orders)

    def _on_giveup(self):
        self.is_dialed = False
        self.given_up += 1
        self.is_resting = True
        self._attempt_due = None
        most = self.world.options["max_retries"]
        is_used_up = most is not None and self.ws.retry_count >= most
        self.expect(is_used_up or self.may_give_up, "giveup without a reason")
        self.expect(self.ws.ready_state == 3, "giveup in another state than 3")

    def _on_discard(self, event):
        self.expect(event.count > 0, "discard of nothing")
        self.told_discards += event.count
        self.expect(self.told_discards <= self.ws.stats()["discarded"], "discards told twice")

    # Checks at each turn.

    def on_turn(self):
        if self.ws is None:
            return
        owed, self._owed = self._owed, None
        if owed is not None and owed[1] == self.orders:
            self.world.fail("none of %s followed" % (owed[0],))
        world = self.world
        now = clock.now()
        state = self.ws.ready_state
        if world.handlers_busy or (world.link is not None and not world.link.is_up()):
            self._busy_at = now
        if state != self._state:
            steps = (self._state, state)
            self.expect(steps in _LEGAL, "from state %d to %d" % steps)
            self._state = state
            self._since = now
        quiet = now - max(self._since, self._busy_at)
        if state == 0:
            peer = world.network.current
            is_taken = peer is not None and peer.is_open and peer.is_taken
            has_longer = is_taken and self.ws.retry_count > 1
            limit = (world.turn_limit_ms if has_longer else world.dial_limit_ms) + SLACK_MS
            self.expect(quiet <= limit, "a dial of %d ms" % (now - self._since))
        elif state == 1:
            self._check_silence(now, quiet)
        elif state == 2:
            self.expect(quiet <= CLOSE_MS + SLACK_MS, "a closing of %d ms" % quiet)
        self._check_orders(now)
        if world.options["watchdog"] is None or self.is_closed or self.is_resting:
            self._fed_at = now
        self.expect(now - self._fed_at <= _FED_MS + SLACK_MS, "a watchdog that starves")

    def _check_silence(self, now, quiet):
        world = self.world
        interval = world.options["ping_interval_ms"]
        peer = world.network.last()
        if not interval or world.reads_slowly or peer is None:
            return
        silent = min(quiet, now - peer.given_at)
        limit = interval + world.options["ping_timeout_ms"] + SLACK_MS
        # The ping itself may be stuck.
        if peer.window is not None:
            limit += interval + limit
        self.expect(silent <= limit, "a silence of %d ms" % silent)

    def _check_orders(self, now):
        due = self._attempt_due
        if due is None:
            return
        if self.attempts > due[0]:
            self._attempt_due = None
        elif now > due[1]:
            late = now - self._busy_at > CLOSE_MS + self.world.spread_ms + SLACK_MS
            self.expect(not late, "reconnect() began no attempt")
