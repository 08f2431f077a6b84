"""Real MicroPython on a network that fails as networks do: without a word.

In namespaces of its own (namespaces.py), by nftables. Skipped without root, and in CI.
"""

import pytest

from e2e.devices import talker
from strict_server import StrictServer, echo

from .namespaces import RESOLVER_IP, SERVER_IP, Cable, need_namespaces

_MESSAGES = 1000
_ON_THEIR_WAY = 20
SOON = {
    "max_reconnection_delay": 300,
    "connection_timeout": 400,
    "ping_interval_ms": 300,
    "ping_timeout_ms": 300,
}
_SILENT = "no sign of life from the peer"
_SYN = "tcp flags & (syn | ack) == syn"


@pytest.fixture
def cable(micropython, tmp_path, monkeypatch):
    need_namespaces()
    with Cable() as cable:
        wrapped = cable.wrapped(micropython, tmp_path)
        monkeypatch.setattr("e2e.devices.need_micropython", lambda: wrapped)
        yield cable


@pytest.fixture
def serve(cable):
    """Starts a StrictServer at the far end of the cable."""
    started = []

    def serve(script=echo):
        server = StrictServer(script, host=SERVER_IP)
        with cable.inside(cable.server):
            server.start()
        started.append(server)
        return server

    yield serve
    for server in started:
        server.stop()


@pytest.fixture
def server(serve):
    async def keep(connection):
        while True:
            await connection.receive()

    return serve(keep)


def dial(server, host=SERVER_IP, **options):
    url = f"ws://{host}:{server.port}/"
    return talker("micropython", url=url, options={**SOON, **options})


def talk(server, device, text):
    """The server reaches the device, and the device the server."""
    server.send_all(f"say:{text}")
    device.wait("text", data=f"say:{text}")
    server.wait_for(lambda: text in server.messages, f"not {text!r}")


def test_a_half_open_link_is_noticed_left_and_made_anew(cable, server):
    with dial(server) as device:
        device.wait("open")
        talk(server, device, "before")
        cable.filter("drop")
        device.wait("error", message=_SILENT)
        device.wait("close", code=1006, clean=False)
        device.wait("error", phase="tcp", message="TIMEOUT")
        cable.lift()
        device.wait("open", reconnected=True)
        talk(server, device, "after")


@pytest.mark.parametrize("end", ["device", "server"])
def test_a_link_that_is_dead_one_way_is_left(cable, server, end):
    with dial(server) as device:
        device.wait("open")
        talk(server, device, "before")
        cable.filter("drop", [getattr(cable, end)])
        device.wait("error", message=_SILENT)
        cable.lift()
        device.wait("open", reconnected=True)
        talk(server, device, "after")


def test_nobody_answers_a_dial(cable, server):
    cable.filter(f"{_SYN} drop", [cable.server])
    with dial(server) as device:
        for _ in range(3):
            device.wait("error", phase="tcp", message="TIMEOUT")
        cable.lift()
        device.wait("open", reconnected=False)
        talk(server, device, "hello")


def kill_resolver(cable):
    """Nothing can be looked up any more: questions are counted, and not answered."""
    cable.filter("udp dport 53 counter name counted drop", [cable.server])
    cable.etc("resolv.conf", f"nameserver {RESOLVER_IP}\noptions timeout:1 attempts:1\n")
    cable.etc("hosts", f"{SERVER_IP} lab.test\n")
    yield
    cable.etc("hosts", "")


def test_a_dead_resolver_keeps_no_device_from_coming_back(cable, server):
    dying = kill_resolver(cable)
    next(dying)
    with dial(server, "lab.test") as device:
        device.wait("open")
        next(dying, None)
        for _ in range(2):
            server.wait_connections(1)
            server.drop_all("rst")
            device.wait("close", code=1006)
            device.wait("open", reconnected=True)
        talk(server, device, "after")
        assert cable.counted(cable.server) == 0, "it waited for the resolver"

        # A device that has no address yet has to ask, in vain: the resolver is really dead.
        with dial(server, "lab.test") as other:
            other.wait("error", phase="dns")
            assert cable.counted(cable.server) > 0


def test_the_last_address_is_tried_again_when_the_resolver_is_dead_too(cable, server):
    dying = kill_resolver(cable)
    next(dying)
    with dial(server, "lab.test") as device:
        device.wait("open")
        next(dying, None)
        server.stop("rst")
        device.wait("close", code=1006)
        device.wait("error", phase="tcp")
        device.wait("error", phase="dns")
        with cable.inside(cable.server):
            server.start()
        device.wait("open", reconnected=True)
        talk(server, device, "after")


def test_a_thousand_messages_pass_a_network_that_loses_every_fifth_packet(cable, serve):
    """Which ones it loses, the kernel draws: no seed repeats it."""

    async def order(connection):
        for i in range(_MESSAGES):  # some of them on their way at a time, in packets of their own
            await connection.send(f"say:{i}")
            if i >= _ON_THEIR_WAY:
                await connection.receive()
        while True:
            await connection.receive()

    cable.hurry()
    cable.filter("numgen random mod 100 < 20 counter name counted drop")
    server = serve(order)
    patient = {"connection_timeout": 60000, "ping_interval_ms": 60000, "ping_timeout_ms": 60000}
    with dial(server, **patient):
        got = server.wait_messages(_MESSAGES, timeout_s=100)
        assert got == [str(i) for i in range(_MESSAGES)]
        assert len(server.connections) == 1
    lost = [cable.counted(end) for end in (cable.device, cable.server)]
    print("packets lost at either end:", lost)
    assert min(lost) > 0


@pytest.mark.parametrize("end", ["device", "server"])
def test_a_plug_that_is_pulled_and_put_in_again(cable, server, end):
    name = getattr(cable, end)
    with dial(server) as device:
        device.wait("open")
        for i in range(2):
            talk(server, device, f"before {i}")
            cable.set_link(name, "down")
            device.wait("error", message=_SILENT)
            device.wait("error", phase="tcp")  # of a dial: there is no route, or nobody answers
            cable.set_link(name, "up")
            device.wait("open", reconnected=True)
        talk(server, device, "after")
