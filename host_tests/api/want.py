"""Want of memory that strikes at one call out of the library: of the transport, of a provider, of
a handler, of whatever else the application has given it.
"""

from simulation.clock import clock

from . import world

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython, where no heap can be locked
    heap_lock = heap_unlock = None

RAISES = "raises"  # the call raises MemoryError
FULL = "full"  # the heap is full from the call's end until the loop's next turn


class Want:
    """Strikes at the n-th call named `call`."""

    def __init__(self, call, n, how):
        self.counts = {name: 0 for name in CALLS}
        self.has_struck = False
        self.is_ordered = False  # the application has given an order ...
        self.was_ordered = False  # ... before it struck: then it need not be told of a loss
        self._call = call
        self._n = n
        self._how = how
        self._is_full = False

    # Around each call that comes out of the library. While the heap is full they allocate nothing.

    def enter(self):
        if self._is_full:
            heap_unlock()

    def leave(self, call):
        self.counts[call] += 1
        if call == self._call and self.counts[call] == self._n:
            self.has_struck = True
            self.was_ordered = self.is_ordered
            if self._how == RAISES:
                raise MemoryError()
            self._is_full = True
        if self._is_full:
            heap_lock()

    def end(self):
        """Memory is there again."""
        if self._is_full:
            self._is_full = False
            heap_unlock()


CALLS = (
    "url is_up watchdog predicate handler transport start step send recv_into wait close".split()
)


class Peer(world.Peer):
    def start(self, host, port, tls, server_hostname, timeout_ms):
        self.world.want.enter()
        super().start(host, port, tls, server_hostname, timeout_ms)
        self.world.want.leave("start")

    def step(self):
        self.world.want.enter()
        is_up = super().step()
        self.world.want.leave("step")
        return is_up

    def send(self, view):
        self.world.want.enter()
        n = super().send(view)
        self.world.want.leave("send")
        return n

    def recv_into(self, view):
        self.world.want.enter()
        try:
            return super().recv_into(view)
        finally:
            self.world.want.leave("recv_into")

    def wait(self, read, write, ms):
        self.world.want.enter()
        waits = super().wait(read, write, ms)
        try:
            self.world.want.leave("wait")
        except MemoryError:
            waits.close()
            raise
        return waits

    def close(self):
        self.world.want.enter()
        super().close()
        self.world.want.leave("close")


class World(world.World):
    """One socket, whose every call goes past a Want."""

    peer_class = Peer

    def __init__(self, call, n, how):
        super().__init__([world.OPEN])
        self.want = Want(call, n, how)
        self.heard = []  # messages that came in
        self.errors = []  # of error events
        self._said = 0

    def socket(self):
        ws = self.websocket(
            self.url,
            link=self,
            watchdog=self.feed,
            should_reconnect_on_close=self.wants_more,
            max_reconnection_delay=5000,
            connection_timeout=4000,
            ping_interval_ms=1000,
            ping_timeout_ms=1000,
        )
        for type in ("open", "message", "close", "error", "reconnecting"):
            ws.add_event_listener(type, self.hear)
        return ws

    # What the library calls.

    def transport(self):
        self.want.enter()
        peer = super().transport()
        self.want.leave("transport")
        return peer

    def url(self):
        self.want.enter()
        self.want.leave("url")
        return "ws://server/path"

    def is_up(self):
        self.want.enter()
        self.want.leave("is_up")
        return True

    async def wait_up(self):
        pass

    def feed(self):
        self.want.enter()
        self.want.leave("watchdog")

    def wants_more(self, event):
        self.want.enter()
        self.want.leave("predicate")
        return True

    def hear(self, event):
        self.want.enter()
        if event.type == "message":
            self.heard.append(event.data)
        elif event.type == "error":
            self.errors.append(event.error)
        self.want.leave("handler")

    # What the claim asks.

    def order(self, give, *args):
        """An order, as an application gives it: want of memory may cost the call, and it is made
        again.
        """
        for _ in range(3):
            try:
                give(*args)
                break
            except MemoryError:
                pass
            finally:
                self.want.end()

    async def talks(self, ws):
        """A message goes each way, sooner or later; and `ready_state` says 1 only if it can."""
        for _ in range(600):
            await clock.sleep(200)
            if ws.ready_state != 1:
                continue
            assert self.open_now == 1, "ready_state is 1 and there is no connection"
            self._said += 1
            text = "message %d" % self._said
            self.say(text)
            self.order(ws.send, text)
            await clock.sleep(100)
            if text in self.heard and text in self.texts():
                return
        raise AssertionError("dead: ready_state %d" % ws.ready_state)


async def life(call, n, how):
    """The life of a socket; want of memory strikes at one of its calls. Returns the world."""
    network = World(call, n, how)
    world.on_turn[:] = [network.want.end]
    ws = network.socket()
    await network.talks(ws)
    network.peer.reset(OSError(104, "lost"))
    await network.talks(ws)
    network.want.is_ordered = True
    network.order(ws.reconnect)
    await network.talks(ws)
    await clock.sleep(2500)
    await network.talks(ws)
    network.want.end()
    opens = ws.stats()["opens"]
    network.order(ws.reconnect)
    assert await ws.wait_open(10_000) is True, "reconnect() does nothing"
    await network.talks(ws)
    assert ws.stats()["opens"] > opens
    network.order(ws.close)
    assert ws.ready_state == 3
    await ws.wait_closed()
    await network.end()
    return network


async def each(world, call, how):
    """A life for each time that the call is made in one."""
    # A task may end by it, and say so, as long as its socket lives.
    world.may_leave = "MemoryError" if how == FULL else None
    # All that is loaded late is there after a first one.
    most = (await life(None, 0, how)).want.counts[call]
    assert most > 0, call
    for n in range(1, most + 1):
        try:
            network = await life(call, n, how)
        except AssertionError as e:
            raise AssertionError("%s %d of %d: %s" % (call, n, most, e))
        want = network.want
        assert want.has_struck, "%s %d of %d never came" % (call, n, most)
        if how == RAISES and call in _ENDS_A_LINK and not want.was_ordered:
            told = [e for e in network.errors if isinstance(e, MemoryError)]
            assert told, "%s %d of %d: nobody was told" % (call, n, most)


_ENDS_A_LINK = ("url", "transport", "start", "step", "send", "recv_into", "wait")
