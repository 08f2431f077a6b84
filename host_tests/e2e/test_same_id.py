"""A device that comes back while the server still holds its old, half-open connection.

PartyServer in its default mode takes a connection out of the room by its id: when the old one ends
at last, the new one of the same `_pk` hears nothing of the room any more, while all seems well.
"""

import asyncio
import json
import time
import urllib.request
import uuid
from contextlib import contextmanager

import pytest
import websockets

from needs import need_workerd
from partyserver import PartyServer
from rooms.server_process import RoomServer

from .devices import WAIT_S, talker
from .relay import Relay

TEXT = "can you hear me"


@pytest.fixture
def room():
    return str(uuid.uuid4())


@pytest.fixture
def server():
    with PartyServer(need_workerd()) as server:
        yield server


def wait_state(address, room, is_so):
    """Wait for what the room says of itself."""
    until = time.monotonic() + WAIT_S
    while True:
        with urllib.request.urlopen(f"http://{address}/parties/main/{room}", timeout=10) as answer:
            if is_so(now := json.load(answer)):
                return
        assert time.monotonic() < until, now


async def ask_all(address, room):
    """Say something to the room; return when another member has heard it."""
    url = f"ws://{address}/parties/main/{room}"
    async with websockets.connect(url) as listener, websockets.connect(url) as speaker:
        await speaker.send(TEXT)
        while await asyncio.wait_for(listener.recv(), WAIT_S) != TEXT:
            pass


@contextmanager
def come_back_half_open(address, room, interpreter, kind, is_greeted=True):
    """A device that has come back, and a server that has then learned that the old connection has
    ended. `is_greeted`: the room has a word for who joins: it knows the new connection then.
    """
    options = {"party": "main", "id": "device-1", "connection_id": kind}
    with Relay(address) as relay:
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            device.wait("text" if is_greeted else "open")
            relay.lose_client()
            device.wait("open", reconnected=True)
            if is_greeted:
                device.wait("text")
            relay.lose_server(0)
            yield device, relay


def test_with_a_stable_id_partyserver_leaves_the_device_deaf(server, room, interpreter):
    # If this fails, PartyServer has mended it, and the README's warning can go.
    with come_back_half_open(server.address, room, interpreter, "stable") as (device, relay):
        wait_state(server.address, room, lambda now: "device-1" not in now["ids"])
        asyncio.run(ask_all(server.address, room))
        relay.lose_client()
        device.wait("close")  # only now: its connection was open all the time
        assert not any(TEXT in line for line in device.lines)


def test_with_a_fresh_id_the_device_hears_on(server, room, interpreter):
    with come_back_half_open(server.address, room, interpreter, "fresh") as (device, _):
        wait_state(server.address, room, lambda now: now["connections"] == 1)
        asyncio.run(ask_all(server.address, room))
        device.wait("text", data=TEXT)


@pytest.mark.parametrize("kind", ["stable", "fresh"])
def test_the_room_server_leaves_nobody_deaf(room, interpreter, kind):
    with RoomServer() as server:
        address = f"127.0.0.1:{server.port}"
        with come_back_half_open(address, room, interpreter, kind, False) as (device, _):
            asyncio.run(ask_all(address, room))
            device.wait("text", data=TEXT)
