"""The library on real MicroPython and CPython processes against the strict `websockets` server."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from strict_server import StrictServer, silent

from .devices import talker


@pytest.fixture
def connected(interpreter):
    """A server, and a device that is connected to it, and hears of an end by itself: no pings."""
    with StrictServer(silent) as server:
        with talker(interpreter, url=server.url, options={"ping_interval_ms": 0}) as device:
            device.wait("open")
            server.wait_connections(1)
            yield server, device


def test_a_device_joins_with_the_address_of_a_partysocket(interpreter):
    options = {"headers": {"X-Of": "us"}}
    with StrictServer(silent) as server:
        with talker(interpreter, host=server.address, room="Küche 1", options=options):
            connection = server.wait_connections(1)[0]
            parts = urlsplit(connection.path)
            assert parts.path == "/parties/main/K%C3%BCche%201"
            assert len(parse_qs(parts.query)["_pk"][0]) == 36
            assert connection.headers["Host"] == server.address
            assert connection.headers["X-Of"] == "us"
            assert "Sec-WebSocket-Extensions" not in connection.headers
            assert "Sec-WebSocket-Protocol" not in connection.headers


def test_what_was_sent_before_the_first_open_arrives_in_order(interpreter):
    texts = ["one", "two", "drei: äöü €", "", "x" * 1000]
    with StrictServer(silent) as server:
        with talker(interpreter, url=server.url, send=texts) as device:
            assert device.wait("queued")["open"] is False
            assert server.wait_messages(len(texts)) == texts


def bytes_of(size):
    return bytes(i & 255 for i in range(size))


def test_binary_of_every_header_form_arrives_whole(connected):
    server, _ = connected
    for n, size in enumerate((0, 1, 125, 126, 1460, 4088), 1):
        server.send_all(f"binary:{size}")
        assert server.wait_messages(n)[-1] == bytes_of(size)


def test_messages_beyond_the_receive_buffer_are_received_whole(connected):
    server, device = connected
    for size in (0, 125, 126, 2048, 2049, 16384):
        data = bytes_of(size)
        server.send_all(data)
        server.send_all("behind it")
        assert device.wait("binary") == {"what": "binary", "size": size, "sum": sum(data)}
        device.wait("text", data="behind it")


def test_a_message_over_the_limit_is_refused_with_1009(connected):
    server, device = connected
    server.send_all(b"x" * 16385)
    device.wait("close", code=1009, clean=False)
    server.wait_connections(2)
    assert server.connections[0].close_code == 1009
    device.wait("open", reconnected=True)


def test_a_fragmented_message_comes_as_one_and_pings_are_answered(interpreter):
    async def script(connection):
        await connection.send(["frag", "men", "", "ted"])
        for payload in (b"", b"x" * 125):
            await asyncio.wait_for(await connection.ws.ping(payload), 20)
        await connection.send("answered")
        await connection.receive()

    with StrictServer(script) as server, talker(interpreter, url=server.url) as device:
        device.wait("text", data="fragmented")
        device.wait("text", data="answered")


@pytest.mark.parametrize("code", [1001, 4000])
def test_the_servers_close_is_answered_and_told_and_the_device_comes_back(interpreter, code):
    with StrictServer(silent) as server:
        with talker(interpreter, host=server.address, room="r") as device:
            device.wait("open", reconnected=False)
            server.close_all(code, "later")
            device.wait("close", code=code, reason="later", clean=True)
            device.wait("reconnecting")
            device.wait("open", reconnected=True)
            first, second = server.wait_connections(2)
            assert first.close_code == code
            assert first.path == second.path  # the same _pk


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_link_that_breaks_is_told_as_1006_and_made_anew(connected, how):
    server, device = connected
    server.drop_all(how)
    device.wait("error", phase="websocket")
    device.wait("close", code=1006, clean=False)
    device.wait("open", reconnected=True)
    server.send_all("say:still here")
    assert server.wait_messages(1) == ["still here"]


def test_a_server_that_comes_late_gets_all_that_was_queued(interpreter):
    options = {"max_reconnection_delay": 300}
    with StrictServer(silent) as server:
        server.stop()
        with talker(interpreter, url=server.url, send=["a", "b"], options=options) as device:
            device.wait("error", phase="tcp")
            device.wait("close", code=1006)
            server.start()
            assert server.wait_messages(2) == ["a", "b"]


def test_a_server_that_stops_answering_pings_is_left(interpreter):
    options = {"ping_interval_ms": 300, "ping_timeout_ms": 300}
    with StrictServer(silent) as server:
        with talker(interpreter, url=server.url, options=options) as device:
            device.wait("open")
            server.wait_connections(1)[0].ws.transport.pause_reading()
            device.wait("error", message="no sign of life from the peer")
            device.wait("open", reconnected=True)


def test_close_says_goodbye_after_the_queue_is_out(connected):
    server, device = connected
    server.send_all("say:last words")
    server.send_all("quit:4321")
    device.wait("close", code=4321, clean=True)
    device.wait("ended")
    assert device.wait_end() == 0
    assert server.messages == ["last words"]
    assert server.connections[0].close_code == 4321


def test_reconnect_from_a_handler_opens_anew(connected):
    server, device = connected
    server.send_all("reconnect")
    device.wait("close", code=1000, clean=True)
    device.wait("open", reconnected=True)


def test_the_subprotocol_that_the_server_chooses_is_told(interpreter):
    options = {"protocols": ["json", "mqtt"]}
    with StrictServer(silent, subprotocols=["mqtt"]) as server:
        with talker(interpreter, url=server.url, options=options) as device:
            device.wait("open", protocol="mqtt")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_told_with_its_status(interpreter, status):
    def refuse(connection, request):
        return connection.respond(status, "no\n")

    with StrictServer(silent, process_request=refuse) as server:
        with talker(interpreter, url=server.url) as device:
            device.wait("error", message=f"the server answered {status}", phase="http")
            assert device.wait("reconnecting")["ms"] >= 240000  # nothing that a redial mends
