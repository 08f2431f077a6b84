"""The announced stop of the party server, POST /stop: who is told what, and who may ask for it."""

import asyncio

import pytest
import websockets

from rooms.clients import http, join, join_many, path_of, refusal, state_of
from rooms.contract.servers import make, starting
from rooms.contract.test_devices import npm_device

from .test_broken import break_with

OWNER, READER, ATTIC = "h0use-s3cret", "w4tch-s3cret", "4ttic-s3cret"
NOBODY = {"ok": True, "rooms": 0, "clients": 0}


@pytest.fixture
def start(tmp_path):
    with starting("party_server", tmp_path) as start:
        yield start


def stop(server, query="", token=OWNER, method="POST", **headers):
    """Ask for a stop and return (status, answer)."""
    path = "/stop" + (query and f"?{query}")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return http(server, path, method=method, headers=headers)[:2]


async def test_everybody_in_every_room_is_told_and_nobody_of_the_others_end(start):
    server = start(token=OWNER)
    # More rooms than are asked at once, and some names with special characters.
    rooms = [*(f"room-{n}" for n in range(60)), "%C3%A4", "a%2Fb", "p+q", "r&reason=x"]
    clients = [await join(server, room, token=OWNER) for room in rooms]
    stuck, device, dashboard = [
        await join(server, "home", token=OWNER, role=role, name="d")
        for role in ("device", "device", "dashboard")
    ]
    assert (await dashboard.next())["type"] == "snapshot"
    # So it does not answer the close.
    stuck.stop_reading()
    counts = {"rooms": len(rooms) + 1, "clients": len(rooms) + 3}
    assert stop(server, "away=20&spread=60&reason=x") == (200, {"ok": True, **counts})
    [entry] = state_of(server, "home", f"token={OWNER}")["devices"]
    assert entry["online"] is False
    # All have left, and a second stop does no harm.
    assert stop(server, "away=1") == (200, NOBODY)
    stuck.socket.transport.resume_reading()
    for client in (*clients, stuck, device, dashboard):
        assert await client.told() == (1001, "the server stops; retry-after=20; spread=60")
        # No message came before the close.
        with pytest.raises(websockets.ConnectionClosed):
            await client.raw()
    async with (
        join(server, "home", token=OWNER) as watcher,
        join(server, "home", token=OWNER, role="device", name="d") as device,
    ):
        assert (await watcher.next("presence"))["online"] is True
        assert stop(server) == (200, {"ok": True, "rooms": 1, "clients": 2})
        for client in (watcher, device):
            assert await client.told() == (1001, "the server stops; retry-after=10; spread=1")


async def test_without_a_spread_it_is_as_long_as_all_rooms_clients_need(start):
    server = start(token=OWNER)
    clients = [
        *await join_many(server, "big", 150, token=OWNER),
        *await join_many(server, "small", 51, token=OWNER),
    ]
    assert stop(server, "away=0") == (200, {"ok": True, "rooms": 2, "clients": 201})
    told = {await client.told() for client in clients}
    assert told == {(1001, "the server stops; retry-after=0; spread=2")}


async def test_only_its_owner_may_stop_it(start):
    server = start(token=OWNER, read_token=READER, room_tokens=f"home {ATTIC}")
    client = await join(server, "home", token=OWNER)
    for token in (None, "wr0ng", READER, ATTIC):
        status, answer = stop(server, token=token)
        assert status == 401 and "opens every room" in answer["error"], token
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert stop(server, method=method)[0] == 405
    status, answer = stop(server, Origin="https://evil.example")
    assert status == 403 and "ALLOW_ORIGINS" in answer["error"]
    # A client can't send the worker's own requests to a room or to the registry.
    for method in ("PUT", "DELETE"):
        path = path_of("home", f"token={OWNER}&reason=x")
        assert http(server, path, b"x", method=method)[0] == 405
    assert (await refusal(server, "all", party="rooms", token=OWNER))[0] == 400
    assert http(server, f"/parties/rooms/all?token={OWNER}")[0] == 400
    await client.send("ping")
    # It is still connected.
    assert await client.raw() == "pong"


@pytest.mark.parametrize("settings", [{}, {"read_token": READER, "room_tokens": f"home {ATTIC}"}])
def test_a_server_whose_owner_cannot_be_told_has_no_stop(start, settings):
    server = start(**settings)
    for token in (None, READER, ATTIC):
        status, answer = stop(server, token=token)
        assert status == 403 and "set TOKEN" in answer["error"]


def test_a_line_of_room_tokens_may_make_an_owner_too(start):
    assert stop(start(room_tokens=f"* {OWNER}")) == (200, NOBODY)


@pytest.mark.parametrize("value", ["", "-1", "1.5", "86401", "1e3", "soon", "%D9%A1"])
@pytest.mark.parametrize("name", ["away", "spread"])
async def test_a_bad_value_is_told_and_closes_nobody(shared, name, value):
    async with join(shared, "home", token=OWNER) as client:
        status, answer = stop(shared, f"{name}={value}")
        assert status == 400
        assert answer["error"].startswith(f"{name} '")
        assert "whole seconds, 0 to 86400" in answer["error"]
        await client.send("ping")
        assert await client.raw() == "pong"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with make("party_server", tmp_path_factory.mktemp("shared"), token=OWNER) as running:
        yield running


async def test_a_room_with_nobody_is_not_counted_and_known_again_after_a_restart(start):
    server = start(token=OWNER)
    async with join(server, "left", token=OWNER) as client:
        await client.send("ping")
        assert await client.raw() == "pong"
    await join(server, "home", token=OWNER)
    server.restart()
    assert stop(server) == (200, NOBODY)
    # The room does not tell the registry again.
    client = await join(server, "home", token=OWNER)
    assert stop(server) == (200, {"ok": True, "rooms": 1, "clients": 1})
    assert (await client.told())[0] == 1001


FAILING = """
import { Main as WholeMain, Rooms as WholeRooms } from "./worker.ts";
export { default } from "./worker.ts";

let failures = 1;

export class Rooms extends WholeRooms {
  known = new Set();

  add(place) {
    if (this.known.has(place)) console.error("told twice");
    if (place === "main/late" && failures-- > 0) throw new Error("planted");
    this.known.add(place);
    super.add(place);
  }
}

export class Main extends WholeMain {
  onRequest(request) {
    if (this.name === "deaf" && request.method === "PUT") throw new Error("planted");
    return super.onRequest(request);
  }
}
"""


async def test_what_fails_costs_nobody_else_and_is_said(tmp_path, monkeypatch):
    break_with(FAILING, tmp_path, monkeypatch)
    with make("party_server", tmp_path, token=OWNER) as server:
        # The registry fails to add this room.
        early = await join(server, "late", token=OWNER)
        assert stop(server) == (200, NOBODY)
        later = await join_many(server, "late", 2, token=OWNER)
        await join(server, "deaf", token=OWNER)
        status, answer = stop(server)
        assert status == 500 and answer["error"].startswith("1 rooms could not be told")
        for client in (early, *later):
            assert await client.told() == (1001, "the server stops; retry-after=10; spread=1")
        assert "told twice" not in server.stderr


async def test_npms_partysocket_comes_back_by_itself(start, room):
    server = start(token=OWNER)
    dashboard = await join(server, room, token=OWNER, role="dashboard")
    with npm_device(server, room, "web", OWNER) as device:
        await dashboard.next("reading", device="web")
        assert stop(server, "away=3600")[0] == 200
        assert await dashboard.told() == (1001, "the server stops; retry-after=3600; spread=1")
        await asyncio.to_thread(device.wait, "close", code=1001)
        await asyncio.to_thread(device.wait, "open")
        async with join(server, room, token=OWNER) as later:
            await later.send("talk")
            await asyncio.to_thread(device.wait, "text", data="talk")
