"""One life on MicroPython that wants for memory at chosen points: see weather.py.

The script takes a socket through all that it does. Each stage begins on an open connection over
which a message has passed each way, however often the socket had to dial for that. What the
application calls may raise MemoryError while there is none; called again, it works.
"""

from parity.servers import Plan, Servers

from . import weather
from .clock import clock
from .peer import BINARY, CLOSE, END, PING, TEXT, Peer, frame

PLAIN = "plain"  # as few options as may be; no keepalive, so nothing but the driver sees an end
RICH = "rich"  # async providers and handlers, keepalive, resend, watchdog, debug

_BEGINS_AT = 1_000_000  # ticks
_BACK_MS = 120_000  # in which a socket has to be back; the longest back-off is 4 s
_MOST_TURNS = 3000  # of the loop without time passing
_LYING_MS = 3000  # ready_state 1 without a socket
_DIAL_MS = 3000  # ready_state 0, whose limit is 300 ms
_CLOSE_MS = 4000  # ready_state 2, whose limit is 2 s
_MORE_DIALS = 30  # than without weather, in one life
_LONG = 700  # bytes of a message beyond the receive buffer
_WAITS_MS = 20_000  # any call that waits


class Broken(AssertionError):
    """Something did not hold."""


class Storm(Servers):
    """One life. What happens is printed if it `tells`: to keep it would take memory."""

    def __init__(self, kind, tells=False):
        super().__init__([], lambda: "")
        self.kind = kind
        self.tells = tells
        self.opens = self.closes = 0  # events
        self.errors = []
        self.raised = 0  # MemoryErrors that the application's own calls raised
        self.wants = True  # to be open
        self._plans = []
        self._said = {}  # texts that servers said: their number
        self._heard = set()
        self._number = 0
        self._turns = 0
        self._turned_at = 0
        self._state = 3
        self._since = 0

    # What the library meets.

    def _transport(self):
        plan = Plan(self._plans.pop(0) if self._plans else {}, self)
        peer = Peer(self, plan)
        peer.sent = []
        self.peers.append(peer)
        self.note("dial %d" % len(self.peers))
        return weather.Transport(peer)

    def fail(self, what):
        raise Broken(what)

    def note(self, text):
        if self.tells:
            print("%7d %4d %s" % (clock.now(), weather.points(), text))

    def taken(self, peer, opcode, data, is_chunked):
        super().taken(peer, opcode, data, is_chunked)
        self.note("server got %d bytes" % len(data))

    def _expect(self, is_so, what):
        if not is_so:
            self.fail(what)

    def _hear(self, event):
        if event.type == "open":
            self.opens += 1
        elif event.type == "close":
            self.closes += 1
        elif event.type == "error":
            self.errors.append(repr(event.error))
            self.note(self.errors[-1])
        self.note(event.type)

    def _hear_message(self, event):
        data = event.data
        data = data if isinstance(data, str) else bytes(data).decode()
        self._expect(data in self._said, "a message that nobody said: %r" % data[:40])
        self._heard.add(data)
        self.note("heard %s" % data[:12])

    async def _hear_slowly(self, event):
        self._hear_message(event)
        await clock.sleep(2)

    async def _give_url(self):
        await clock.sleep(1)
        return "ws://server/path"

    async def _give_headers(self):
        return {"Authorization": "x"}

    def _make(self):
        from partysocket import WebSocket

        options = {
            "transport": weather.outside(self._transport),
            "jitter": "none",
            "min_reconnection_delay": 500,
            "max_reconnection_delay": 4000,
            "connection_timeout": 300,
            "ping_interval_ms": 0,
            "debug_logger": weather.outside(self.note),
            "queue_bytes": 1024,
            "receive_bytes": 400,
        }
        if self.kind == PLAIN:
            ws = WebSocket("ws://server/path", **options)
            hear = self._hear_message
        else:
            options["ping_interval_ms"] = 2000
            options["ping_timeout_ms"] = 1000
            options["headers"] = weather.outside(self._give_headers)
            options["hello"] = weather.outside(lambda: "hello")
            options["resend"] = "unconfirmed"
            options["watchdog"] = weather.outside(lambda: None)
            options["should_reconnect_on_close"] = weather.outside(lambda event: True)
            options["debug"] = True
            ws = WebSocket(weather.outside(self._give_url), **options)
            hear = self._hear_slowly
        for name in ("open", "close", "error", "reconnecting", "discard", "giveup"):
            ws.add_event_listener(name, weather.outside(self._hear))
        ws.add_event_listener("message", weather.outside(hear))
        return ws

    # What must hold at each turn of the loop.

    def on_turn(self):
        weather.turn()
        now = clock.now()
        self._turns += 1
        if now != self._turned_at:
            self._turns = 0
            self._turned_at = now
        self._expect(self._turns < _MOST_TURNS, "it spins: %d turns at one moment" % self._turns)
        if not self.sockets:
            return
        state = self.sockets[0].ready_state
        if state != self._state or (state == 1 and self.open_now) or weather.is_bad():
            self._state = state
            self._since = now
        limit = {0: _DIAL_MS, 1: _LYING_MS, 2: _CLOSE_MS, 3: _BACK_MS}[state]
        if state == 3 and not self.wants:
            return
        self._expect(
            now - self._since <= limit,
            "ready_state %d for %d ms, with %d sockets"
            % (state, now - self._since, self.open_now),
        )

    # What the application does.

    sockets = ()

    @property
    def peer(self):
        return self.peers[-1]

    def _again(self, call, f, *given):
        """Call it; if that wants for memory, once more, when there is some."""
        for _ in range(500):
            try:
                return call(f, *given)
            except MemoryError:
                self.raised += 1
                self.note("that call raised MemoryError")
        self.fail("a call raises MemoryError again and again")

    def _send(self, data):
        self._again(weather.call1, self.ws.send, data)

    def _order(self, name):
        """close or reconnect."""
        self.note(name)
        self.wants = name == "reconnect"
        self._again(weather.call, getattr(self.ws, name))

    async def _awaited(self, name, *given):
        """Await a method of the socket; it has to come to an end, and may want for memory."""
        for _ in range(500):
            task = clock.spawn(self._await(name, given))
            until = clock.now() + _WAITS_MS
            while not task.done():
                self._expect(clock.now() < until, name + "() waits for ever")
                await clock.sleep(5)
            result = await task
            if result is not MemoryError:
                return result
            self.raised += 1
        self.fail(name + "() raises MemoryError again and again")

    async def _await(self, name, given):
        try:
            return await weather.steps(getattr(self.ws, name)(*given))
        except MemoryError:
            return MemoryError

    async def _open(self, what):
        until = clock.now() + _BACK_MS
        while self.ws.ready_state != 1 or not self.peers or not self.peer.is_alive():
            self._expect(clock.now() < until, "it is not open again " + what)
            await clock.sleep(10)

    async def _exchange(self, what, size=0):
        """A message each way, over whichever connection there is."""
        until = clock.now() + _BACK_MS
        while True:
            await self._open(what)
            peer = self.peer
            self._number += 1
            text = "%d:" % self._number + "x" * size
            self._said[text] = self._number
            self._send(text)
            peer.say(frame(TEXT if self._number % 2 else BINARY, text.encode()))
            for _ in range(100):
                await clock.sleep(5)
                if text in self._heard and self._has_taken(text):
                    return
                if not peer.is_alive():
                    break
            self._expect(clock.now() < until, "nothing passes any more " + what)

    def _has_taken(self, text):
        return any([data == text for peer in self.peers for _, data in peer.sent])

    # The script.

    async def _live(self):
        self.ws = self._make()
        self.sockets = (self.ws,)
        for name, stage in _STAGES:
            self.note("--- " + name)
            await self._exchange("before " + name)
            await stage(self)
        await self._exchange("after all of it")
        weather.clear()
        await self._be_well()
        await self._end()

    async def _talk(self):
        await self._exchange("with a long message", _LONG)
        self._send(b"binary")
        peer = self.peer
        peer.pings.append(b"p")
        peer.say(frame(PING, b"p"))
        for _ in range(_CLOSE_MS // 50):  # a writer that fails leaves time to read what is there
            await clock.sleep(50)
            if not peer.pings or not peer.is_alive():
                return
        self.fail("a ping is not answered")

    async def _flush(self):
        self._send("flushed")
        await self._awaited("flush", 1000)

    async def _be_closed(self):
        self.peer.sent_close = 1001
        self.peer.say(frame(CLOSE, b"\x03\xe9gone"))
        await clock.sleep(50)

    async def _lose(self):
        self.peer.reset(OSError(104, "ECONNRESET"))
        await clock.sleep(50)

    async def _finish(self):
        self.peer.say(END)
        await clock.sleep(50)

    async def _break(self):
        """The peer breaks the protocol."""
        self.peer.say(frame(3))
        await clock.sleep(50)

    async def _refuse(self):
        self._plans.append({"refuse": 1})
        self._plans.append({"refuse": 1, "status": 503})
        await self._lose()
        await clock.sleep(1200)

    async def _hang(self):
        """A dial that its deadline ends."""
        self._plans.append({"hangs": True})
        await self._lose()
        await clock.sleep(1200)

    async def _silence(self):
        """A half-open link: only the keepalive sees it."""
        if self.kind == RICH:
            self.peer.mute = True
            await clock.sleep(4000)

    async def _fill(self):
        """A full ring, while nothing is open."""
        await self._lose()
        for n in range(15):
            self._send(b"%100d" % n)
        await clock.sleep(50)

    async def _reconnect(self):
        self._order("reconnect")
        await clock.sleep(50)

    async def _reconnect_at_once(self):
        """In a back-off, and in a dial."""
        await self._lose()
        self._order("reconnect")
        self._plans.append({"hangs": True})
        await clock.sleep(50)
        self._order("reconnect")
        await clock.sleep(50)

    async def _close(self):
        self._order("close")
        await self._awaited("wait_closed")
        self._expect(self.ws.ready_state == 3 and not self.open_now, "it is not closed")
        self._order("reconnect")

    async def _close_in_backoff(self):
        await self._lose()
        self._order("close")
        await self._awaited("wait_closed")
        self._order("reconnect")

    # The end.

    async def _be_well(self):
        """There is memory again."""
        await self._exchange("now that there is memory")
        await clock.sleep(10_000)
        self._expect(self.ws.ready_state == 1, "it does not stay open")
        self._expect(self.opens > 0, "it is open, and no `open` was told")
        for _ in range(2):  # something may have been lost before
            self._send("last")
            if await self._awaited("flush", 2000):
                break
        else:
            self.fail("flush() is False in a world that is well")
        dials = len(self.peers)
        self._order("reconnect")
        await clock.sleep(100)
        await self._exchange("after reconnect()")
        self._expect(len(self.peers) == dials + 1, "reconnect() dialled not once")

    async def _end(self):
        self._order("close")
        self._expect(self.ws.ready_state == 3, "ready_state after close()")
        await self._awaited("wait_closed")
        await clock.sleep(100)
        self._expect(not self.open_now, "a socket is open after wait_closed()")
        self._expect(not weather.alive(), "%d tasks after wait_closed()" % weather.alive())
        dials = len(self.peers)
        await clock.sleep(100_000)
        self._expect(len(self.peers) == dials, "it dials after its end")

    def run(self, first=-1, span=1, free=weather.LOCKED):
        """Live, with the points from `first` on wanting for memory."""
        weather.begin(first, span, free)
        try:
            clock.run(self._live, _BEGINS_AT, self.on_turn)
        finally:
            weather.clear()
            weather.tidy()
        left = clock.left_behind()
        self._expect(not left, "left behind: %s" % left)
        self._expect(not self.faults, "the driver: %s" % self.faults)


_STAGES = (
    ("messages", Storm._talk),
    ("flush()", Storm._flush),
    ("the peer's Close", Storm._be_closed),
    ("a reset", Storm._lose),
    ("a FIN", Storm._finish),
    ("a broken frame", Storm._break),
    ("refusals", Storm._refuse),
    ("a dial that hangs", Storm._hang),
    ("silence", Storm._silence),
    ("a full ring", Storm._fill),
    ("reconnect()", Storm._reconnect),
    ("reconnect() in a back-off and in a dial", Storm._reconnect_at_once),
    ("close()", Storm._close),
    ("close() in a back-off", Storm._close_in_backoff),
)


def judged(kind, first, span, free, calm, tells=False):
    """One such life; what did not hold, or "". `calm`: the same life without weather."""
    storm = Storm(kind, tells)
    try:
        storm.run(first, span, free)
        if free >= weather.LOCKED:
            _compare(storm, calm)
    except (Exception, SystemExit) as e:
        return "%s: %s" % (type(e).__name__, e)
    return ""


def _compare(storm, calm):
    """A connection that was lost for want of memory is told as such, once it can be. Without
    memory MicroPython has one exception for all, which changes when another is raised: who kept
    it tells StopIteration.
    """
    more = len(storm.peers) - len(calm.peers)
    storm._expect(more <= _MORE_DIALS, "%d dials more than without" % more)
    told = [text for text in storm.errors if "emory" in text]
    storm._expect(
        more <= storm.raised or told,
        "%d more dials than without, and no error tells of memory; all that were told: %s"
        % (more, storm.errors),
    )
