"""The fixture that other tests stand on: the real PartyServer answers, and comes back."""

import json
import os

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from needs import need_workerd
from partyserver.partyserver import PartyServer

_TIMEOUT_S = 10

both_parties = pytest.mark.parametrize("party", ["main", "hib"])


def join(server, room, party, query=""):
    return connect(server.url(room, party, query), proxy=None, compression=None)


def receive(client):
    return client.recv(timeout=_TIMEOUT_S)


@both_parties
def test_hello_names_id_and_room(partyserver, party):
    with join(partyserver, "hello", party, "?_pk=device-1") as client:
        hello = json.loads(receive(client))
    assert hello == {
        "type": "hello",
        "id": "device-1",
        "room": "hello",
        "connections": 1,
        "messages": 0,
    }


@both_parties
def test_text_and_binary_are_echoed(partyserver, party):
    with join(partyserver, "echo", party) as client:
        receive(client)
        client.send("echo:größer")
        assert receive(client) == "echo:größer"
        client.send(bytes(range(256)))
        assert receive(client) == bytes(range(256))


@both_parties
def test_other_text_goes_to_the_others(partyserver, party):
    with join(partyserver, "chat", party) as alice, join(partyserver, "chat", party) as bob:
        receive(alice)
        receive(bob)
        alice.send("hi")
        assert receive(bob) == "hi"
        bob.send("yo")
        assert receive(alice) == "yo"
    assert partyserver.get("chat", party)["messages"] == 2


@both_parties
def test_server_closes_with_the_code_asked_for(partyserver, party):
    with join(partyserver, "closing", party) as client:
        receive(client)
        client.send("close:4000:enough")
        with pytest.raises(ConnectionClosed) as closed:
            receive(client)
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "enough")


def test_only_the_hibernating_party_answers_ping_by_itself(partyserver):
    with join(partyserver, "ping", "hib") as client:
        receive(client)
        client.send("ping")
        assert receive(client) == "pong"
    with join(partyserver, "ping", "main") as client:
        receive(client)
        client.send("ping")
        client.send("echo:after")
        assert receive(client) == "echo:after"


@both_parties
def test_storage_and_port_survive_a_kill(party):
    with PartyServer(need_workerd()) as server:
        port = server.port
        with join(server, "kept", party) as client:
            receive(client)
            client.send("remember me")
            client.send("echo:stored")
            assert receive(client) == "echo:stored"
            server.kill()
            with pytest.raises(ConnectionClosed) as closed:
                receive(client)
            assert closed.value.rcvd is None
        server.start()
        assert server.port == port
        assert server.get("kept", party)["last"] == "remember me"


def test_storage_is_removed_at_the_end():
    with PartyServer(need_workerd()) as server:
        folder = server._folder
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)
    assert server.pid is None
