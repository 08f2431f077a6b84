"""A device that comes back while the server still holds its old, half-open connection.

PartyServer in its default mode takes a connection out of the room by its id: when the old one ends
at last, the new one of the same `_pk` hears nothing of the room any more, while all seems well (in
partyserver/facts_talk.py). Here: what mends it, and that the room server never does so.
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

TEXT = "can you hear me"


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


def hears(address, interpreter, kind, is_so=None):
    """A device comes back, and then the server learns that the old connection has ended: the room
    is heard on. `is_so`: what the room then says of itself; it greets who joins, too.
    """
    room = str(uuid.uuid4())
    options = {"id": "device-1", "connection_id": kind}
    with Relay(address) as relay:
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            device.wait("text" if is_so else "open")
            relay.lose_client()
            device.wait("open", reconnected=True)
            if is_so:
                device.wait("text")  # it knows the new connection
            relay.lose_server(0)
            if is_so:
                wait_state(address, room, is_so)
            asyncio.run(ask_all(address, room))
            device.wait("text", data=TEXT)


def test_with_a_fresh_id_the_device_hears_on(interpreter):
    with PartyServer(need_workerd()) as server:
        hears(server.address, interpreter, "fresh", lambda now: now["connections"] == 1)


@pytest.mark.parametrize("kind", ["stable", "fresh"])
def test_the_room_server_leaves_nobody_deaf(interpreter, kind):
    with RoomServer() as server:
        hears(f"127.0.0.1:{server.port}", interpreter, kind)
