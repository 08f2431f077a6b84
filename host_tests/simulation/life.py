"""One seed: a socket with random options lives through faults, and then in a world without
faults.
"""

import binascii
import sys

from .clock import clock
from .draws import Draws
from .judge import Judge
from .ledger import Ledger
from .network import Network
from .surroundings import HOST, draw_options, make_socket
from .user import User

# Of the library's ticks.
_WRAP = 1 << 29
_GAPS_MS = (0, 0, 1, 1, 5, 20, 100, 100, 1000, 3000, 12000)
# The longest time of the user's handlers and tasks that are running.
_BUSY_MS = 30_000
# The most turns of the loop before it is ended.
_MOST_TURNS = 1500
# The library can't handle this yet: a handler whose task is cancelled at the loop's end before it
# began.
_UNBEGUN = "coroutine 'User._handle' was never awaited"


class Broken(AssertionError):
    """A check failed."""


class Ended(Exception):
    """The loop is ended at this turn."""


class Life:
    """The world that all parts of one seed share."""

    host = HOST

    def __init__(self, seed, tells=False):
        from partysocket import DEVICE, PARTYSOCKET, Error, QueueFull
        from partysocket.base import net as platform

        self.trace = []
        # Print the trace.
        self._tells = tells
        self.failures = []
        # Open sockets.
        self.open_now = 0
        self.handlers_busy = 0
        # (when, ms): nothing ran.
        self.blocks = []
        self.link = None
        # A provider is called in each attempt.
        self.asks = False
        self.error = Error
        self.queue_full = QueueFull
        self._draws = draws = Draws(seed)
        platform.urandom = Draws(seed + 1).bytes
        self.judge = Judge(self)
        self.ledger = Ledger(self)
        self.network = Network(self, Draws(seed + 2))
        self.user = User(self, Draws(seed + 3))
        # How messages are received: by handlers, by readers, by both, or not at all.
        how = draws.one_of(("handlers", "handlers", "readers", "readers", "both", "nothing"))
        self.hears = how in ("handlers", "both")
        self.reads = how in ("readers", "both")
        self.reads_slowly = self.reads
        self.options, self._providers = draw_options(
            self, draws, draws.one_of((DEVICE, PARTYSOCKET))
        )
        options = self.options
        self.ledger.resends = options["resend"] is not None
        timeout = options["connection_timeout"]
        first, last = (timeout, timeout) if isinstance(timeout, int) else timeout
        self.hurry = "a short timeout" if first <= 4000 else ""
        self.spread_ms = options["initial_spread_ms"]
        self.dial_limit_ms = last + self.spread_ms
        # The limit after the server has accepted the connection, from the second failure on.
        self.turn_limit_ms = self.dial_limit_ms + (0 if isinstance(timeout, int) else 5 * last)
        self.steps = draws.between(20, 120)
        # One in five lives ends its loop on the way. On MicroPython this is not checked.
        self._turns_left = draws.between(1, _MOST_TURNS) if draws.odds(20) else -1
        if sys.implementation.name != "cpython":
            self._turns_left = -1
        self.begins_at = 1_000_000
        if draws.odds(30):
            self.begins_at = _WRAP - draws.one_of((10, 3000, 60000))

    # Calls between the parts.

    def note(self, text):
        self.trace.append("%8d %s" % (clock.now(), text))
        if self._tells:
            print(self.trace[-1])

    def fail(self, what):
        self.note("BROKEN: " + what)
        self.failures.append(what)

    def block(self, ms):
        clock.block(ms)
        self.blocks.append((clock.now(), ms))
        self.judge.on_block(ms)

    def blocked_since(self, ms):
        return sum([long for when, long in self.blocks if when >= ms])

    def on_turn(self):
        self.judge.on_turn()
        if self.failures:
            raise Broken(self.failures[0])
        self._turns_left -= 1
        if not self._turns_left:
            raise Ended()

    # The life.

    def run(self):
        """Returns a hash of all that happened."""
        try:
            clock.run(self._live, self.begins_at, self.on_turn, self._turns_left > 0)
        except Ended:
            self.note("the loop is ended")
        left = [text for text in clock.left_behind() if text != _UNBEGUN]
        if self.open_now:
            left.append("a socket")
        if left:
            self.fail("left behind: %s" % left)
        if self.failures:
            raise Broken(self.failures[0])
        return binascii.crc32("\n".join(self.trace).encode())

    async def _live(self):
        ws = self.user.ws = make_socket(self, self._draws, self.options, self._providers)
        self.judge.is_resting = self.options["start_closed"]
        self.judge.watch(ws)
        for name in ("open", "close", "error", "reconnecting", "discard", "giveup"):
            ws.add_event_listener(name, self.user.on_event)
        if self.hears:
            ws.add_event_listener("message", self.user.on_event)
        if self._draws.odds(30):
            ws.binary_type = "memoryview"
        for _ in range(self.steps):
            await clock.sleep(self._draws.one_of(_GAPS_MS))
            kind = self._draws.below(20)
            if kind < 9:
                self.network.fault()
            elif kind == 9 and self.link is not None:
                self.link.set(not self.link.is_up())
                self.note("link: %s" % self.link.is_up())
            else:
                self.user.act()
            most = 8 + self.handlers_busy + 2 * len(self.user.tasks)
            self.judge.expect(clock.own_tasks() <= most, "%d tasks" % clock.own_tasks())
        await self._heal(ws)
        await self._end(ws)
        self._check_buffers()

    def _check_buffers(self):
        """Check that no transport got a view that is larger than the options allow."""
        options = self.options
        room = max(options["receive_bytes"], options["max_message_bytes"]) + 16
        # A request, or a piece of a long message.
        offered = max(options["queue_bytes"], 2048)
        for peer in self.network.peers:
            self.judge.expect(peer.most_room <= room, "room for %d bytes" % peer.most_room)
            self.judge.expect(peer.most_offered <= offered, "%d to send" % peer.most_offered)

    async def _heal(self, ws):
        """There are no faults any more: the socket must come back, and deliver."""
        self.note("healed")
        expect = self.judge.expect
        self.network.heal()
        if self.link is not None:
            self.link.set(True)
        self.user.cancel_all()
        self.user.read_on()
        given_up = self.judge.given_up
        options = self.options
        minimum = options["min_reconnection_delay"]
        longest = minimum if isinstance(minimum, int) else minimum[1]
        longest = max(longest, options["max_reconnection_delay"] * 10)
        alive = 2 * (options["ping_interval_ms"] + options["ping_timeout_ms"])
        due = clock.now() + longest + self.turn_limit_ms + alive + _BUSY_MS
        while clock.now() < due and not self._is_well(ws):
            await clock.sleep(500)
        if self.judge.is_closed or self.judge.is_resting or self.judge.given_up > given_up:
            self.judge.order(True, 1000, ws.reconnect)
            self.user.read_on()
            bound = 2000 + alive + _BUSY_MS
            expect(await ws.wait_open(bound), "it does not come back after reconnect()")
        expect(ws.ready_state == 1, "it did not come back")
        await clock.sleep(1000)
        expect(ws.buffered_amount == 0, "it does not send what waits")
        clock.spawn(self.user.flush(10_000))
        await clock.sleep(1)
        self.ledger.send(ws, True, 0, self.queue_full)
        await clock.sleep(1)
        expect(ws.buffered_amount == 0, "what is sent while a ping is under way waits")
        # Something may have been lost before.
        if not await self.user.flush(10_000):
            expect(await self.user.flush(10_000), "flush() is False in a world that is well")
        peer = self.network.last()
        expect(peer.is_alive() and self.open_now == 1, "no socket is open")
        heard = max(self.ledger.heard_last)
        peer.say(self.network.burst(peer))
        await clock.sleep(10_000)
        if self.hears or self.reads:
            expect(max(self.ledger.heard_last) > heard, "it does not hear any more")
        expect(ws.ready_state == 1, "it did not stay")

    def _is_well(self, ws):
        peer = self.network.current
        is_open = ws.ready_state == 1 and peer.is_alive() and peer.sent_close is None
        is_open = is_open and not peer.blame
        is_busy = self.handlers_busy or self.user.is_chunking
        return is_open and not is_busy and ws.buffered_amount == 0

    async def _end(self, ws):
        expect = self.judge.expect
        at = clock.now()
        peer = self.network.last()
        self.judge.order(False, 1000, ws.close)
        await ws.wait_closed()
        expect(clock.now() - at < 2000 and peer.got_close, "the Close does not go out")
        expect(not self.open_now, "a socket is open after wait_closed()")
        tasks = clock.own_tasks()
        expect(not tasks, "%d tasks after wait_closed()" % tasks)
        attempts = self.judge.attempts
        await clock.sleep(100_000)
        expect(attempts == self.judge.attempts, "it dials after its end")
        waiting = [task for task in self.user.tasks if not task.done()]
        expect(not waiting, "%d of the user's tasks wait for ever" % len(waiting))
        self.ledger.close_books(ws)
        stats = ws.stats()
        expect(self.judge.told_discards == stats["discarded"], "not all discards were told")
        expect(self.judge.opens == stats["opens"], "opens: %d" % stats["opens"])
        expect(self.judge.attempts <= stats["attempts"], "attempts: %d" % stats["attempts"])
        expect(self.judge.opens <= self.judge.closes, "an open without its close")
