"""The helper that other tests stand on: it records, waits, closes, drops and comes back."""

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from strict_server import StrictServer, silent

_TIMEOUT_S = 10


def join(server, path="/", **options):
    return connect(server.url + path, proxy=None, compression=None, **options)


def test_it_echoes_and_records():
    with StrictServer() as server:
        with join(server, "/room?x=1", additional_headers={"X-Board": "pico"}) as client:
            client.send("hi")
            client.send(b"\x00\xff")
            assert (client.recv(_TIMEOUT_S), client.recv(_TIMEOUT_S)) == ("hi", b"\x00\xff")
            assert server.wait_messages(2) == ["hi", b"\x00\xff"]
            client.close(4001, "bye")
        server.wait_closed()
        (connection,) = server.connections
    assert (connection.path, connection.headers["x-board"]) == ("/room?x=1", "pico")
    assert (connection.close_code, connection.close_reason) == (4001, "bye")


def test_it_sends_to_all_and_closes_all_with_a_code():
    with StrictServer(silent) as server, join(server) as first, join(server) as second:
        server.wait_connections(2)
        server.send_all("news")
        assert first.recv(_TIMEOUT_S) == second.recv(_TIMEOUT_S) == "news"
        server.close_all(4000, "enough")
        for client in (first, second):
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(_TIMEOUT_S)
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "enough")


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_dropped_clients_see_no_close_frame(how):
    with StrictServer() as server, join(server) as client:
        server.wait_connections(1)
        server.drop_all(how)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(_TIMEOUT_S)
        assert closed.value.rcvd is None
        assert isinstance(closed.value.__cause__, ConnectionResetError) == (how == "rst")
        server.wait_closed()
        assert server.connections[0].close_code == 1006


def test_it_restarts_on_the_same_port_and_keeps_the_record():
    with StrictServer() as server:
        port = server.port
        with join(server) as client:
            server.wait_connections(1)
            server.restart()
            assert server.port == port
            with pytest.raises(ConnectionClosed):
                client.recv(_TIMEOUT_S)
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            join(server)
        server.start()
        with join(server) as client:
            client.send("back")
            assert client.recv(_TIMEOUT_S) == "back"
        assert len(server.connections) == 2


def test_stopping_with_1001_says_so():
    with StrictServer() as server, join(server) as client:
        server.wait_connections(1)
        server.stop(1001)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(_TIMEOUT_S)
        assert closed.value.rcvd.code == 1001


def test_a_script_decides_and_its_end_closes():
    async def script(connection):
        name = await connection.receive()
        await connection.send("hello " + name)

    with StrictServer(script) as server, join(server) as client:
        client.send("board")
        assert client.recv(_TIMEOUT_S) == "hello board"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(_TIMEOUT_S)
        assert closed.value.rcvd.code == 1000


def test_waiting_in_vain_fails_and_says_what_there_is():
    with StrictServer() as server:
        with pytest.raises(AssertionError, match=r"not 1 connections in 0.01 s; there is \[\]"):
            server.wait_connections(1, timeout_s=0.01)


def test_an_error_in_a_script_fails_the_test():
    async def script(connection):
        raise LookupError("planted")

    with pytest.raises(LookupError, match="planted"):
        with StrictServer(script) as server, join(server) as client:
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(_TIMEOUT_S)
            assert closed.value.rcvd.code == 1011


def test_a_violation_of_the_protocol_is_closed_with_its_code():
    with StrictServer() as server, join(server) as client:
        client.socket.sendall(bytes.fromhex("8102") + b"hi")  # 5.1: a client masks its frames
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(_TIMEOUT_S)
        assert closed.value.rcvd.code == 1002
        server.wait_closed()
        assert server.connections[0].close_code == 1002
