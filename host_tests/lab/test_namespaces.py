"""Real MicroPython on a network that fails as real networks do: without an error.

It runs in its own namespaces (namespaces.py), with nftables. Skipped without root, and in CI.
"""

import contextlib

import pytest

from e2e.devices import talker
from strict_server import StrictServer, silent

from .namespaces import DEVICE, RESOLVER_IP, SERVER, SERVER_IP, Cable, need_namespaces

_SOON = {
    "max_reconnection_delay": 300,
    "connection_timeout": 400,
    "ping_interval_ms": 300,
    "ping_timeout_ms": 300,
}
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
    """A server at the far end of the cable."""
    server = StrictServer(silent, host=SERVER_IP)
    with cable.inside(SERVER):
        server.start()
    yield server
    server.stop()


def dial(server, host):
    return talker("micropython", url=f"ws://{host}:{server.port}/", options=_SOON)


@contextlib.contextmanager
def talking(server, host=SERVER_IP):
    """A device that is connected."""
    with dial(server, host) as device:
        device.wait("open")
        talk(server, device, "before")
        yield device


def talk(server, device, text):
    """Check that messages pass both ways."""
    server.send_all(f"say:{text}")
    device.wait("text", data=f"say:{text}")
    server.wait_for(lambda: text in server.messages, f"not {text!r}")


def is_back(server, device):
    device.wait("open", reconnected=True)
    talk(server, device, "after")


CUTS = {
    "nothing passes": lambda cable: cable.filter("drop"),
    "nothing reaches the device": lambda cable: cable.filter("drop", [DEVICE]),
    "nothing reaches the server": lambda cable: cable.filter("drop", [SERVER]),
    "the device's plug is pulled": lambda cable: cable.pull(DEVICE),
    "the server's plug is pulled": lambda cable: cable.pull(SERVER),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_half_open_link_is_noticed_left_and_made_anew(cable, server, cut):
    with talking(server) as device:
        cut(cable)
        device.wait("error", message=_SILENT)
        device.wait("close", code=1006, clean=False)
        # The error of a dial: there is no route, or no answer.
        device.wait("error", phase="tcp")
        cable.lift()
        is_back(server, device)


@contextlib.contextmanager
def known_by_name(cable, server):
    """A device that has looked the server up before the resolver dies. Questions are then counted,
    but not answered.
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

        # A device that has no address yet must ask, without success: the resolver is really dead.
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
