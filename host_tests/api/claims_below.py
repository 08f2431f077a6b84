"""Below a dial: the network link, the watchdog, the last good address; and `hello`."""

import asyncio

from simulation.clock import clock

from .world import OPEN, REFUSE, Log, each, raises


class Network:
    """A `link` that the claim turns on and off."""

    def __init__(self, is_up=True):
        self._up = asyncio.Event()
        self.waiting = 0
        self.set(is_up)

    def set(self, is_up):
        self._up.set() if is_up else self._up.clear()

    def is_up(self):
        return self._up.is_set()

    async def wait_up(self):
        self.waiting += 1
        try:
            await self._up.wait()
        finally:
            self.waiting -= 1


# link


async def claim_nothing_is_dialled_while_the_link_is_down(world):
    network = Network(False)
    ws = world.websocket(link=network)
    log = Log(ws)
    await clock.sleep(3_600_000)
    assert world.peers == [] and log == [] and ws.stats()["attempts"] == 0
    assert ws.last_error == ("link", "the network link is down")
    network.set(True)
    peer = await world.next()
    assert peer.at == 3_600_000 and network.waiting == 0
    # An open connection stays open.
    network.set(False)
    await clock.sleep(1000)
    assert ws.ready_state == 1


@each(
    # Each case, in ms after the loss: the link is down from, and until; when the wait would have
    # ended; when the dial comes.
    (0, 3000, 8000, 3000),
    # A wait is never shorter than this.
    (0, 0, 8000, 100),
    (4000, 8000, 5000, 8000),
)
async def claim_the_link_cuts_the_wait_short_or_delays_the_dial(world, down, up, wait, dial):
    network = Network()
    ws, peer, log = await world.open(link=network, min_reconnection_delay=wait, min_uptime=0)
    network.set(down > 0)
    peer.reset()
    await clock.quiet()
    lost = clock.now()
    await clock.sleep(down)
    network.set(False)
    await clock.sleep(up - down)
    assert len(world.peers) == 1 and log[-1] == ("reconnecting", wait, 1)
    network.set(True)
    peer = await world.next()
    assert peer.at - lost == dial and log[-1] == ("open", True)


async def claim_the_link_does_not_shorten_what_the_server_asked_for(world):
    network = Network()

    def answer(peer):
        network.set(False)
        return b"HTTP/1.1 503 S\r\nRetry-After: 20\r\n\r\n"

    world.plans = [{"answer": answer}, OPEN]
    world.websocket(link=network)
    await clock.sleep(1000)
    assert network.waiting == 1
    network.set(True)
    peer = await world.next()
    assert peer.at >= 20_000


async def claim_a_link_that_fails_is_a_failed_attempt(world):
    class Broken(Network):
        async def wait_up(self):
            raise OSError("Wifi Internal Error")

    ws = world.websocket(link=Broken(False), max_retries=2, reconnection_delay_grow_factor=1)
    log = Log(ws)
    await clock.sleep(60_000)
    assert log.names() == ["error", "reconnecting"] * 2 + ["error", "giveup"]
    assert log.delays() == [1000, 1000]
    assert log[0] == ("error", "Wifi Internal Error")
    assert log.events[-1].error is log.events[-2].error
    assert ws.last_error == ("link", "Wifi Internal Error") and ws.ready_state == 3
    assert await ws.wait_open() is False


async def claim_a_link_that_lies_makes_no_busy_loop(world):
    class Liar(Network):
        async def wait_up(self):
            self.waiting += 1

    network = Liar(False)
    world.plans = [REFUSE]
    world.websocket(link=network, reconnection_delay_grow_factor=1)
    await clock.sleep(60_000)
    # At most one dial for each of the shortest waits.
    assert len(world.peers) <= 600 and network.waiting <= 601


@each(True, False)
async def claim_close_in_a_discard_handler_ends_the_wait_for_dial_or_link(world, is_up):
    network = Network(is_up)
    ws = world.websocket(link=network, queue_bytes=32)
    ws.add_event_listener("discard", lambda event: ws.close(), once=True)
    for _ in range(3):
        ws.send(bytes(20))
    begun = clock.now()
    await clock.sleep(50)
    await ws.wait_closed()
    assert clock.now() - begun < 5000
    ws.reconnect()
    network.set(True)
    assert await ws.wait_open(5000)


def outside_a_link_has_both_methods():
    from partysocket import WebSocket

    error = raises(TypeError, WebSocket, "ws://h/", start_closed=True, link=object())
    assert "link has is_up" in str(error)


# watchdog


async def claim_the_watchdog_is_fed_in_every_state_until_the_end(world):
    fed = []
    network = Network()
    world.plans = [{"refuse": 5000}, {"connects": 6000}, {"refuse": 3000}, OPEN]
    ws = world.websocket(
        watchdog=lambda: fed.append(clock.now()), link=network, connection_timeout=10000
    )
    peer = await world.next()
    await clock.sleep(20_000)
    peer.reset()
    network.set(False)
    await clock.sleep(20_000)
    network.set(True)
    await world.next()
    gaps = [b - a for a, b in zip(fed, fed[1:])]
    assert fed[0] == 0 and max(gaps) <= 1000, gaps
    ws.close()
    await ws.wait_closed()
    count = len(fed)
    await clock.sleep(5000)
    # After close() the watchdog is the application's.
    assert len(fed) == count


async def claim_the_watchdog_starves_when_a_provider_cannot_be_cancelled(world):
    fed = []
    stuck = [True]

    async def url():
        while stuck:
            try:
                await clock.sleep(100)
            except asyncio.CancelledError:
                pass
        return "ws://server/path"

    world.websocket(url, connection_timeout=4000, watchdog=lambda: fed.append(clock.now()))
    await clock.sleep(60_000)
    # The dial's timeout, the wait, and the 2 s by which a state may be late.
    assert 6000 < fed[-1] <= 7000, fed
    stuck.clear()
    await world.next()
    assert fed[-1] >= 60_000


# The last good address


_HOST = "h.example"
_GONE = OSError(-2, "no resolver")
_A, _B = "192.0.2.1", "192.0.2.2"
_HTTP = [OPEN, {"refuse": 1, "status": 503}, {"refuse": 1, "status": 500}, OPEN]


@each(
    # Each case: results of look-ups; what dials meet; how long each connection lives; the targets.
    ([_A], [OPEN], (0,) * 5, [_HOST] + [_A] * 4),
    # An address that fails is looked up again.
    ([_A, _B], [OPEN, REFUSE, OPEN], (0,) * 3, [_HOST, _A, _HOST, _B]),
    # If the resolver does not answer, the old address is dialled again.
    ([_A] + [_GONE] * 9, [OPEN, REFUSE, OPEN], (0,) * 2, [_HOST, _A, _HOST, _A]),
    # A refusal by HTTP is not the fault of the address.
    ([_A], _HTTP, (0,) * 2, [_HOST] + [_A] * 3),
    # The address is forgotten after an hour. It belongs to its host's name, also if a provider
    # gives the name.
    ([_A, _B], [OPEN], (3_600_000, 0), [_HOST, _HOST]),
    ([_A], [OPEN], (0,) * 2, [_HOST, _A], lambda: "ws://h.example/"),
)
async def claim_the_last_good_address_is_dialled_without_a_look_up(
    world, found, plans, lives, expected, url="ws://h.example/"
):
    world.plans = plans
    found = list(found)
    hosts = []

    def transport():
        peer = world.transport()
        start = peer.start

        def begin(host, port, tls, name, timeout_ms):
            assert name == _HOST
            hosts.append(host)
            peer.address = host
            if host == _HOST:
                peer.address = found.pop(0)
                if isinstance(peer.address, Exception):
                    peer.plan.failing = "start"
                    peer.plan.error = peer.address
            start(host, port, tls, name, timeout_ms)

        peer.start = begin
        return peer

    world.websocket(url, transport=transport)
    for ms in lives:
        peer = await world.next()
        await clock.sleep(ms)
        peer.reset()
    await world.end()
    assert hosts == expected


# hello


async def claim_hello_goes_before_the_queue_and_the_open_event(world):
    words = ["hello", None, bytes(300)]

    async def hello():
        await clock.sleep(50)
        return words.pop(0)

    ws = world.websocket(hello=hello)
    log = Log(ws)
    ws.send("backlog")
    for expected in (["hello", "backlog"], [], [bytes(300)]):
        peer = await world.next()
        await clock.sleep(100)
        assert peer.messages() == expected
        peer.reset()
    assert log.times[0] == 50


async def claim_nothing_goes_out_before_the_101_and_then_hello_is_first(world):
    world.plans = [{"accept": 500, "tls_ms": 100}]
    ws = world.websocket("wss://server/path", ssl=False, queue_bytes=64, hello=lambda: "hello")
    # It is connecting.
    await clock.sleep(20)
    # More than the queue can hold.
    for i in range(10):
        ws.send(b"%d" % i * 10)
    await clock.sleep(200)
    assert world.peer.request.endswith(b"\r\n\r\n")
    assert world.peer.taken == len(world.peer.request)
    peer = await world.next()
    assert peer.messages()[0] == "hello" and len(peer.messages()) > 1


async def claim_a_hello_that_fails_or_hangs_fails_the_dial(world):
    async def hangs():
        await clock.sleep(1 << 28)

    wrong = "hello gave int, not str, bytes or None"
    words = [lambda: 1 // 0, lambda: 7, hangs, lambda: "at last"]
    ws = world.websocket(hello=lambda: words.pop(0)(), connection_timeout=1000)
    log = Log(ws)
    await clock.sleep(20_000)
    assert log.names() == ["error", "close", "reconnecting"] * 3 + ["open"]
    told = [entry[1] for entry in log.of("error")]
    assert "zero" in told[0] and told[1:] == [wrong, "TIMEOUT"], told
    assert set(log.of("close")) == {("close", 1006, "", False)}
    assert ws.last_error == ("provider", "TIMEOUT") and world.peer.messages() == ["at last"]
