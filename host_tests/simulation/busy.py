"""One busy life, of which one task, or all, are cancelled at a place where they wait."""

import sys

from .clock import clock
from .life import Broken, Life
from .network import Plan
from .peer import PING, frame

# Tasks of the user's, and the loop: on MicroPython nothing is told of its end.
WHO = ("recv", "iterate", "wait_open", "wait_closed", "flush", "wait_again", "chunks", "main")
if sys.implementation.name == "cpython":
    WHO += ("loop",)
# What the library does not stand yet: a handler whose task the end cancels before it began.
_UNBEGUN = "coroutine 'Busy._handle' was never awaited"


class Ended(Exception):
    """The loop is shut down at this turn."""


class Busy(Life):
    """Dials with async providers, opens, hears, flushes, pings, loses its connection, closes.

    `who` (one of WHO) is cancelled at its n-th suspension; or, as "loop", the loop is ended
    before its n-th turn. Afterwards `was_reached` tells whether there was one.
    """

    is_thorough = True

    def __init__(self, who, n):
        super().__init__(0)
        self.who = who
        self.n = n
        self.was_reached = False
        self.asks = True
        self.hears = self.reads = True
        self.steps = 0
        self.heard_count = 0  # by iterating
        self._turns = 0
        self._cancelled = {}  # name -> its task
        self.network.is_healed = True
        self.network.plan_well = self._plan
        self.ledger.resends = True

    def on_turn(self):
        super().on_turn()
        self._turns += 1
        if self.who == "loop" and self._turns == self.n:
            self.was_reached = True
            raise Ended()

    def _plan(self):
        plan = Plan()
        plan.connect_ms = plan.answer_ms = plan.latency_ms = 7
        return plan

    def end(self):
        """Run to the end, and raise Broken if something is left behind."""
        try:
            self.run()
        except Ended:
            left = [text for text in clock.left_behind() if text != _UNBEGUN]
            if self.open_now:
                left.append("a socket")
            if left:
                raise Broken("left behind: %s" % left)

    def _begin(self, name, f, *arguments):
        """A task of the user's, which is perhaps to be cancelled."""
        self._cancelled[name] = clock.spawn(self._alone(name, f, arguments))

    def _reach(self):
        self.was_reached = True
        clock.later(0, self._cancelled[self.who].cancel)

    async def _alone(self, name, f, arguments):
        try:
            coro = f(*arguments)
            await (clock.stepping(coro, self.n, self._reach) if name == self.who else coro)
        except self.error:
            pass

    # The life.

    async def _url(self):
        await clock.sleep(3)
        return "ws://server/"

    async def _hello(self):
        await clock.sleep(2)
        return "hello"

    async def _handle(self, event):
        await clock.sleep(4)

    async def _live(self):
        from partysocket import WebSocket

        ws = WebSocket(
            self._url,
            transport=self.network.transport,
            hello=self._hello,
            headers={"a": "b"},
            ping_interval_ms=40,
            ping_timeout_ms=2000,
            min_reconnection_delay=10,
            jitter="none",
            resend="unconfirmed",
            queue_bytes=1000,
            watchdog=lambda: None,
        )
        for name in ("open", "message", "close", "error", "reconnecting"):
            ws.add_event_listener(name, self._handle)
        self._begin("wait_closed", ws.wait_closed)
        self._begin("main", self._use, ws)
        await clock.sleep(3000)
        await self._use_again(ws)

    async def _use(self, ws):
        self._begin("wait_open", ws.wait_open, 500)
        self._begin("recv", ws.recv)
        await ws.wait_open()
        self._send(ws)
        self._begin("flush", ws.flush, 400)
        self._talk()
        await clock.sleep(30)
        self._begin("chunks", ws.send_chunks, self.ledger.chunks(5000)[1])
        self._begin("iterate", self._iterate, ws)
        self._talk()
        for _ in range(3):
            self._send(ws)
            await ws.flush(300)
            self._talk()
            await clock.sleep(60)
        self.network.last().reset(OSError(104, "lost"))
        await clock.sleep(1)
        self._send(ws)
        self._begin("wait_again", ws.wait_open)
        await ws.wait_open()
        self._talk()
        await clock.sleep(100)
        ws.close()
        await ws.wait_closed()

    def _send(self, ws):
        for is_text in (True, False, True):
            self.ledger.send(ws, is_text, 50, self.queue_full)

    def _talk(self):
        self.network.talk()
        peer = self.network.last()
        if peer.is_alive():
            peer.pings.append(b"p")
            peer.say(frame(PING, b"p"))

    async def _iterate(self, ws):
        async for _ in ws:
            self.heard_count += 1
            await clock.sleep(1)

    async def _use_again(self, ws):
        """Whatever was cancelled: a later reconnect() works, and the end leaves nothing."""
        expect = self.judge.expect
        for name in self._cancelled:
            if name != "wait_closed":
                self._cancelled[name].cancel()
        await clock.sleep(1)
        ws.reconnect()
        reader = clock.spawn(self._alone("reader", self._iterate, (ws,)))
        expect(await ws.wait_open(5000), "it does not open any more")
        peer = self.network.last()
        taken = peer.last_taken
        heard = self.heard_count
        self._send(ws)
        self._talk()
        await clock.sleep(500)
        expect(self.heard_count > heard, "who reads does not hear any more")
        expect(peer.last_taken >= taken + 3, "it does not send any more")
        ws.close()
        await ws.wait_closed()
        await clock.sleep(10)
        expect(not self.open_now, "a socket is left open")
        expect(not clock.own_tasks(), "%d tasks are left" % clock.own_tasks())
        expect(reader.done(), "its reader waits for ever")
        waiting = [name for name in self._cancelled if not self._cancelled[name].done()]
        expect(not waiting, "%s wait for ever" % waiting)
