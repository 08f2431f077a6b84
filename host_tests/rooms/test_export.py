"""tools/room_server/export.py: a room's history as CSV and JSON, whole and in little memory."""

import asyncio
import csv
import io
import json
import socket
import sqlite3
import time
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from room_server import export
from room_server.device import Device
from room_server.export import harmless
from room_server.store import Store
from rooms.clients import WAIT_S, connect, get, http, join, path_of, post, state_of
from rooms.server_process import RoomServer


def rows(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def filled(server, room):
    """A room's path, with two devices."""
    for n in range(3):
        post(server, room, "roof", t=n + 0.5, on=True, mode="auto")
        post(server, room, "attic", t=-n, h=1 << 53)
    return path_of(room)


def test_csv_has_a_header_and_a_line_for_each_number_by_device_name_and_time(server, filled):
    status, text, headers = http(server, filled + "?format=csv")
    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert text.count("\r\n") == text.count("\n") == 10
    header, *lines = rows(text)
    assert header == ["device", "name", "at", "time", "value"]
    assert [(line[0], line[1], line[4]) for line in lines] == [
        *[("attic", "h", "9007199254740992")] * 3,
        ("attic", "t", "0"),
        ("attic", "t", "-1"),
        ("attic", "t", "-2"),
        ("roof", "t", "0.5"),
        ("roof", "t", "1.5"),
        ("roof", "t", "2.5"),
    ]
    for line in lines:
        seconds = time.strptime(line[3][:19], "%Y-%m-%dT%H:%M:%S")
        assert int(line[2]) // 1000 == time.mktime(seconds) - time.timezone
        assert line[3][19:] == f".{int(line[2]) % 1000:03}Z"


def test_json_has_the_same_points(server, filled):
    status, content, headers = http(server, filled + "?format=json")
    assert status == 200 and headers.get_content_type() == "application/json"
    lines = rows(http(server, filled + "?format=csv")[1])[1:]
    assert content["room"] == filled.rpartition("/")[2]
    points = [list(point.values()) for point in content["points"]]
    assert points == [[d, n, int(at), json.loads(value)] for d, n, at, _, value in lines]
    assert list(content["points"][0]) == ["device", "name", "at", "value"]


def test_device_name_since_and_until_choose(server, filled):
    def values(query):
        points = http(server, f"{filled}?format=json&{query}")[1]["points"]
        return [(point["device"], point["name"], point["value"]) for point in points]

    assert values("device=roof") == [("roof", "t", 0.5), ("roof", "t", 1.5), ("roof", "t", 2.5)]
    assert values("device=attic&name=t") == [("attic", "t", -n) for n in range(3)]
    assert values("name=h") == [("attic", "h", 1 << 53)] * 3
    assert values("device=none") == values("name=none") == []
    every = http(server, filled + "?format=json&device=roof")[1]["points"]
    times = [point["at"] for point in every]
    for since in (times[0], times[1] + 1):
        for until in (times[2], times[2] + 1):
            expected = [point["value"] for point in every if since <= point["at"] < until]
            query = f"device=roof&since={since}&until={until}"
            assert [value for _, _, value in values(query)] == expected
    assert values("until=-1") == []


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("format=xml", "csv or json"),
        ("format=", "csv or json"),
        ("format=csv&since=yesterday", "since 'yesterday'"),
        ("format=csv&until=1.5", "ms since 1970"),
        ("format=json&since=" + "9" * 17, "ms since 1970"),
    ],
)
def test_what_cannot_be_exported_is_400(server, room, query, word):
    status, answer, _ = http(server, f"/parties/main/{room}?{query}")
    assert status == 400 and word in answer["error"]


def test_an_empty_room_has_a_header_and_makes_no_room(server, room):
    path = path_of(room)
    assert http(server, path + "?format=csv")[1] == "device,name,at,time,value\r\n"
    assert http(server, path + "?format=json")[1] == {"room": room, "points": []}
    status, text, headers = http(server, path + "?format=csv", method="HEAD")
    assert (status, text, headers.get_content_type()) == (200, "", "text/csv")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("home", "home.json"),
        ("a%22%3b%0d%0ab", "a_22_3b_0d_0ab.json"),
        ('a";b', "a__b.json"),
        ("...", "room.json"),
        ("r" * 256, "r" * 64 + ".json"),
    ],
)
def test_the_file_s_name_is_made_of_harmless_characters(server, name, file):
    headers = http(server, f"/parties/main/{name}?format=json")[2]
    assert headers["Content-Disposition"] == f'attachment; filename="{file}"'


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("t", "t"),
        ("a-b=c+d@e", "a-b=c+d@e"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "  '=1"),
        ("\u3000\uff1d1", "\u3000'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("a;=1", "a;'=1"),
        ("a|@b", "a|'@b"),
        ("==1", "'==1"),
    ],
)
def test_no_cell_begins_a_formula(cell, expected):
    assert harmless(cell) == expected


def test_names_are_quoted_and_defused_in_csv_and_left_alone_in_json(server, room):
    device, name = '=HYPERLINK("http://x","y")', "a;=1,\u00e9"
    post(server, room, device, **{name: 1})
    path = f"/parties/main/{room}?format="
    assert rows(http(server, path + "csv")[1])[1][:2] == ["'" + device, "a;'=1,\u00e9"]
    [point] = http(server, path + "json")[1]["points"]
    assert (point["device"], point["name"]) == (device, name)


def test_readers_may_export_and_strangers_may_not(start, room):
    tokens = ("--token", "s3cret", "--read-token", "w4tch", "--room-token", "other=0ther")
    server = start(*tokens)
    path = f"/parties/main/{room}?format=csv&token="
    statuses = [http(server, path + token)[0] for token in ("", "0ther", "w4tch", "s3cret")]
    assert statuses == [401, 401, 200, 200]


def test_points_too_old_are_not_exported(start, tmp_path, room):
    path = tmp_path / "rooms.db"
    server = start("--db", path)
    post(server, room, "d", t=1)
    server.stop()
    server.args += ["--keep-days", "0.000001"]
    server.start()
    assert state_of(server, room, "format=json")["points"] == []
    [device] = state_of(server, room)["devices"]
    assert (device["last"], device["history"]) == ({"t": 1}, {})


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A server with 150,000 points in its room `big`: over 15 MB."""
    path = tmp_path_factory.mktemp("large") / "rooms.db"
    store = Store(path, keep_points=1 << 30)
    store.save("main", "big", Device("d" * 64, 1), [("v", 1)])
    store.rows(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)"
        " INSERT INTO history (device, name, at, value) SELECT 1, 'v', i, i * 0.5 FROM n",
        (),
    )
    store.close()
    with RoomServer("--db", path, "--history", "100000", "--request-rate", "1000") as running:
        yield running


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_large_history_comes_whole_and_takes_no_memory(large, format):
    before, pieces = large.memory_kib(), []
    with connect(large) as tcp:
        tcp.sendall(get(f"/parties/main/big?format={format}", "Connection: close"))
        while piece := tcp.recv(1 << 20, socket.MSG_WAITALL):
            pieces.append(piece)
            assert large.memory_kib() - before < 8192
    text = b"".join(pieces)
    assert len(text) > 10_000_000 and text.endswith(b"\r\n0\r\n\r\n")
    assert text.count(b"1970-" if format == "csv" else b'"value":') > 149_000


async def test_others_go_on_while_a_large_history_is_sent(large):
    reader, writer = await asyncio.open_connection("127.0.0.1", large.port)
    writer.write(get("/parties/main/big?format=json", "Connection: close"))
    assert await reader.readexactly(4) == b"HTTP"
    async with join(large, "r") as a, join(large, "r") as b:
        rounds, length = 0, 4
        while piece := await reader.read(65536):
            length += len(piece)
            await a.send("x")
            assert await b.raw() == "x"
            rounds += 1
    writer.close()
    assert length > 10_000_000 and rounds > 50


class Endless:
    """A store with points without end, or until `error` is raised."""

    def __init__(self, error=None, looks=5):
        self._error = error
        self._most = looks
        self._looks = 0

    def rows(self, query, _arguments):
        self._looks += 1
        if self._error and self._looks > self._most:
            raise self._error
        if query == export._NEXT_POINTS:
            return [(n + 1, n, 0.5) for n in range(500)]
        return [["d"]]


@asynccontextmanager
async def exporting(store, timeout_s, **query):
    """Serve exports of `store`; gives (port, Event that is set when one has ended)."""
    ended = asyncio.Event()

    async def handle(request):
        source = export.Source(store, "main", "home", 0)
        wanted = export.wanted_of({"format": "csv", **query})
        try:
            return await export.send(request, source, wanted, lambda: None, timeout_s)
        finally:
            ended.set()

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    yield listener.getsockname()[1], ended
    await runner.cleanup()


async def read_on(reader):
    """Return what comes until the end, with or without ceremony."""
    answer = b""
    with suppress(ConnectionError):
        while piece := await asyncio.wait_for(reader.read(1 << 20), WAIT_S):
            answer += piece
    return answer


@pytest.mark.parametrize(
    ("store", "timeout_s"),
    [(Endless(), 0.05), (Endless(sqlite3.OperationalError("disk I/O error")), WAIT_S)],
    ids=["not read", "failed half way"],
)
async def test_an_export_that_is_not_whole_does_not_look_so(store, timeout_s):
    async with exporting(store, timeout_s) as (port, ended):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.transport.pause_reading()
        writer.write(get("/", "Connection: close"))
        await asyncio.wait_for(ended.wait(), WAIT_S)
        writer.transport.resume_reading()
        answer = await read_on(reader)
        assert b" 200 OK" in answer and not answer.endswith(b"0\r\n\r\n")
        writer.close()


async def test_the_loop_turns_also_while_nothing_is_found():
    store = Endless(sqlite3.OperationalError("the end"), looks=2000)
    async with exporting(store, WAIT_S, until="-1") as (port, ended):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get("/"))
        turns = 0
        while not ended.is_set():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 2000
        writer.close()
