"""The part `rooms` of `make bench`: it ends with a table, and its counts are right."""

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
import websockets

from bench.crowd import Crowd
from bench.devices import Missing
from bench.rooms import (
    BACK,
    DEVICES_BACK,
    HELD,
    MEMORY,
    MESSAGES,
    PACED,
    ROWS,
    TRIES,
    failures,
    seconds,
    whole,
)
from needs import need_bucket, need_haproxy, need_party_server
from test_bench import bench  # noqa: F401

CLIENTS = 12


@pytest.mark.parametrize("words", [["--quick"], pytest.param([], marks=pytest.mark.soak)])
def test_the_servers_are_measured(bench, words):  # noqa: F811
    need_party_server()
    need_bucket()
    need_haproxy()
    columns, rows, data = bench(*words, "--only", "rooms", "--clients", "12")
    cluster = [] if words else ["three workerd, a cluster"]
    assert columns == ["room server", "PartyServer on workerd", *cluster]
    assert list(rows) == [row["what"] for row in data["rooms"]]
    assert [row["what"] for row in data["rooms"]] == [row.format(count="12") for row in ROWS]
    for title in columns:
        found = {row: each["cells"][title]["value"] for row, each in zip(ROWS, data["rooms"])}
        assert None not in found.values(), rows
        assert found[HELD] == 12
        assert 0 < found[PACED][0] <= found[PACED][1]
        # At least the snapshots, because the dashboards may come last.
        assert found[DEVICES_BACK] > 0 and 10 / 12 <= found[MESSAGES] <= 20
        assert found[MEMORY] > 0 and found[BACK] > 0
        # Only a cluster refuses them, while its rooms move.
        assert found[TRIES][0] == 0 or title in cluster


class DoctoredRoom:
    """A room that passes readings on as `treat` says: a list of (delay in s, text) for each."""

    def __init__(self, treat=lambda n, text: [(0, text)], refuse=0):
        self._treat = treat
        # Upgrades, with 503.
        self._refuse = refuse
        self._inside = set()
        self._count = 0

    def answer(self, connection, _request):
        if self._refuse:
            self._refuse -= 1
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "later")

    async def serve(self, connection):
        self._inside.add(connection)
        try:
            async for text in connection:
                n, self._count = self._count, self._count + 1
                for delay_s, passed in self._treat(n, text):
                    await asyncio.sleep(delay_s)
                    websockets.broadcast(self._inside - {connection}, passed)
        finally:
            self._inside.discard(connection)


@asynccontextmanager
async def listening(room, port=0):
    server = await websockets.serve(
        room.serve, "127.0.0.1", port, process_request=room.answer, compression=None
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for connection in list(server.connections):
            connection.transport.abort()
        server.close()
        await server.wait_closed()


async def test_what_a_sound_room_passes_on_arrives_whole_in_order_and_with_its_delay():
    room = DoctoredRoom(lambda n, text: [(0.1, text)])
    async with listening(room) as port:
        crowd = Crowd(port, "r")
        assert (await crowd.do("join", count=CLIENTS))["inside"] == CLIENTS
        answer = await crowd.do("publish", count=20, fill=7000)
        assert (answer["delivered"], answer["expected"]) == (20 * CLIENTS, 20 * CLIENTS)
        assert answer["disorder"] == 0 and answer["in_time"] is True
        assert 0.1 <= answer["p50_s"] <= answer["p99_s"] <= answer["took_s"]
        assert answer["took_s"] >= 2.0


@pytest.mark.parametrize(
    ("treat", "delivered", "disorder"),
    [
        (lambda n, text: [(0, text)] if n % 3 else [], 20, 10),
        (lambda n, text: [(0, text)] * (1 + (n == 5)), 30, 1),
        (lambda n, text: [(0, text.replace('"n":7', '"n":8'))], 30, 2),
    ],
    ids=["lost", "doubled", "out of order"],
)
async def test_what_a_room_loses_doubles_or_mixes_up_is_told(treat, delivered, disorder):
    async with listening(DoctoredRoom(treat)) as port:
        crowd = Crowd(port, "r")
        await crowd.do("join", count=1)
        answer = await crowd.do("publish", count=30, patience_s=1)
        assert (answer["expected"], answer["disorder"]) == (30, disorder)
        assert answer["delivered"] in (delivered, delivered + (disorder == 1))
        with pytest.raises(Missing, match="arrived"):
            whole(answer)


async def test_a_storm_counts_who_was_refused_who_found_nobody_and_who_did_not_come_back():
    async with listening(DoctoredRoom(refuse=5)) as port:
        crowd = Crowd(port, "r")
        joined = await crowd.do("join", count=CLIENTS)
        assert (joined["inside"], joined["failures"]) == (CLIENTS, {"503": 5})
        assert (await crowd.do("storm"))["failures"] == {}
    while "0" not in (await crowd.do("look"))["failures"]:
        pass
    async with listening(DoctoredRoom(refuse=7), port):
        back = await crowd.do("back")
        assert (back["inside"], back["failures"]["503"]) == (CLIENTS, 7)
        assert failures(back) == [7, back["failures"]["0"]]
        await crowd.do("storm")
    while (await crowd.do("look"))["inside"]:
        pass
    back = await crowd.do("back", within_s=0.1)
    assert (back["inside"], back["in_time"]) == (0, False)
    with pytest.raises(Missing, match="0 of 12 came back"):
        seconds(back, CLIENTS)
