"""An error in a script of the tests' server makes its test fail."""

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from strict_server import StrictServer


def test_an_error_in_a_script_fails_the_test():
    async def script(connection):
        raise LookupError("planted")

    with pytest.raises(LookupError, match="planted"):
        with StrictServer(script) as server:
            with connect(server.url, proxy=None, compression=None) as client:
                with pytest.raises(ConnectionClosed):
                    client.recv(10)
