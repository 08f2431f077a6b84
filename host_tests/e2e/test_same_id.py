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


async def ask_all(address, room):
    """Say something to the room; return when another member has heard it."""
    url = f"ws://{address}/parties/main/{room}"
    async with websockets.connect(url) as listener, websockets.connect(url) as speaker:
        await speaker.send(TEXT)
        while await asyncio.wait_for(listener.recv(), WAIT_S) != TEXT:
            pass


def hears(address, interpreter, kind, knows=None):
    """A device comes back, and then the server learns that the old connection has ended: the room
    is heard on. `knows`: waits until the server, which greets who joins, knows of that end.
    """
    room = str(uuid.uuid4())
    options = {"id": "device-1", "connection_id": kind}
    greeted = "text" if knows else "open"
    with Relay(address) as relay:
        with talker(interpreter, host=relay.address, room=room, options=options) as device:
            device.wait(greeted)
            relay.lose_client()
            device.wait("open", reconnected=True)
            if knows:
                device.wait(greeted)  # it knows the new connection
            relay.lose_server(0)
            if knows:
                knows(f"http://{address}/parties/main/{room}")
            asyncio.run(ask_all(address, room))
            device.wait("text", data=TEXT)


def one_is_left(url):
    """Wait until the room says that there is one connection."""
    until = time.monotonic() + WAIT_S
    while True:
        with urllib.request.urlopen(url, timeout=10) as answer:
            if json.load(answer)["connections"] == 1:
                return
        assert time.monotonic() < until


def test_with_a_fresh_id_the_device_hears_on(interpreter):
    with PartyServer(need_workerd()) as server:
        hears(server.address, interpreter, "fresh", one_is_left)


@pytest.mark.parametrize("kind", ["stable", "fresh"])
def test_the_room_server_leaves_nobody_deaf(interpreter, kind):
    with RoomServer() as server:
        hears(f"127.0.0.1:{server.port}", interpreter, kind)
