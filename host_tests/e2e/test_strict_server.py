"""The library on real MicroPython and CPython processes, against the strict `websockets` server.
host_tests/conformance tests the frames on the wire, on the same interpreters.
"""

import re
from itertools import count

import pytest

from strict_server import StrictServer, silent

from .devices import talker


@pytest.fixture
def server():
    with StrictServer(silent) as server:
        yield server


def test_a_server_that_comes_late_gets_all_that_was_queued_in_order(interpreter, server):
    texts = ["one", "two", "drei: äöü €", "", "x" * 1000]
    options = {"max_reconnection_delay": 300}
    server.stop()
    with talker(interpreter, url=server.url, send=texts, options=options) as device:
        assert device.wait("queued")["open"] is False
        device.wait("error", phase="tcp")
        device.wait("close", code=1006)
        server.start()
        assert server.wait_messages(len(texts)) == texts


def test_each_end_is_told_as_it_was_and_the_device_comes_back_until_it_closes(interpreter, server):
    # The device notices an end by itself.
    options = {"ping_interval_ms": 0}
    connections = count(2)
    with talker(interpreter, host=server.address, room="Küche 1", options=options) as device:

        def is_back():
            device.wait("open", reconnected=True)
            server.wait_connections(next(connections))

        device.wait("open", reconnected=False)
        server.wait_connections(1)
        for code in (1001, 4000):
            server.close_all(code, "later")
            device.wait("close", code=code, reason="later", clean=True)
            device.wait("reconnecting")
            is_back()
        for how in ("fin", "rst"):
            server.drop_all(how)
            device.wait("error", phase="websocket")
            device.wait("close", code=1006, clean=False)
            is_back()
        server.send_all("reconnect")
        device.wait("close", code=1000, clean=True)
        is_back()
        server.send_all("say:last words")
        server.send_all("quit:4321")
        device.wait("close", code=4321, clean=True)
        device.wait("ended")
        assert device.wait_end() == 0
    # It goes out before the Close.
    assert server.messages == ["last words"]
    ends = [connection.close_code for connection in server.connections]
    assert ends == [1001, 4000, 1006, 1006, 1000, 4321]
    (path,) = {connection.path for connection in server.connections}
    assert re.fullmatch(r"/parties/main/K%C3%BCche%201\?_pk=[0-9a-f-]{36}", path)


def test_a_server_that_stops_answering_pings_is_left(interpreter, server):
    options = {"ping_interval_ms": 300, "ping_timeout_ms": 300}
    with talker(interpreter, url=server.url, options=options) as device:
        device.wait("open")
        server.wait_connections(1)[0].ws.transport.pause_reading()
        device.wait("error", message="no sign of life from the peer")
        device.wait("open", reconnected=True)
