"""CPython's transport: what needs a real socket, on loopback."""

import asyncio
import socket

import pytest


async def _dial(addresses, monkeypatch):
    from partysocket.net.cpython import Transport

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
