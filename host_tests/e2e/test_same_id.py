"""A device that comes back while the server still holds its old, half-open connection.

PartyServer in its default mode removes a connection from the room by its id. When the old
connection ends at last, the new one with the same `_pk` gets nothing more from the room, although
all seems well (see partyserver/facts_talk.py). These tests show what helps, and that the room
server never does this.
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
    """Send something to the room, and return when another member has got it."""
    url = f"ws://{address}/parties/main/{room}"
    async with websockets.connect(url) as listener, websockets.connect(url) as speaker:
        await speaker.send(TEXT)
        while await asyncio.wait_for(listener.recv(), WAIT_S) != TEXT:
            pass


def hears(address, interpreter, kind, knows=None):
    """A device comes back, and then the server learns that the old connection has ended. The
    device must still get messages of the room. `knows` waits until the server, which greets
    clients that join, knows of that end.
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
                # The server knows the new connection.
                device.wait(greeted)
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
