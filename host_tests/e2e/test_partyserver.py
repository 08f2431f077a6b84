"""The library on real MicroPython and CPython processes in rooms of the real PartyServer on
workerd.
"""

import json
import urllib.parse
import uuid

import pytest

from needs import need_workerd
from partyserver import PartyServer

from .devices import talker


@pytest.fixture(params=["main", "hib"])
def party(request):
    """In-memory rooms, and rooms that hibernate."""
    return request.param


@pytest.fixture
def room():
    return f"e2e {uuid.uuid4()}"  # with a space: both ends must encode it alike


def say(server, party, room, text):
    """Join as somebody else and say something to the device."""
    import asyncio

    import websockets

    async def talk():
        async with websockets.connect(server.ws_url(urllib.parse.quote(room), party)) as socket:
            await asyncio.wait_for(socket.recv(), 20)  # its hello
            await socket.send(text)

    asyncio.run(talk())


def join(server, party, room, interpreter, **settings):
    options = {"party": party, **settings.pop("options", {})}
    return talker(interpreter, host=server.address, room=room, options=options, **settings)


def test_a_device_joins_the_room_it_names(partyserver, party, room, interpreter):
    with join(partyserver, party, room, interpreter) as device:
        device.wait("open")
        hello = json.loads(device.wait("text")["data"])
        assert hello["type"] == "hello"
        assert hello["room"] == urllib.parse.quote(room)
        assert len(hello["id"]) == 36


def test_text_and_binary_go_there_and_back(partyserver, party, room, interpreter):
    with join(partyserver, party, room, interpreter, send=["echo:früh"]) as device:
        device.wait("text", data="echo:früh")
        say(partyserver, party, room, "say:echo:later")
        device.wait("text", data="echo:later")
        say(partyserver, party, room, "binary:3000")
        assert device.wait("binary")["size"] == 3000


def test_a_close_from_the_room_is_told_and_the_device_comes_back(
    partyserver, party, room, interpreter
):
    with join(partyserver, party, room, interpreter, send=["close:4000:later"]) as device:
        device.wait("close", code=4000, reason="later", clean=True)
        device.wait("open", reconnected=True)


def test_close_is_answered_by_the_room(partyserver, party, room, interpreter):
    with join(partyserver, party, room, interpreter) as device:
        device.wait("open")
        say(partyserver, party, room, "quit:1000")
        device.wait("close", code=1000, clean=True)
        device.wait("ended")
        assert device.wait_end() == 0


def test_a_room_that_vanishes_without_a_word_is_left_and_joined_again(
    partyserver, party, room, interpreter
):
    with join(partyserver, party, room, interpreter, send=["abort"]) as device:
        device.wait("close", code=1006)
        device.wait("open", reconnected=True)


def test_an_unknown_party_is_told_with_its_status(partyserver, interpreter):
    with join(partyserver, "nope", "r", interpreter) as device:
        assert device.wait("error", phase="http")["message"] == "the server answered 400"


def test_devices_recover_from_a_server_that_is_killed_and_restarted(party, room, interpreter):
    with PartyServer(need_workerd()) as server:
        with join(server, party, room, interpreter, send=["kept", "echo:it is"]) as device:
            device.wait("text", data="echo:it is")
            say(server, party, room, "kept by the room")
            device.wait("text", data="kept by the room")
            server.restart()
            device.wait("close", code=1006)
            device.wait("open", reconnected=True)
            hello = json.loads(device.wait("text")["data"])
            assert hello["messages"] == 2
            say(server, party, room, "say:echo:back again")
            device.wait("text", data="echo:back again")
