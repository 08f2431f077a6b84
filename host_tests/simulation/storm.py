"""One life that wants for memory at chosen points: see weather.py.

The script takes a socket through all that it does. Each stage begins on an open connection over
which a message has passed each way, however often the socket had to dial for that. What the
application calls may raise MemoryError while there is none; called again, it works.
"""

from api.world import OPEN, REFUSE, World

from . import weather
from .clock import clock
from .peer import BINARY, TEXT, frame

PLAIN = "plain"  # as few options as may be; no keepalive, so nothing but the driver sees an end
RICH = "rich"  # async providers and handlers, keepalive, resend, watchdog, debug

_BEGINS_AT = 1_000_000  # ticks
_BACK_MS = 120_000  # in which a socket has to be back; the longest back-off is 4 s
# How long each ready_state may last: the limit of a dial is 300 ms, of a Close 2 s; and 1 counts
# only while there is no socket.
_LIMITS_MS = (3000, 3000, 4000, _BACK_MS)
_MORE_DIALS = 30  # than without weather, in one life
_LONG = 700  # bytes of a message beyond the receive buffer
_WAITS_MS = 20_000  # any call that waits


class Broken(AssertionError):
    """Something did not hold."""


def expect(is_so, what):
    if not is_so:
        raise Broken(what)


class Below:
    """The network below, which is up."""

    def is_up(self):
        return weather.outside(lambda: True)()

    async def wait_up(self):
        pass


class Storm(World):
    """One life. What happens is printed if it `tells`: to keep it would take memory."""

    def __init__(self, kind, tells=False):
        super().__init__()
        self.is_rich = kind == RICH
        self.opens = 0  # events
        self.errors = []
        self.raised = 0  # MemoryErrors that the application's own calls raised
        self.wants = True  # to be open
        self._tells = tells
        self._said = {}  # texts that servers said
        self._heard = {}
        self._state = 3
        self._since = 0

    # What the library meets.

    def transport(self):
        peer = super().transport()
        self.note("dial %d" % len(self.peers))
        return weather.Transport(peer)

    def note(self, text):
        if self._tells:
            print("%7d %4d %s" % (clock.now(), weather.points(), text))

    def taken(self, peer, opcode, data, is_chunked):
        super().taken(peer, opcode, data, is_chunked)
        self.note("server got %d bytes" % len(data))

    def _hear(self, event):
        self.note(event.type)
        if event.type == "open":
            self.opens += 1
        elif event.type == "error":
            self.errors.append(repr(event.error))
            self.note(self.errors[-1])

    def _hear_message(self, event):
        data = event.data
        data = data if isinstance(data, str) else bytes(data).decode()
        expect(data in self._said, "a message that nobody said: %r" % data[:40])
        self._heard[data] = True

    async def _hear_slowly(self, event):
        self._hear_message(event)
        await clock.sleep(2)

    async def _give_url(self):
        await clock.sleep(1)
        return "ws://server/path"

    async def _give_headers(self):
        return {"Authorization": "x"}

    def _make(self):
        out = weather.outside
        options = {
            "transport": out(self.transport),
            "min_reconnection_delay": 500,
            "max_reconnection_delay": 4000,
            "connection_timeout": 300,
            "debug_logger": out(self.note),
            "queue_bytes": 1024,
            "receive_bytes": 400,
        }
        if self.is_rich:
            options["ping_interval_ms"] = 2000
            options["ping_timeout_ms"] = 1000
            options["headers"] = out(self._give_headers)
            options["hello"] = out(lambda: "hello")
            options["resend"] = "unconfirmed"
            options["watchdog"] = out(lambda: None)
            options["should_reconnect_on_close"] = out(lambda event: True)
            options["debug"] = True
            options["link"] = Below()
        self.ws = self.websocket(
            out(self._give_url) if self.is_rich else "ws://server/path", **options
        )
        for name in ("open", "close", "error", "reconnecting", "discard", "giveup"):
            self.ws.add_event_listener(name, out(self._hear))
        hear = self._hear_slowly if self.is_rich else self._hear_message
        self.ws.add_event_listener("message", out(hear))

    def on_turn(self):
        """What must hold at each turn of the loop."""
        if not self.sockets:
            return
        now = clock.now()
        state = self.ws.ready_state
        if state != self._state or (state == 1 and self.open_now) or weather.is_bad():
            self._state = state
            self._since = now
        lasted = now - self._since
        is_right = lasted <= _LIMITS_MS[state] or (state == 3 and not self.wants)
        expect(is_right, "ready_state %d for %d ms" % (state, lasted))

    # What the application does.

    def _again(self, f, given=None):
        """Call it; if that wants for memory, once more, when there is some."""
        for _ in range(500):
            try:
                return weather.call(f, given)
            except MemoryError:
                self.raised += 1
                self.note("that call raised MemoryError")
        raise Broken("a call raises MemoryError again and again")

    def _order(self, name):
        """close or reconnect."""
        self.note(name)
        self.wants = name == "reconnect"
        self._again(getattr(self.ws, name))

    async def _awaited(self, name, *given):
        """Await a method of the socket; it has to come to an end, and may want for memory."""
        for _ in range(500):
            task = clock.spawn(self._await(name, given))
            until = clock.now() + _WAITS_MS
            while not task.done():
                expect(clock.now() < until, name + "() waits for ever")
                await clock.sleep(5)
            result = await task
            if result is not MemoryError:
                return result
            self.raised += 1
        raise Broken(name + "() raises MemoryError again and again")

    async def _await(self, name, given):
        try:
            return await weather.awaited(getattr(self.ws, name)(*given))
        except MemoryError:
            return MemoryError

    async def _until(self, is_so, what):
        """`is_so()` becomes true, after the worst back-off at the latest."""
        until = clock.now() + _BACK_MS
        while not is_so():
            expect(clock.now() < until, what)
            await clock.sleep(10)

    def _is_open(self):
        return self.ws.ready_state == 1 and bool(self.peers) and self.peer.is_alive()

    async def _exchange(self, when, size=0):
        """A message each way, over whichever connection there is."""
        until = clock.now() + _BACK_MS
        while clock.now() <= until:
            await self._until(self._is_open, "it is not open again " + when)
            peer = self.peer
            text = "%d:" % len(self._said) + "x" * size
            data = text.encode()
            self._said[text] = True
            self._again(self.ws.send, text)
            peer.say(frame(TEXT if len(self._said) % 2 else BINARY, data))
            for _ in range(100):
                await clock.sleep(5)
                if text in self._heard and any([data in one.got(TEXT) for one in self.peers]):
                    return
                if not peer.is_alive():
                    break
        raise Broken("nothing passes any more " + when)

    # The script.

    async def _live(self):
        self._make()
        for name, stage in _STAGES:
            self.note("--- " + name)
            await self._exchange("before " + name)
            await stage(self)
            await clock.sleep(50)
        await self._exchange("after all of it")
        weather.clear()
        await self._be_well()
        await self._end()

    async def _talk(self):
        await self._exchange("with a long message", _LONG)
        self._again(self.ws.send, b"binary")
        peer = self.peer
        peer.ping(b"p")
        # A writer that fails leaves 2 s to read what is there, from the end of the weather on.
        await self._until(lambda: not (peer.pings and peer.is_alive()), "a ping is not answered")

    async def _flush(self):
        self._again(self.ws.send, "flushed")
        await self._awaited("flush", 1000)

    async def _be_closed(self):
        self.peer.say_close(1001, "gone")

    async def _lose(self):
        self.peer.reset()
        await clock.sleep(50)

    async def _finish(self):
        self.peer.end()

    async def _break(self):
        """The peer breaks the protocol."""
        self.peer.say(frame(3))

    async def _refuse(self):
        self.meet(REFUSE, {"refuse": 1, "status": 503}, OPEN)
        await self._lose()
        await clock.sleep(1200)

    async def _hang(self):
        """A dial that its deadline ends."""
        self.meet({"hangs": True}, OPEN)
        await self._lose()
        await clock.sleep(1200)

    async def _silence(self):
        """A half-open link: only the keepalive sees it."""
        if self.is_rich:
            self.peer.mute = True
            await clock.sleep(4000)

    async def _fill(self):
        """A full ring, while nothing is open."""
        await self._lose()
        for n in range(15):
            self._again(self.ws.send, b"%100d" % n)

    async def _reconnect(self):
        self._order("reconnect")

    async def _reconnect_at_once(self):
        """In a back-off, and in a dial."""
        self.meet({"hangs": True}, OPEN)
        await self._lose()
        self._order("reconnect")
        await clock.sleep(50)
        self._order("reconnect")

    async def _close(self):
        self._order("close")
        await self._awaited("wait_closed")
        expect(self.ws.ready_state == 3 and not self.open_now, "it is not closed")
        self._order("reconnect")

    async def _close_in_backoff(self):
        await self._lose()
        await self._close()

    # The end.

    async def _be_well(self):
        """There is memory again."""
        await self._exchange("now that there is memory")
        await clock.sleep(10_000)
        expect(self.ws.ready_state == 1, "it does not stay open")
        expect(self.opens > 0, "it is open, and no `open` was told")
        for _ in range(2):  # something may have been lost before
            self._again(self.ws.send, "last")
            is_there = await self._awaited("flush", 2000)
            if is_there:
                break
        expect(is_there, "flush() is False in a world that is well")
        dials = len(self.peers)
        self._order("reconnect")
        await clock.sleep(100)
        await self._exchange("after reconnect()")
        expect(len(self.peers) == dials + 1, "reconnect() dialled not once")

    async def _end(self):
        self._order("close")
        expect(self.ws.ready_state == 3, "ready_state after close()")
        await self._awaited("wait_closed")
        await clock.sleep(100)
        expect(not self.open_now, "a socket is open after wait_closed()")
        expect(not weather.alive(), "%d tasks after wait_closed()" % weather.alive())
        dials = len(self.peers)
        await clock.sleep(100_000)
        expect(len(self.peers) == dials, "it dials after its end")

    def run(self, first=-1, span=1, free=weather.LOCKED):
        """Live, with the points from `first` on wanting for memory."""
        weather.begin(first, span, free)
        try:
            clock.run(self._live, _BEGINS_AT, self.on_turn)
        finally:
            weather.clear()
            weather.unfill()
        left = clock.left_behind()
        expect(not left, "left behind: %s" % left)
        expect(not self.faults, "the driver: %s" % self.faults)


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
        if free >= weather.LOCKED or free == weather.RAISES:
            _compare(storm, calm)
    except (Exception, SystemExit) as e:
        return "%s: %s" % (type(e).__name__, e)
    return ""


def _compare(storm, calm):
    """A connection that was lost for want of memory is told as such, once it can be."""
    more = len(storm.peers) - len(calm.peers)
    expect(more <= _MORE_DIALS, "%d dials more than without" % more)
    told = [text for text in storm.errors if "emory" in text]
    expect(
        more <= storm.raised or told,
        "%d more dials than without, and no error tells of memory; all that were told: %s"
        % (more, storm.errors),
    )
