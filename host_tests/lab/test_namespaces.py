"""Real MicroPython on a network that fails as networks do: without a word.

In namespaces of its own (namespaces.py), by nftables. Skipped without root, and in CI.
"""

import contextlib

import pytest

from e2e.devices import talker
from strict_server import StrictServer, silent

from .namespaces import DEVICE, RESOLVER_IP, SERVER, SERVER_IP, Cable, need_namespaces

_MESSAGES = 1000
_ON_THEIR_WAY = 20
_SOON = {
    "max_reconnection_delay": 300,
    "connection_timeout": 400,
    "ping_interval_ms": 300,
    "ping_timeout_ms": 300,
}
_PATIENT = {"connection_timeout": 60000, "ping_interval_ms": 60000, "ping_timeout_ms": 60000}
_SILENT = "no sign of life from the peer"


@pytest.fixture
def cable(micropython, tmp_path, monkeypatch):
    need_namespaces()
    with Cable() as cable:
        wrapped = cable.wrapped(micropython, tmp_path)
        monkeypatch.setattr("interpreters.need_micropython", lambda: wrapped)
        yield cable


@pytest.fixture
def server(cable):
    """At the far end of the cable."""
    server = StrictServer(silent, host=SERVER_IP)
    with cable.inside(SERVER):
        server.start()
    yield server
    server.stop()


def dial(server, host=SERVER_IP, options=_SOON):
    return talker("micropython", url=f"ws://{host}:{server.port}/", options=options)


@contextlib.contextmanager
def talking(server, host=SERVER_IP):
    """A device that is connected."""
    with dial(server, host) as device:
        device.wait("open")
        talk(server, device, "before")
        yield device


def talk(server, device, text):
    """The server reaches the device, and the device the server."""
    server.send_all(f"say:{text}")
    device.wait("text", data=f"say:{text}")
    server.wait_for(lambda: text in server.messages, f"not {text!r}")


def is_back(server, device):
    device.wait("open", reconnected=True)
    talk(server, device, "after")


def test_a_half_open_link_is_noticed_left_and_made_anew(cable, server):
    with talking(server) as device:
        cable.filter("drop")
        device.wait("error", message=_SILENT)
        device.wait("close", code=1006, clean=False)
        device.wait("error", phase="tcp", message="TIMEOUT")
        cable.lift()
        is_back(server, device)


@pytest.mark.parametrize("end", [DEVICE, SERVER], ids=["device", "server"])
def test_a_link_that_is_dead_one_way_is_left(cable, server, end):
    with talking(server) as device:
        cable.filter("drop", [end])
        device.wait("error", message=_SILENT)
        cable.lift()
        is_back(server, device)


def test_nobody_answers_a_dial(cable, server):
    cable.filter("tcp flags & (syn | ack) == syn drop", [SERVER])
    with dial(server) as device:
        for _ in range(3):
            device.wait("error", phase="tcp", message="TIMEOUT")
        cable.lift()
        device.wait("open", reconnected=False)
        talk(server, device, "hello")


@contextlib.contextmanager
def known_by_name(cable, server):
    """A device that looked the server up, when nothing can be looked up any more: questions are
    counted, and not answered.
    """
    cable.filter("udp dport 53 counter name counted drop", [SERVER])
    cable.etc("resolv.conf", f"nameserver {RESOLVER_IP}\noptions timeout:1 attempts:1\n")
    cable.etc("hosts", f"{SERVER_IP} lab.test\n")
    with talking(server, "lab.test") as device:
        cable.etc("hosts", "")
        yield device


def test_a_dead_resolver_keeps_no_device_from_coming_back(cable, server):
    with known_by_name(cable, server) as device:
        for _ in range(2):
            server.wait_connections(1)
            server.drop_all("rst")
            device.wait("close", code=1006)
            device.wait("open", reconnected=True)
        talk(server, device, "after")
        assert cable.counted(SERVER) == 0, "it waited for the resolver"

        # A device that has no address yet has to ask, in vain: the resolver is really dead.
        with dial(server, "lab.test") as other:
            other.wait("error", phase="dns")
            assert cable.counted(SERVER) > 0


def test_the_last_address_is_tried_again_when_the_resolver_is_dead_too(cable, server):
    with known_by_name(cable, server) as device:
        server.stop("rst")
        device.wait("close", code=1006)
        device.wait("error", phase="tcp")
        device.wait("error", phase="dns")
        with cable.inside(SERVER):
            server.start()
        is_back(server, device)


def test_a_thousand_messages_pass_a_network_that_loses_every_fifth_packet(cable, server):
    """Which ones it loses, the kernel draws: no seed repeats it."""

    async def order(connection):
        for i in range(_MESSAGES):  # some of them on their way at a time, in packets of their own
            await connection.send(f"say:{i}")
            if i >= _ON_THEIR_WAY:
                await connection.receive()
        await silent(connection)

    cable.hurry()
    cable.filter("numgen random mod 100 < 20 counter name counted drop")
    server.script = order
    with dial(server, options=_PATIENT):
        got = server.wait_messages(_MESSAGES, timeout_s=100)
        assert got == [str(i) for i in range(_MESSAGES)]
        assert len(server.connections) == 1
    lost = [cable.counted(end) for end in (DEVICE, SERVER)]
    print("packets lost at either end:", lost)
    assert min(lost) > 0


@pytest.mark.parametrize("end", [DEVICE, SERVER], ids=["device", "server"])
def test_a_plug_that_is_pulled_and_put_in_again(cable, server, end):
    with talking(server) as device:
        for i in range(2):
            talk(server, device, f"before {i}")
            cable.set_link(end, "down")
            device.wait("error", message=_SILENT)
            device.wait("error", phase="tcp")  # of a dial: there is no route, or nobody answers
            cable.set_link(end, "up")
            device.wait("open", reconnected=True)
        talk(server, device, "after")
