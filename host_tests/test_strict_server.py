"""The server of other tests is strict, and an error in it makes its test fail."""

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from strict_server import StrictServer


def close_code(server, sent=b""):
    """The code with which a client that sends these bytes is closed."""
    with connect(server.url, proxy=None, compression=None) as client:
        if sent:
            client.socket.sendall(sent)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(10)
    return closed.value.rcvd.code


def test_a_violation_of_the_protocol_is_closed_with_its_code():
    with StrictServer() as server:
        # 5.1: not masked.
        assert close_code(server, bytes.fromhex("8102") + b"hi") == 1002
        server.wait_closed()
        assert server.connections[0].close_code == 1002


def test_an_error_in_a_script_fails_the_test():
    async def script(connection):
        raise LookupError("planted")

    with pytest.raises(LookupError, match="planted"):
        with StrictServer(script) as server:
            assert close_code(server) == 1011
