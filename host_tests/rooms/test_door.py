"""Accepting connections: how many, and how long one may take before its request is complete."""

import asyncio
import socket
from contextlib import ExitStack, suppress
from unittest.mock import Mock

import pytest
import websockets

from room_server.door import Door
from room_server.metrics import Counts
from room_server.rate import network_of
from room_server.settings import Settings
from rooms.clients import (
    WAIT_S,
    connect,
    get,
    join,
    path_of,
    read_all,
    read_answer,
    state_of,
    talk,
    until,
    upgrade,
    upgraded,
)
from rooms.server_process import RoomServer

GET, HALF = get("/"), upgrade("/parties/main/r")[:-2]


@pytest.fixture(scope="module")
def hasty():
    with RoomServer("--request-timeout", "0.6", "--request-rate", "10000") as running:
        yield running


@pytest.mark.parametrize("option", ["--max-connections", "--max-per-address"])
def test_the_connection_too_many_is_told_so_and_a_place_that_is_free_is_taken(start, option):
    server = start(option, "20", "--request-timeout", "60")
    with ExitStack() as stack:
        inside = [stack.enter_context(connect(server)) for _ in range(20)]
        for tcp in inside[:18]:
            # Half a request takes a place, and so does a connection that sends nothing.
            tcp.sendall(HALF)
        inside[-1].sendall(GET)
        assert read_answer(inside[-1])[0] == 200
        # A connection that is refused takes no place.
        for _ in range(70):
            status, answer, _ = talk(server, b"")
            assert status == 503 and option in answer["error"]
        inside[-1].sendall(get("/", "Connection: close"))
        # Read to the end: then the server no longer counts it.
        assert read_all(inside[-1])
        assert talk(server, GET)[0] == 200


def test_what_does_not_come_is_not_waited_for(hasty):
    for sent in (b"", b"G", HALF, GET, GET + GET[:-4]):
        with connect(hasty) as tcp:
            tcp.sendall(sent)
            assert read_all(tcp).count(b"HTTP/1.1 ") == sent.count(b"\r\n\r\n")
    assert "Traceback" not in hasty.stderr


def test_nor_is_one_that_comes_a_byte_at_a_time(hasty):
    with connect(hasty) as tcp, suppress(ConnectionError):
        tcp.sendall(b"GET / HTTP/1.1\r\n")
        tcp.settimeout(0.05)
        for _ in range(2000):
            tcp.sendall(b"a")
            with suppress(TimeoutError):
                if not tcp.recv(1):
                    return
        raise AssertionError("it is still open")


def test_a_body_that_does_not_come_is_408(hasty):
    head = get("/parties/main/r", "Content-Length: 9").replace(b"GET", b"POST", 1)
    status, answer, _ = talk(hasty, head + b"abc")
    assert status == 408 and "within 0.6 seconds" in answer["error"]


def test_who_does_not_read_what_it_asked_for_loses_its_place(start):
    server = start("--max-connections", "1", "--request-timeout", "0.6")
    with connect(server) as tcp:
        # 8 MB of answers, which is more than the system's buffers hold.
        tcp.sendall(get("/dashboard.js") * 100)
        while (status := talk(server, GET)[0]) == 503:
            pass
        assert status == 200


async def test_a_closed_connection_whose_last_bytes_are_not_read_is_dropped():
    door = Door(None, Settings(request_timeout_s=0.01), Counts())
    visit = door._enter("10.0.0.1")
    aborted = asyncio.Event()
    visit.transport = Mock(is_closing=Mock(return_value=True), abort=aborted.set)
    keeping = asyncio.create_task(door.keep(socket.create_server(("127.0.0.1", 0))))
    await asyncio.wait_for(aborted.wait(), WAIT_S)
    # It was dropped only after it had been closing at the check before.
    assert visit.transport.is_closing.called
    keeping.cancel()


def test_a_handshake_that_keeps_http_is_refused_and_nobody_is_told(server, room):
    path = path_of(room, "role=device&name=ghost")
    request = upgrade(path).replace(b"Connection: Upgrade", b"Connection: close")
    assert talk(server, request)[0] == 400
    assert state_of(server, room)["devices"] == []


async def test_a_message_that_stops_in_the_middle_is_not_waited_for(start):
    server = start("--heartbeat", "0.6")
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with join(server, "r") as watcher:
        writer.write(upgrade("/parties/main/r?role=device&name=half"))
        assert (await watcher.next())["online"] is True
        writer.write(b"\x82\xfe\x40\x00\x00\x00\x00\x00" + bytes(8000))  # of 16384
        assert (await watcher.next())["online"] is False
    writer.close()


async def test_who_breaks_the_protocol_and_goes_is_no_fault_of_the_server(start):
    server = start("--verbose", "--request-rate", "10000")
    async with join(server, "r"):
        for _ in range(30):  # now and then it is gone before the server ends TCP
            with connect(server) as tcp:
                upgraded(tcp, path_of("r", "role=device&name=d"))
                tcp.sendall(b"\x83\x80" + bytes(4))  # no opcode
            await until(server, "r", lambda state: not state["clients"]["device"])
    assert server.stop() == 0
    lines = server.stderr.splitlines()
    assert len(lines) == 2 * 31 and all(" joined " in line or " left " in line for line in lines)


async def test_a_client_that_never_closes_tcp_is_let_go_after_its_close(start):
    server = start("--max-connections", "1")
    async with websockets.connect(server.ws_url("r"), compression=None) as socket:
        # The message is too long.
        await socket.send(bytes(20000))
        await socket.wait_closed()
        assert socket.close_code == 1009
    await join(server, "r")


def test_an_ipv6_network_counts_as_one_address():
    for host, expected in (
        *(("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("", ""), (None, "")),
        *(("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64")),
    ):
        assert network_of(host) == expected
