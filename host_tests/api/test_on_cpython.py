"""Cases that only exist on CPython: sockets on loopback with several addresses; a second event
loop after the first one was stopped.
"""

import asyncio
import socket

import pytest

from partysocket import WebSocket
from partysocket.net.cpython import Transport


async def _dial(addresses, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: addresses)
    transport = Transport()
    try:
        transport.start("name", 80, None, "name", 1000)
        for _ in range(100):
            if transport.step():
                return True
            await asyncio.sleep(0.002)
        return False
    finally:
        transport.close()


_UNREACHABLE = {
    "refused": (socket.AF_INET, ("127.0.0.1", 1)),
    "no route": (socket.AF_INET, ("255.255.255.255", 80)),
    "no such family": (socket.AF_APPLETALK, ("127.0.0.1", 80)),
}


@pytest.mark.parametrize("first", _UNREACHABLE)
def test_the_next_address_is_tried_when_the_first_fails(first, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        family, address = _UNREACHABLE[first]
        found = [
            (family, socket.SOCK_STREAM, 6, "", address),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", listener.getsockname()),
        ]
        assert asyncio.run(_dial(found, monkeypatch))


@pytest.mark.filterwarnings("ignore:coroutine .*never_begins")
def test_a_handler_that_the_loops_end_cancelled_before_it_began_is_forgotten():
    def nobody():
        raise OSError(111, "nobody there")

    sockets = []

    async def never_begins():
        pass

    def on_error(event):
        # The loop ends in this turn, before the task of the handler can begin.
        asyncio.get_running_loop().stop()
        return never_begins()

    async def first():
        ws = WebSocket("ws://server/", transport=nobody)
        ws.onerror = on_error
        sockets.append(ws)
        await asyncio.Event().wait()

    async def second():
        ws = sockets[0]
        ws.onerror = None
        ws.reconnect()
        ws.close()
        closing = asyncio.create_task(ws.wait_closed())
        for _ in range(100):
            await asyncio.sleep(0)
        assert closing.done()

    with pytest.raises(RuntimeError, match="stopped before"):
        asyncio.run(first())
    asyncio.run(second())
