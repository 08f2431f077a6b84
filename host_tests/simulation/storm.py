"""One life without memory at chosen points: see weather.py.

The script takes a socket through all that it does, however often it has to dial. Calls of the
application may raise MemoryError meanwhile; when they are made again, they work.
"""

from api.world import HANGS, OPEN, REFUSE

from . import weather
from .clock import clock
from .peer import frame
from .script import BACK_MS, Below, Broken, Scripted, expect

# Async providers and handlers, keepalive, resend, watchdog, debug.
RICH = "rich"
# Any other kind is "plain": as few options as possible, and no keepalive, so only the driver can
# notice an end.

# Ticks.
_BEGINS_AT = 1_000_000
# How long each ready_state may last. The limit of a dial is 300 ms, of a Close 2 s. State 1 only
# counts while there is no socket.
_LIMITS_MS = (3000, 3000, 4000, BACK_MS)
# More dials than without weather, in one life.
_MORE_DIALS = 30
# A message larger than the receive buffer.
_LONG = 700
# Any call that waits.
_WAITS_MS = 20_000


class Storm(Scripted):
    """One life. It prints what happens if it `tells`; a list of it would take memory."""

    def __init__(self, kind, tells=False):
        super().__init__()
        self.is_rich = kind == RICH
        # Events.
        self.opens = 0
        self.errors = []
        # MemoryErrors of the application's own calls.
        self.raised = 0
        # The application wants it to be open.
        self.wants = True
        self._tells = tells
        self._state = 3
        self._since = 0

    # The world of the library.

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

    def _note_event(self, event):
        self.note(event.type)
        if event.type == "open":
            self.opens += 1
        elif event.type == "error":
            self.errors.append(repr(event.error))
            self.note(self.errors[-1])

    def hear(self, event):
        super().hear(event)
        expect(self.heard[-1] in self.said, "a message that nobody said: %r" % self.heard[-1][:40])

    async def _hear_slowly(self, event):
        self.hear(event)
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
            options["link"].is_up = out(lambda: True)
        self.ws = self.websocket(
            out(self._give_url) if self.is_rich else "ws://server/path", **options
        )
        for name in ("open", "close", "error", "reconnecting", "discard", "giveup"):
            self.ws.add_event_listener(name, out(self._note_event))
        hear = self._hear_slowly if self.is_rich else self.hear
        self.ws.add_event_listener("message", out(hear))

    def on_turn(self):
        """Checks at each turn of the loop."""
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

    # Calls of the application.

    def call(self, f, given=None):
        """Call it. If it raises MemoryError, call it once more when there is memory."""
        for _ in range(500):
            try:
                return weather.call(f, given)
            except MemoryError:
                self.raised += 1
                self.note("that call raised MemoryError")
        raise Broken("a call raises MemoryError again and again")

    def _order(self, name):
        """Call close or reconnect."""
        self.note(name)
        self.wants = name == "reconnect"
        self.call(getattr(self.ws, name))

    async def _awaited(self, name, *given):
        """Await a method of the socket. It must end, and may raise MemoryError."""
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

    # The script.

    async def _before(self, stage):
        """Each stage begins on an open connection that has passed a message in each direction."""
        await clock.sleep(50)
        self.note("--- " + stage)
        await self.exchange("before " + stage)

    async def _lose(self, ms, *plans):
        """Lose the connection, and meet these plans for `ms`."""
        if plans:
            self.meet(*plans, OPEN)
        self.peer.reset()
        await clock.sleep(ms)

    async def _close(self):
        self._order("close")
        await self._awaited("wait_closed")
        expect(self.ws.ready_state == 3 and not self.open_now, "it is not closed")
        self._order("reconnect")

    async def _live(self):
        self._make()
        before = self._before
        await before("messages")
        await self.exchange("with a long message", _LONG)
        self.call(self.ws.send, b"binary")
        peer = self.peer
        peer.ping(b"p")
        # After a failed write the reader has 2 s to read what is there, counted from the end of
        # the weather.
        await self.until(lambda: not (peer.pings and peer.is_alive()), "a ping is not answered")
        await before("flush()")
        self.call(self.ws.send, "flushed")
        await self._awaited("flush", 1000)
        await before("the peer's Close")
        self.peer.say_close(1001, "gone")
        await before("a reset")
        await self._lose(50)
        await before("a FIN")
        self.peer.end()
        await before("a broken frame")
        self.peer.say(frame(3))
        await before("refusals")
        await self._lose(1250, REFUSE, {"refuse": 1, "status": 503})
        await before("a dial that its deadline ends")
        await self._lose(1250, HANGS)
        if self.is_rich:
            await before("a half-open link, which only the keepalive sees")
            self.peer.mute = True
            await clock.sleep(4000)
        await before("a full ring, while nothing is open")
        await self._lose(50)
        for n in range(15):
            self.call(self.ws.send, b"%100d" % n)
        await before("reconnect()")
        self._order("reconnect")
        await before("reconnect() in a back-off, and in a dial")
        await self._lose(50, HANGS)
        self._order("reconnect")
        await clock.sleep(50)
        self._order("reconnect")
        await before("close()")
        await self._close()
        await before("close() in a back-off")
        await self._lose(50)
        await self._close()
        await before("the end of all of it")
        weather.clear()
        await self._be_well()
        await self._end()

    # The end.

    async def _be_well(self):
        """There is memory again."""
        await self.exchange("now that there is memory")
        await clock.sleep(10_000)
        expect(self.ws.ready_state == 1, "it does not stay open")
        expect(self.opens > 0, "it is open, and no `open` was told")
        # Something may have been lost before.
        for _ in range(2):
            self.call(self.ws.send, "last")
            is_there = await self._awaited("flush", 2000)
            if is_there:
                break
        expect(is_there, "flush() is False in a world that is well")
        dials = len(self.peers)
        self._order("reconnect")
        await clock.sleep(100)
        await self.exchange("after reconnect()")
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
        """Live without memory at the points from `first` on."""
        weather.begin(first, span, free)
        try:
            clock.run(self._live, _BEGINS_AT, self.on_turn)
        finally:
            weather.clear()
            weather.unfill()
        left = clock.left_behind()
        expect(not left, "left behind: %s" % left)
        expect(not self.faults, "the driver: %s" % self.faults)

    def run_in(self, mode, first, calm):
        """Live in a mode of run.py. `calm`: the same life without weather. A connection that was
        lost for want of memory is reported as that, as soon as that is possible.
        """
        span, free = weather.mode_of(mode)
        self.run(first, span, free)
        more = len(self.peers) - len(calm.peers)
        expect(more <= _MORE_DIALS, "%d dials more than without" % more)
        told = [text for text in self.errors if "emory" in text]
        expect(
            more <= self.raised or told,
            "%d more dials than without, and no error tells of memory: %s" % (more, self.errors),
        )
