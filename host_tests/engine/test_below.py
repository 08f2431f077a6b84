"""What lies below a dial: the network link, the watchdog, the last good address; and `hello`."""

import asyncio

import pytest

from engine.virtual import Accept, Log, Refuse, now, settle, sleep, virtual
from partysocket import PARTYSOCKET, Error, PartySocket, WebSocket


class Network:
    """A `link` that the test switches."""

    def __init__(self, is_up=True):
        self._up = asyncio.Event()
        self.looks = 0
        self.waiting = 0
        self.set(is_up)

    def set(self, is_up):
        self._up.set() if is_up else self._up.clear()

    def is_up(self):
        self.looks += 1
        return self._up.is_set()

    async def wait_up(self):
        self.waiting += 1
        try:
            await self._up.wait()
        finally:
            self.waiting -= 1


# link


@virtual
async def test_no_dial_while_the_link_is_down(server):
    network = Network(False)
    ws = server.websocket(link=network)
    log = Log(ws)
    await sleep(3_600_000)
    assert server.peers == [] and log == []
    assert ws.stats()["attempts"] == 0
    assert ws.last_error == ("link", "the network link is down")
    network.set(True)
    await server.opened()
    assert now() == 3_600_000
    assert network.waiting == 0


@virtual
async def test_redial_at_once_when_the_link_comes_back(server):
    network = Network()
    ws = server.websocket(link=network, min_reconnection_delay=8000, min_uptime=0)
    log = Log(ws)
    peer = await server.opened()
    network.set(False)
    peer.reset()
    await sleep(3000)
    network.set(True)
    await server.opened()
    assert log[-2:] == [("reconnecting", 8000, 1), ("open", True)]
    assert log.times[-1] == 3000


@virtual
async def test_a_link_that_comes_back_at_once_does_not_go_under_the_floor(server):
    network = Network()
    ws = server.websocket(link=network, min_reconnection_delay=8000)
    log = Log(ws)
    peer = await server.opened()
    network.set(False)
    peer.reset()
    await settle()
    network.set(True)
    await server.opened()
    assert log.times[-1] == 100


@virtual
async def test_the_link_does_not_shorten_what_the_server_asked_for(server):
    network = Network()
    server.plans = [Accept(answer=503, headers=["Retry-After: 20"])]
    ws = server.websocket(link=network)
    log = Log(ws)
    network.set(True)
    while not log.of("reconnecting"):
        await sleep(1)
    network.set(False)
    await sleep(1000)
    network.set(True)
    await server.opened()
    assert log.times[-1] >= 20_000


@virtual
async def test_a_link_that_drops_later_delays_the_dial_only(server):
    network = Network()
    ws = server.websocket(link=network, min_reconnection_delay=5000)
    log = Log(ws)
    peer = await server.opened()
    peer.reset()
    await sleep(4000)
    network.set(False)
    await sleep(4000)
    assert len(server.peers) == 1
    network.set(True)
    await server.opened()
    assert log.times[-1] == 8000


@virtual
async def test_reconnect_and_close_while_the_link_is_down(server):
    network = Network(False)
    ws = server.websocket(link=network)
    await sleep(10)
    ws.reconnect()
    await sleep(10)
    assert network.waiting == 1 and server.peers == []
    ws.close()
    await ws.wait_closed()
    await settle()
    assert network.waiting == 0
    ws.reconnect()
    network.set(True)
    await server.opened()
    ws.close()
    await ws.wait_closed()


@virtual
async def test_a_link_that_fails_is_a_failed_attempt(server):
    class Broken(Network):
        async def wait_up(self):
            raise OSError("Wifi Internal Error")

    network = Broken(False)
    ws = server.websocket(link=network, max_retries=2, reconnection_delay_grow_factor=1)
    log = Log(ws)
    await sleep(60_000)
    assert log == [
        ("error", "Wifi Internal Error"),
        ("reconnecting", 1000, 1),
        ("error", "Wifi Internal Error"),
        ("reconnecting", 1000, 2),
        ("error", "Wifi Internal Error"),
        ("giveup",),
    ]
    assert ws.last_error == ("link", "Wifi Internal Error")
    assert ws.ready_state == 3
    await ws.wait_closed()


@virtual
async def test_a_link_whose_wait_lies_makes_no_busy_loop(server):
    class Liar(Network):
        async def wait_up(self):
            self.waiting += 1

    network = Liar(False)
    server.plan = Refuse()
    server.websocket(link=network, reconnection_delay_grow_factor=1)
    await sleep(60_000)
    assert len(server.peers) <= 600 and network.waiting <= 601  # the floor


def test_a_link_has_both_methods():
    with pytest.raises(TypeError, match="link has is_up"):
        WebSocket("ws://h/", start_closed=True, link=object())


# watchdog


@virtual
async def test_the_watchdog_is_fed_at_least_once_a_second_in_every_state(server):
    fed = []
    server.plans = [Refuse(ms=5000), Accept(connect_ms=6000), Refuse(ms=3000)]
    network = Network()
    ws = server.websocket(
        watchdog=lambda: fed.append(now()), link=network, connection_timeout=10000
    )
    peer = await server.opened()
    await sleep(20_000)
    peer.reset()
    network.set(False)
    await sleep(20_000)
    network.set(True)
    await server.opened()
    gaps = [b - a for a, b in zip(fed, fed[1:])]
    assert fed[0] == 0 and max(gaps) <= 1000, gaps
    ws.close()
    await ws.wait_closed()
    count = len(fed)
    await sleep(5000)
    assert len(fed) == count  # closed: the application's own


@virtual
async def test_the_watchdog_starves_when_a_handler_keeps_the_buffer(server):
    fed = []
    ws = server.websocket(watchdog=lambda: fed.append(now()))
    ws.binary_type = "memoryview"
    stuck = asyncio.Event()

    async def on_message(event):
        await stuck.wait()

    ws.onmessage = on_message
    peer = await server.opened()
    peer.binary(b"x")
    await settle()
    ws.reconnect()
    await sleep(60_000)
    assert fed[-1] < 10_000
    stuck.set()
    await server.opened()
    assert fed[-1] >= 60_000


@virtual
async def test_a_watchdog_that_raises_is_reported(server):
    told = []

    def watchdog():
        raise ValueError("no dog")

    server.websocket(watchdog=watchdog, debug_logger=told.append)
    await server.opened()
    assert "no dog" in told[0]


# The last good address


class Named:
    """Makes the server's transports tell an address, and look names up themselves."""

    def __init__(self, server):
        self.server = server
        self.addresses = []  # what the next look-ups give; an exception is raised
        self.looked_up = []  # hosts
        self.dialled = []  # what start was called with

    def transport(self):
        transport = self.server.transport()
        start = transport.start

        def begin(host, port, tls, name, timeout_ms):
            self.dialled.append(host)
            assert name == "h.example"
            transport.address = host
            if host == "h.example":
                self.looked_up.append(now())
                found = self.addresses.pop(0)
                if isinstance(found, Exception):
                    transport.plan.start = found
                transport.address = found
            start(host, port, tls, name, timeout_ms)

        transport.start = begin
        return transport


def named(server, **options):
    names = Named(server)
    ws = server.websocket("ws://h.example/", transport=names.transport, **options)
    return ws, names


@virtual
async def test_the_last_good_address_is_dialled_without_a_look_up(server):
    _, names = named(server)
    names.addresses = ["192.0.2.1"]
    for _ in range(5):
        peer = await server.opened()
        peer.reset()
    await server.opened()
    assert names.dialled == ["h.example"] + ["192.0.2.1"] * 5


@virtual
async def test_an_address_that_fails_is_looked_up_again(server):
    _, names = named(server)
    names.addresses = ["192.0.2.1", "192.0.2.2"]
    peer = await server.opened()
    server.plans = [Refuse()]
    peer.reset()
    await server.opened()
    assert names.dialled == ["h.example", "192.0.2.1", "h.example"]
    server.last.reset()
    await server.opened()
    assert names.dialled[-1] == "192.0.2.2"


@virtual
async def test_a_dead_resolver_gives_the_old_address_its_turn(server):
    _, names = named(server)
    names.addresses = ["192.0.2.1"] + [OSError(-2, "no resolver")] * 9
    peer = await server.opened()
    server.plans = [Refuse(), Accept(), Refuse(), Accept()]
    peer.reset()
    await server.opened()
    assert names.dialled == ["h.example", "192.0.2.1", "h.example", "192.0.2.1", "h.example"] or (
        names.dialled[:4] == ["h.example", "192.0.2.1", "h.example", "192.0.2.1"]
    )


@virtual
async def test_a_refusal_by_http_keeps_the_address(server):
    _, names = named(server)
    names.addresses = ["192.0.2.1"]
    peer = await server.opened()
    server.plans = [Accept(answer=503), Accept(answer=500)]
    peer.reset()
    await server.opened()
    assert names.dialled == ["h.example"] + ["192.0.2.1"] * 3


@virtual
async def test_an_address_grows_old_in_an_hour(server):
    _, names = named(server)
    names.addresses = ["192.0.2.1", "192.0.2.2"]
    peer = await server.opened()
    await sleep(3_600_000)
    peer.reset()
    await server.opened()
    assert names.dialled == ["h.example", "h.example"]


@virtual
async def test_another_host_is_looked_up(server):
    hosts = ["ws://h.example/", "ws://h.example/"]
    names = Named(server)
    names.addresses = ["192.0.2.1"] * 2
    server.websocket(lambda: hosts.pop(0), transport=names.transport)
    peer = await server.opened()
    peer.reset()
    await server.opened()
    assert names.dialled == ["h.example", "192.0.2.1"]


# hello


@virtual
async def test_hello_goes_before_the_backlog_and_open(server):
    said = []

    async def hello():
        await sleep(50)
        said.append(now())
        return f"hello {len(said)}"

    ws = server.websocket(hello=hello)
    ws.send("backlog")
    log = Log(ws)
    peer = await server.opened()
    await sleep(100)
    assert log.times[0] == 50
    assert peer.messages == ["hello 1", "backlog"]
    peer.reset()
    peer = await server.opened()
    await sleep(100)
    assert peer.messages == ["hello 2"]


@virtual
async def test_hello_may_say_nothing_or_bytes(server):
    words = [None, b"\x00" * 300]
    server.websocket(hello=lambda: words.pop(0))
    peer = await server.opened()
    await settle()
    assert peer.messages == []
    peer.reset()
    peer = await server.opened()
    await settle()
    assert peer.messages == [b"\x00" * 300]


@virtual
async def test_a_hello_that_fails_or_hangs_fails_the_dial(server):
    async def hang():
        await sleep(1_000_000)

    words = [lambda: 1 / 0, lambda: 7, hang, lambda: "at last"]
    ws = server.websocket(hello=lambda: words.pop(0)())
    log = Log(ws)
    while not log.of("open"):
        await sleep(100)
    assert [entry[1] for entry in log.of("error")] == [
        "division by zero",
        "hello gave int, not str, bytes or None",
        "TIMEOUT",
    ]
    assert log.names[:6] == ["error", "close", "reconnecting"] * 2
    assert server.last.messages == ["at last"]
    assert ws.last_error[0] == "provider"


# retry_rules and connection_id


@virtual
async def test_always_waits_the_same_for_every_cause(server):
    server.plans = [Accept(answer=404), Accept(answer=503, headers=["Retry-After: 500"])]
    options = dict(PARTYSOCKET, min_reconnection_delay=1000, transport=server.transport)
    log = Log(WebSocket("ws://h/", **options))
    peer = await server.opened()
    peer.say_close(1008)
    await sleep(10)
    delays = [entry[1] for entry in log.of("reconnecting")]
    assert delays == [1000, 1300, 1690]


@virtual
async def test_fresh_ids_keep_the_stable_one_in_the_query(server):
    options = server.options(connection_id="fresh")
    PartySocket("localhost", "r", id="device-7", **options)
    seen = []
    for _ in range(3):
        peer = await server.opened()
        query = peer.request.decode().split(" ")[1].split("?")[1]
        seen.append(query.split("&"))
        peer.reset()
    assert all(query[1] == "id=device-7" for query in seen)
    assert len({query[0] for query in seen}) == 3
    assert all(query[0].startswith("_pk=") and len(query[0]) == 40 for query in seen)


# Handlers and the next connection


@virtual
async def test_reconnect_dials_while_an_async_handler_still_runs(server):
    ws = server.websocket()
    done = []

    async def on_message(event):
        await sleep(5000)
        done.append((now(), event.data))

    ws.onmessage = on_message
    peer = await server.opened()
    peer.text("slow")
    await settle()
    ws.reconnect()
    peer = await server.opened()
    assert now() == 2000  # the Close had its time: nobody could read the answer
    peer.text("next")
    await sleep(2900)
    assert done == []
    await sleep(10_000)
    assert done == [(5000, "slow"), (10_000, "next")]


@virtual
async def test_no_message_is_read_before_an_async_close_handler_returns(server):
    ws = server.websocket()
    order = []

    async def on_close(event):
        await sleep(5000)
        order.append("close handled")

    ws.onclose = on_close
    ws.onmessage = lambda event: order.append(event.data)
    peer = await server.opened()
    peer.reset()
    peer = await server.opened()
    peer.text("early")
    await sleep(10_000)
    assert order == ["close handled", "early"]


@virtual
async def test_recv_in_an_async_close_handler_is_refused(server):
    ws = server.websocket()
    refused = []

    async def on_close(event):
        for wait in (ws.recv, ws.flush, ws.wait_closed):
            try:
                await wait()
            except Error as e:
                refused.append(str(e).split("(")[0])

    ws.onclose = on_close
    peer = await server.opened()
    peer.reset()
    await server.opened()
    assert refused == ["recv", "flush", "wait_closed"]
