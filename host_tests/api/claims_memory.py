"""Want of memory is weather: it may cost a connection, never the socket.

Here a call that comes out of the library raises MemoryError, as a platform does. A heap that is
full for a while is the weather of `simulation/test_want_of_memory.py`.
"""

from simulation.clock import clock

from .world import OPEN, Log, Peer, World


class _Strikes(World):
    """One socket; the n-th call named `call` that comes out of its library raises MemoryError."""

    def __init__(self, call, n):
        super().__init__([OPEN])
        self.counts = {}
        self.heard = []  # messages that came in
        self.errors = []  # of error events
        self.is_ordered = False  # the application has given an order: it may hear of no loss
        self.struck = ""  # "ordered", "untold" once it has
        self._call = call
        self._n = n
        self._said = 0

    def strike(self, call):
        self.counts[call] = self.counts.get(call, 0) + 1
        if call == self._call and self.counts[call] == self._n:
            self.struck = "ordered" if self.is_ordered else "untold"
            raise MemoryError()

    def socket(self):
        def given(call, gives):
            return lambda *_: self.strike(call) or gives

        ws = self.websocket(
            given("url", "ws://server/path"),
            link=self,
            watchdog=given("watchdog", None),
            should_reconnect_on_close=given("predicate", True),
            max_reconnection_delay=5000,
            connection_timeout=4000,
            ping_interval_ms=1000,
            ping_timeout_ms=1000,
        )
        for type in ("open", "message", "close", "error", "reconnecting"):
            ws.add_event_listener(type, self.hear)
        return ws

    def transport(self):
        self.strike("transport")
        return super().transport()

    def is_up(self):
        self.strike("is_up")
        return True

    async def wait_up(self):
        pass

    def hear(self, event):
        if event.type == "message":
            self.heard.append(event.data)
        elif event.type == "error":
            self.errors.append(event.error)
        self.strike("handler")

    def order(self, give, *args):
        """As an application does: want of memory may cost the call, and it is made again."""
        for _ in range(3):
            try:
                return give(*args)
            except MemoryError:
                pass

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


class _Peer(Peer):
    """It has done what it was asked, and then there is no memory."""

    def start(self, *target):
        super().start(*target)
        self.world.strike("start")

    def step(self):
        is_up = super().step()
        self.world.strike("step")
        return is_up

    def send(self, view):
        n = super().send(view)
        self.world.strike("send")
        return n

    def recv_into(self, view):
        n = super().recv_into(view)
        self.world.strike("recv_into")
        return n

    def wait(self, read, write, ms):
        self.world.strike("wait")
        return super().wait(read, write, ms)

    def close(self):
        super().close()
        self.world.strike("close")


_Strikes.peer_class = _Peer


async def _life(call, n):
    """The life of a socket; returns its world."""
    network = _Strikes(call, n)
    ws = network.socket()
    await network.talks(ws)
    network.peer.reset(OSError(104, "lost"))
    await network.talks(ws)
    network.is_ordered = True
    network.order(ws.reconnect)
    await network.talks(ws)
    await clock.sleep(2500)
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


async def _at_each(*calls):
    """A life for each time that one of the calls is made in one."""
    counts = (await _life(None, 0)).counts
    for call in calls:
        for n in range(1, counts[call] + 1):
            where = "%s %d of %d" % (call, n, counts[call])
            try:
                network = await _life(call, n)
            except AssertionError as e:
                raise AssertionError("%s: %s" % (where, e))
            assert network.struck, where + " never came"
            if call in _ENDS_A_LINK and network.struck == "untold":
                told = [e for e in network.errors if isinstance(e, MemoryError)]
                assert told, where + ": nobody was told"


_ENDS_A_LINK = ("url", "transport", "start", "step", "send", "recv_into", "wait")


async def claim_want_of_memory_in_a_dial_costs_that_dial(world):
    await _at_each("url", "transport", "start", "step")


async def claim_want_of_memory_in_a_connection_costs_that_connection(world):
    await _at_each("send", "recv_into", "wait")


async def claim_want_of_memory_in_a_close_costs_nothing(world):
    await _at_each("close")


async def claim_want_of_memory_in_what_else_the_application_gives_costs_nothing(world):
    await _at_each("is_up", "watchdog", "predicate", "handler")


async def claim_want_of_memory_has_many_names_and_is_never_a_refusal(world):
    """Whatever an allocation that failed is called, below or in TLS: the next dial comes soon."""
    for error in (
        MemoryError(),
        MemoryError("memory allocation failed, allocating 17000 bytes"),
        OSError(12, "ENOMEM"),
        OSError(12),
        OSError(-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED"),
        OSError((-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED")),
        OSError(-0x2880, "MBEDTLS_ERR_X509_ALLOC_FAILED"),
    ):
        for call in ("start", "step", "send", "recv_into"):
            network = World([{"accept": 1, "tls_ms": 20, "fails": (call, error)}, OPEN])
            ws = network.websocket("wss://server/path", ssl=False)
            log = Log(ws, ("error", "reconnecting"))
            await network.opened(2)
            assert log.names() == ["error", "reconnecting"], (call, error, log)
            assert log[1] == ("reconnecting", 1000, 1), (call, error, log)
            assert ws.ready_state == 1
            await network.end()


async def claim_an_end_is_told_though_close_raises(world):
    for error in (MemoryError(), OSError(12, "ENOMEM"), ValueError("odd")):
        network = World([{"accept": 1, "fails": ("close", error)}, OPEN])
        ws = network.websocket()
        log = Log(ws)
        lost = OSError(104, "lost")
        (await network.opened()).reset(lost)
        await clock.sleep(10)
        assert log.names() == ["open", "error", "close", "reconnecting"], log
        assert log.events[1].error is lost and ws.ready_state == 3
        await network.opened(2)
        assert log[-1] == ("open", True)
        await network.end()


async def claim_orders_work_after_a_close_that_raised(world):
    for state in ("lost", "open", "closing"):
        for order in ("reconnect", "close"):
            network = World([{"accept": 1, "fails": ("close", MemoryError())}, OPEN])
            ws = network.websocket()
            peer = await network.opened()
            if state == "lost":
                peer.reset(OSError(104, "lost"))
                await clock.sleep(100)
            elif state == "closing":
                ws.reconnect()
            getattr(ws, order)()
            await clock.sleep(3000)  # more than a close may take
            if order == "reconnect":
                assert await ws.wait_open(5000) is True, state
                ws.reconnect()
                await network.opened(3)
            assert ws.ready_state == (3 if order == "close" else 1)
            await network.end()
