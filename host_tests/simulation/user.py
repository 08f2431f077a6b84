"""What an application does to its socket: calls, tasks, handlers, providers; some of it badly."""

import asyncio

from .clock import clock

_CALLS = (
    "send send send send send send send send burst burst burst close reconnect reconnect both "
    "drain drain break_off break_off cancel stats stuck"
).split()
_TASKS = "recv recv iterate wait_open wait_open flush flush chunks wait_closed".split()
_NAPS_MS = (0, 1, 50, 700, 3000)
_MOST_TASKS = 6


class Mistake(Exception):
    """The error that the application's own code raises."""


class User:
    def __init__(self, world, draws):
        self.world = world
        self.draws = draws
        self.ws = None
        self.tasks = []
        self._is_reading = self.is_chunking = False
        # flush() has reported the messages below this number.
        self._told = 0

    # Calls.

    def act(self):
        kind = self.draws.one_of(_CALLS + _TASKS)
        self.world.note("user: " + kind)
        f = getattr(self, "_" + kind)
        if kind in _TASKS:
            self.spawn(f)
        else:
            f()

    def _send(self):
        draws = self.draws
        size = draws.one_of((0, 0, 3, 50, 130, 700))
        self.world.ledger.send(self.ws, draws.odds(50), size, self.world.queue_full)

    def _burst(self):
        for _ in range(self.draws.below(30)):
            self._send()

    def _close(self):
        code = self.draws.one_of((1000, 3000, 4999))
        self.world.judge.order(False, code, lambda: self.ws.close(code, "bye"))

    def _reconnect(self):
        self.world.judge.order(True, 1000, self.ws.reconnect)

    def _both(self):
        self._close()
        self._reconnect()

    def _stuck(self):
        """reconnect() while the network takes nothing."""
        self.world.network.fault("stall")
        self._burst()
        self._reconnect()

    def _drain(self):
        self.world.ledger.drain(self.ws)

    def _stats(self):
        stats = self.ws.stats()
        self.world.note("stats: %d %d" % (stats["attempts"], stats["opens"]))
        if stats["attempts"] < stats["opens"] or stats["uptime_ms"] < 0:
            self.world.fail("stats: %r" % stats)

    # Tasks.

    def spawn(self, f):
        self.tasks = [task for task in self.tasks if not task.done()]
        if len(self.tasks) < _MOST_TASKS:
            self.tasks.append(clock.spawn(self._alone(f)))

    async def _alone(self, f):
        coro = f()
        # It will be cancelled.
        if self.draws.odds(20) and not self.world.network.is_healed:
            task = asyncio.current_task()
            at = self.draws.between(1, 6)
            coro = clock.stepping(coro, at, lambda: clock.later(0, task.cancel))
        try:
            await coro
        except (self.world.error, Mistake) as e:
            self.world.note("task: " + type(e).__name__)

    def _cancel(self):
        if self.tasks:
            self.draws.one_of(self.tasks).cancel()

    def cancel_all(self):
        for task in self.tasks:
            task.cancel()

    async def _recv(self):
        await self._read(1)

    async def _iterate(self):
        await self._read(self.draws.between(2, 20))

    def _break_off(self):
        """recv(), cancelled while a message comes."""
        if self.world.reads and len(self.tasks) < _MOST_TASKS:
            self.spawn(self._recv)
            clock.spawn(self._cancel_as_it_comes(self.tasks[-1], self.draws.below(6)))

    async def _cancel_as_it_comes(self, task, turns):
        await clock.sleep(1)
        self.world.network.talk()
        for _ in range(turns):
            await clock.sleep(0)
        task.cancel()

    async def _read(self, n):
        """Take `n` messages; 0 means all that come. Only one reader at a time."""
        if self._is_reading or not self.world.reads:
            return
        self._is_reading = True
        try:
            if n == 1:
                self._take(await self.ws.recv())
                return
            async for data in self.ws:
                self._take(data)
                n -= 1
                if not n:
                    return
                if self.draws.odds(20):
                    await clock.sleep(self.draws.one_of(_NAPS_MS))
        finally:
            self._is_reading = False

    def _take(self, data):
        # Before the first reader only one message was kept; the others were dropped and counted.
        is_first = not self.world.ledger.heard_last[1]
        self.world.ledger.heard(data, 1, is_first or self.ws.stats()["unread"] > 0)

    def read_on(self):
        """Read from now on, whatever comes."""
        clock.spawn(self._alone(self._read_on))

    async def _read_on(self):
        while self._is_reading:
            await clock.sleep(100)
        await self._read(0)

    async def _wait_open(self):
        ms = self.draws.one_of((None, 0, 10, 5000))
        begun = clock.now()
        is_open = await self.ws.wait_open(ms)
        self.world.note("wait_open: %s" % is_open)
        late = 0 if ms is None else clock.now() - begun - ms - self.world.blocked_since(begun)
        if late > 1:
            self.world.fail("wait_open is %d ms late" % late)

    async def _wait_closed(self):
        orders = self.world.judge.orders
        await self.ws.wait_closed()
        self.world.note("wait_closed")
        if orders == self.world.judge.orders and self.world.open_now:
            self.world.fail("wait_closed, and a socket is open")

    async def _flush(self):
        await self.flush(self.draws.one_of((None, 10, 5000)))

    async def flush(self, ms):
        ledger = self.world.ledger
        target = ledger.sent
        told = self._told
        is_there = await self.ws.flush(ms)
        self.world.note("flush: %s" % is_there)
        if is_there:
            ledger.flushed(target, told)
            self._told = max(self._told, target)
        else:
            self._told = ledger.sent
        return is_there

    async def _chunks(self):
        if self.is_chunking:
            return
        draws = self.draws
        ledger = self.world.ledger
        number, payload = ledger.chunks(draws.one_of((0, 10, 1500, 6000)))
        peer = self.world.network.last()
        self.is_chunking = True
        try:
            pieces = Pieces(payload, draws.between(1, 2000), self.world, draws)
            if await self.ws.send_chunks(pieces if draws.odds(50) else payload):
                if number not in ledger.chunks_taken:
                    self.world.fail("send_chunks() is True too early")
        except BaseException:
            if peer is not None:
                peer.blame = peer.blame or "a long message broken off"
            raise
        finally:
            self.is_chunking = False

    # Handlers.

    def on_event(self, event):
        """A listener of all events, after the judge."""
        if self.world.network.is_healed:
            return None
        draws = self.draws
        if draws.odds(4):
            self.world.note("in a handler of " + event.type)
            self.act()
        if draws.odds(2):
            raise draws.one_of((Mistake, asyncio.CancelledError))()
        return self._handle(event.type) if draws.odds(5) else None

    async def _handle(self, type):
        world = self.world
        world.handlers_busy += 1
        try:
            if type == "message":
                await self._try_to_wait()
            await clock.sleep(self.draws.one_of(_NAPS_MS))
            if self.draws.odds(20) and not world.network.is_healed:
                world.note("in an async handler of " + type)
                self.act()
            if self.draws.odds(10):
                raise Mistake()
        finally:
            world.handlers_busy -= 1

    async def _try_to_wait(self):
        try:
            await self.ws.recv()
        except self.world.error:
            return
        self.world.fail("recv() waits inside a handler of the same socket")


class Pieces:
    """An async iterable of a long message. It may be slow, or fail."""

    def __init__(self, payload, size, world, draws):
        self._network = world.network
        self._payload = payload
        self._size = size
        self._draws = draws
        self._at = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        at = self._at
        if at >= len(self._payload):
            raise StopAsyncIteration
        if not self._network.is_healed:
            if self._draws.odds(20):
                await clock.sleep(self._draws.one_of(_NAPS_MS))
            if self._draws.odds(5):
                raise Mistake()
        self._at += self._size
        return self._payload[at : self._at]
