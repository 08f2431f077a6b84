"""A device's life in a room of the real PartyServer on workerd, with real MicroPython and CPython
processes. partyserver/FACTS.md lists what PartyServer does.
"""

import asyncio
import json
import urllib.parse
import uuid

import pytest
import websockets

from needs import need_workerd
from partyserver import PartyServer

from .devices import talker


@pytest.mark.parametrize("party", ["main", "hib"])
def test_devices_recover_from_a_server_that_is_killed_and_restarted(party, interpreter):
    """Also, in the same life, from everything else that ends a connection: the room's Close, and
    its sudden end.
    """
    # With a space, which both ends must encode in the same way.
    room = f"e2e {uuid.uuid4()}"

    def say(text):
        """Join as another client, and send something to the device."""

        async def talk():
            url = f"ws://{server.address}/parties/{party}/{urllib.parse.quote(room)}"
            async with websockets.connect(url) as socket:
                # Its hello.
                await asyncio.wait_for(socket.recv(), 20)
                await socket.send(text)

        asyncio.run(talk())

    def hello():
        return json.loads(device.wait("text")["data"])

    with PartyServer(need_workerd()) as server:
        settings = {"host": server.address, "room": room, "options": {"party": party}}
        with talker(interpreter, send=["echo:früh"], **settings) as device:
            device.wait("open", reconnected=False)
            first = hello()
            assert (first["type"], first["room"]) == ("hello", urllib.parse.quote(room))
            assert len(first["id"]) == 36
            device.wait("text", data="echo:früh")
            say("say:echo:later")
            device.wait("text", data="echo:later")
            say("binary:3000")
            assert device.wait("binary")["size"] == 3000
            say("say:close:4000:later")
            device.wait("close", code=4000, reason="later", clean=True)
            device.wait("open", reconnected=True)
            # The room disappears without a Close.
            say("say:abort")
            device.wait("close", code=1006)
            device.wait("open", reconnected=True)
            before = hello()
            server.restart()
            device.wait("close", code=1006)
            device.wait("open", reconnected=True)
            again = hello()
            assert again["id"] == first["id"]
            assert again["messages"] == before["messages"] > 0
            say("quit:1000")
            device.wait("close", code=1000, clean=True)
            device.wait("ended")
            assert device.wait_end() == 0
