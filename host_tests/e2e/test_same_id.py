"""A device that comes back while the server still holds its old, half-open connection.

PartyServer in its default mode takes a connection out of the room by its id: when the old one ends
at last, the new one of the same `_pk` hears nothing of the room any more, while all seems well.
"""

import asyncio
import json
import time
import urllib.request
import uuid

import pytest
import websockets

from needs import need_workerd
from partyserver import PartyServer
from rooms.server_process import RoomServer

from .devices import WAIT_S, talker
from .relay import Relay


@pytest.fixture
def room():
    return str(uuid.uuid4())


def state(server, room):
    with urllib.request.urlopen(f"http://{server.address}/parties/main/{room}", timeout=10) as r:
        return json.load(r)


def wait_state(server, room, is_so):
    until = time.monotonic() + WAIT_S
    while not is_so(now := state(server, room)):
        assert time.monotonic() < until, now


async def tell_all(address, room, text):
    """Say something to the room; return when another member has heard it."""
    url = f"ws://{address}/parties/main/{room}"
    async with websockets.connect(url) as listener, websockets.connect(url) as speaker:
        await speaker.send(text)
        while await asyncio.wait_for(listener.recv(), WAIT_S) != text:
            pass


def come_back_half_open(relay, device):
    """The device comes back; then the server learns that the old connection has ended."""
    device.wait("text")
    relay.lose_client()
    device.wait("open", reconnected=True)
    device.wait("text")  # the room's word to who joins: it knows the new connection
    relay.lose_server(0)


def test_with_a_stable_id_partyserver_leaves_the_device_deaf(room, interpreter):
    # If this fails, PartyServer has mended it, and the README's warning can go.
    with PartyServer(need_workerd()) as server, Relay(server.address) as relay:
        options = {"party": "main", "id": "device-1"}
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            come_back_half_open(relay, device)
            wait_state(server, room, lambda now: "device-1" not in now["ids"])
            asyncio.run(tell_all(server.address, room, "can you hear me"))
            relay.lose_client()
            device.wait("close")  # only now: its connection was open all the time
            assert not any("can you hear me" in line for line in device.lines)


def test_with_a_fresh_id_the_device_hears_on(room, interpreter):
    with PartyServer(need_workerd()) as server, Relay(server.address) as relay:
        options = {"party": "main", "id": "device-1", "connection_id": "fresh"}
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            come_back_half_open(relay, device)
            wait_state(server, room, lambda now: now["connections"] == 1)
            asyncio.run(tell_all(server.address, room, "can you hear me"))
            device.wait("text", data="can you hear me")


@pytest.mark.parametrize("kind", ["stable", "fresh"])
def test_the_room_server_leaves_nobody_deaf(room, interpreter, kind):
    with RoomServer() as server, Relay(address := f"127.0.0.1:{server.port}") as relay:
        options = {"id": "device-1", "connection_id": kind}
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            device.wait("open")
            relay.lose_client()
            device.wait("open", reconnected=True)
            relay.lose_server(0)
            asyncio.run(tell_all(address, room, "can you hear me"))
            device.wait("text", data="can you hear me")
