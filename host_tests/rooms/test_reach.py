"""What a server prints when it listens: an address that works, and what boards need."""

from urllib.request import ProxyHandler, build_opener

import pytest

from room_server import reach
from rooms.clients import WAIT_S
from rooms.server_process import RoomServer

HINT = "with --lan"


@pytest.mark.parametrize(
    ("scheme", "host", "own", "name", "address", "hint"),
    [
        ("http", "127.0.0.1", "10.0.0.7", "pi.local", "127.0.0.1", HINT),
        ("http", "localhost", "10.0.0.7", "", "localhost", HINT),
        ("https", "::1", "10.0.0.7", "", "[::1]", HINT),
        ("http", "0.0.0.0", "10.0.0.7", "", "10.0.0.7", "HOST is 10.0.0.7:1999"),
        ("http", "0.0.0.0", "10.0.0.7", "pi.local", "10.0.0.7", "10.0.0.7:1999 or pi.local:1999"),
        ("http", "0.0.0.0", "10.0.0.7 10.1.0.7", "", "10.0.0.7", "10.0.0.7:1999 or 10.1.0.7:1999"),
        ("http", "::", "2001:db8::7", "", "[2001:db8::7]", "HOST is [2001:db8::7]:1999"),
        ("https", "0.0.0.0", "10.0.0.7", "pi.local", "10.0.0.7", "in the certificate, with :1999"),
        ("http", "10.0.0.8", "10.0.0.7", "pi.local", "10.0.0.8", "HOST is 10.0.0.8:1999"),
        ("http", "pi.home", "10.0.0.7", "", "pi.home", "HOST is pi.home:1999"),
    ],
)
def test_the_address_is_one_that_others_can_use(scheme, host, own, name, address, hint):
    url, line = reach.announcement(scheme, host, 1999, own.split(), name).split("\n")
    assert url == f"{scheme}://{address}:1999/"
    assert line.endswith(hint)


def test_without_a_network_it_is_this_computer_s(monkeypatch):
    # This address family does not exist.
    monkeypatch.setattr(reach, "_ELSEWHERE", {4: (0, ""), 6: (0, "")})
    for host, address in (("0.0.0.0", "127.0.0.1"), ("::", "[::1]")):
        url, line = reach.announcement("http", host, 1999).split("\n")
        assert url == f"http://{address}:1999/"
        assert "no network" in line and line.endswith("with :1999")


def test_what_the_server_prints_answers_and_is_no_wildcard():
    with RoomServer("--host", "0.0.0.0") as server:
        assert "0.0.0.0" not in server.address and "HOST is" in server.hint
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{server.address}/parties/main/r", timeout=WAIT_S) as answer:
            assert answer.status == 200
    with RoomServer() as server:
        assert server.address == f"http://127.0.0.1:{server.port}" and HINT in server.hint
