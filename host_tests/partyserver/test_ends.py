"""How a server that ends takes leave of our client, on both interpreters."""

import os
import signal
import uuid

import pytest
from websockets.sync.client import connect

from e2e.devices import talker
from needs import need_workerd
from partyserver.partyserver import PartyServer

on_both = pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
on_parties = pytest.mark.parametrize("party", ["main", "hib"])


@pytest.fixture
def server():
    with PartyServer(need_workerd()) as server:
        yield server


@pytest.fixture
def room():
    return str(uuid.uuid4())


def join(server, room, interpreter, **options):
    greeting = ["echo:here"]
    return talker(interpreter, host=server.address, room=room, options=options, send=greeting)


@on_parties
@on_both
def test_a_server_that_is_killed_ends_tcp_without_a_close(server, room, party, interpreter):
    with join(server, room, interpreter, party=party) as device:
        device.wait("text", data="echo:here")
        server.kill()
        error = device.wait("error", phase="websocket")
        assert "without a Close" in error["message"]
        device.wait("close", code=1006, clean=False)


@on_both
def test_a_server_that_drains_serves_who_is_there_and_nobody_else(server, room, interpreter):
    with (
        connect(server.ws_url(room), proxy=None) as member,
        join(server, room, interpreter) as device,
    ):
        device.wait("text", data="echo:here")
        os.kill(server.pid, signal.SIGTERM)
        with join(server, room, interpreter, connection_timeout=1000) as late:
            late.wait("error", message="TIMEOUT", phase="http")
        member.send("say:echo:and still")
        device.wait("text", data="echo:and still")
