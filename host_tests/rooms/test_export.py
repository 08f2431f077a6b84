"""tools/room_server/export.py: a room's history as CSV and JSON, complete and with little
memory.
"""

import asyncio
import csv
import io
import json
import shutil
import socket
import sqlite3
import time
from contextlib import closing

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import MultiDict

from room_server import export
from room_server.device import Device
from room_server.export import harmless
from room_server.store import Store
from rooms.clients import (
    WAIT_S,
    connect,
    get,
    http,
    join_many,
    path_of,
    post,
    read_all,
    state_of,
    talk,
)
from rooms.server_process import RoomServer


def rows(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def filled(server, room):
    """A room with two devices."""
    for n in range(3):
        post(server, room, "roof", t=n + 0.5, on=True, mode="auto")
        post(server, room, "attic", t=-n, h=1 << 53)
    return room


def test_csv_has_a_line_for_each_point_and_json_the_same_points(server, filled):
    status, text, headers = http(server, path_of(filled, "format=csv"))
    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert text.count("\r\n") == text.count("\n") == 12
    header, *lines = rows(text)
    assert header == ["device", "name", "at", "time", "value"]
    assert [(device, name, value) for device, name, _, _, value in lines] == [
        *[("attic", "h", "9007199254740992")] * 3,
        *(("attic", "t", "0"), ("attic", "t", "-1"), ("attic", "t", "-2")),
        *(("roof", "mode", '"auto"'), ("roof", "on", "true")),
        *(("roof", "t", "0.5"), ("roof", "t", "1.5"), ("roof", "t", "2.5")),
    ]
    for _, _, at, iso, _ in lines:
        seconds = time.strptime(iso[:19], "%Y-%m-%dT%H:%M:%S")
        assert int(at) // 1000 == time.mktime(seconds) - time.timezone
        assert iso[19:] == f".{int(at) % 1000:03}Z"
    status, content, headers = http(server, path_of(filled, "format=json"))
    assert status == 200 and headers.get_content_type() == "application/json"
    assert content["room"] == filled
    points = [list(point.values()) for point in content["points"]]
    assert points == [[d, n, int(at), json.loads(value)] for d, n, at, _, value in lines]
    assert list(content["points"][0]) == ["device", "name", "at", "value"]


def test_points_are_in_the_order_of_their_times(server, room):
    now = state_of(server, room)["at"]
    for at in (3, 1, 4, 2):
        body = json.dumps({"type": "reading", "values": {"t": at}, "at": now - 10 + at})
        assert http(server, path_of(room, "name=d"), body.encode())[0] == 200
    points = state_of(server, room, "format=json")["points"]
    assert [(p["at"] - now + 10, p["value"]) for p in points] == [(n, n) for n in (1, 2, 3, 4)]


def test_device_name_since_and_until_choose(server, filled):
    def values(query):
        points = state_of(server, filled, f"format=json&{query}")["points"]
        return [(point["device"], point["name"], point["value"]) for point in points]

    numbers = [("roof", "t", 0.5), ("roof", "t", 1.5), ("roof", "t", 2.5)]
    assert values("device=roof") == [("roof", "mode", "auto"), ("roof", "on", True), *numbers]
    assert values("device=roof&device=attic&name=t&name=on") == [
        *(("attic", "t", -n) for n in range(3)),
        *[("roof", "on", True), *numbers],
    ]
    assert values("device=attic&name=t") == [("attic", "t", -n) for n in range(3)]
    assert values("name=h") == [("attic", "h", 1 << 53)] * 3
    assert values("device=none") == values("name=none") == []
    every = state_of(server, filled, "format=json&device=roof&name=t")["points"]
    times = [point["at"] for point in every]
    for since in (times[0], times[1] + 1):
        for until in (times[2] + 1, times[2] + 2):
            expected = [point["value"] for point in every if since <= point["at"] < until]
            query = f"device=roof&name=t&since={since}&until={until}"
            assert [value for _, _, value in values(query)] == expected
    assert values("until=-1") == []


def test_what_cannot_be_exported_is_400(server, room):
    for query, word in (
        ("format=xml", "csv or json"),
        ("format=", "csv or json"),
        ("format=csv&since=yesterday", "since 'yesterday'"),
        ("format=csv&until=1.5", "ms since 1970"),
        ("format=json&since=" + "9" * 17, "ms since 1970"),
    ):
        status, answer, _ = http(server, path_of(room, query))
        assert status == 400 and word in answer["error"]


def test_an_empty_room_has_a_header_and_makes_no_room(server, room):
    path = path_of(room)
    assert http(server, path + "?format=csv")[1] == "device,name,at,time,value\r\n"
    assert http(server, path + "?format=json")[1] == {"room": room, "points": []}
    status, text, headers = http(server, path + "?format=csv", method="HEAD")
    assert (status, text, headers.get_content_type()) == (200, "", "text/csv")


def test_the_file_s_name_is_made_of_harmless_characters(server):
    for name, file in (
        *(("home", "home.json"), ("a%22%3b%0d%0ab", "a_22_3b_0d_0ab.json"), ('a";b', "a__b.json")),
        *(("...", "room.json"), ("r" * 256, "r" * 64 + ".json")),
    ):
        headers = http(server, path_of(name, "format=json"))[2]
        assert headers["Content-Disposition"] == f'attachment; filename="{file}"'


def test_no_cell_begins_a_formula():
    for cell, expected in (
        *(("t", "t"), ("a-b=c+d@e", "a-b=c+d@e"), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1")),
        *(("@SUM(A1)", "'@SUM(A1)"), ("  =1", "  '=1"), ("\u3000\uff1d1", "\u3000'\uff1d1")),
        *(("\uff0b1", "'\uff0b1"), ("a;=1", "a;'=1"), ("a|@b", "a|'@b"), ("==1", "'==1")),
    ):
        assert harmless(cell) == expected


def test_names_are_quoted_and_defused_in_csv_and_left_alone_in_json(server, room):
    device, name = '=HYPERLINK("http://x","y")', "a;=1,\u00e9"
    post(server, room, device, **{name: 1})
    text = state_of(server, room, "format=csv")
    assert rows(text)[1][:2] == ["'" + device, "a;'=1,\u00e9"]
    [point] = state_of(server, room, "format=json")["points"]
    assert (point["device"], point["name"]) == (device, name)


def test_readers_may_export_and_strangers_may_not(start, room):
    tokens = ("--token", "s3cret", "--read-token", "w4tch", "--room-token", f"{room}=r00m")
    server = start(*tokens, "--room-token", "main/other=0ther")
    for place, token, status in (
        *((room, "", 401), (room, "w4tch", 200), (room, "s3cret", 200), (room, "r00m", 200)),
        *(("other", "0ther", 200), ("other", "r00m", 401), (room, "0ther", 401)),
    ):
        assert http(server, path_of(place, f"format=csv&token={token}"))[0] == status


def test_points_too_old_are_not_exported(start, tmp_path, room):
    server = start("--db", tmp_path / "rooms.db")
    post(server, room, "d", t=1)
    server.stop()
    ages = ("--keep-raw", "--keep-minutes", "--keep-hours")
    server.args += [part for option in ages for part in (option, "0.000001")]
    server.start()
    assert state_of(server, room, "format=json")["points"] == []
    [device] = state_of(server, room)["devices"]
    assert (device["last"], device["history"]) == ({"t": 1}, {})


@pytest.fixture(scope="module")
def large_file(tmp_path_factory):
    """A database with 150,000 points in its room `big`: over 15 MB."""
    path = tmp_path_factory.mktemp("large") / "rooms.db"
    now = int(time.time() * 1000)
    store = Store(path, now=now)
    store.save("main", "big", Device("d" * 64, now), [("v", now, 1)])
    store.rows(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)"
        f" INSERT INTO raw SELECT 1, {now} - i / 3, i % 3, i * 0.5 FROM n",
        (),
    )
    store.close()
    return path


@pytest.fixture(scope="module")
def large(large_file):
    with RoomServer("--db", large_file, "--request-rate", "1000") as server:
        yield server


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_large_history_comes_whole_and_takes_no_memory(large, format):
    before, pieces = large.memory_kib(), []
    with connect(large) as tcp:
        tcp.sendall(get(path_of("big", f"format={format}"), "Connection: close"))
        while piece := tcp.recv(1 << 20, socket.MSG_WAITALL):
            pieces.append(piece)
            assert large.memory_kib() - before < 8192
    text = b"".join(pieces)
    assert len(text) > 10_000_000 and text.endswith(b"\r\n0\r\n\r\n")
    assert text.count(b"T" if format == "csv" else b'"value":') > 149_000


async def test_others_go_on_while_a_large_history_is_sent(large):
    reader, writer = await asyncio.open_connection("127.0.0.1", large.port)
    writer.write(get(path_of("big", "format=json"), "Connection: close"))
    assert await reader.readexactly(4) == b"HTTP"
    a, b = await join_many(large, "r", 2)
    rounds, length = 0, 4
    while piece := await reader.read(65536):
        length += len(piece)
        await a.send("x")
        assert await b.raw() == "x"
        rounds += 1
    writer.close()
    assert length > 10_000_000 and rounds > 50


async def test_the_loop_turns_while_a_file_is_made(large_file):
    store = Store(large_file)
    wanted = export.wanted_of(MultiDict(format="csv", name="v"))
    source = export.Source(store, "main", "big", store.oldest(int(time.time() * 1000)))
    request = make_mocked_request("GET", "/")
    sending = asyncio.create_task(export.send(request, source, wanted, lambda: None, WAIT_S))
    turns = 0
    while not sending.done():
        await asyncio.sleep(0)
        turns += 1
    store.close()
    assert turns >= 150_000 / 500


@pytest.mark.parametrize("fault", ["not read", "failed half way"])
def test_an_export_that_is_not_whole_does_not_look_so(start, tmp_path, large_file, fault):
    path = shutil.copy(large_file, tmp_path / "rooms.db")
    patience = "0.6" if fault == "not read" else "60"
    server = start("--db", path, "--max-connections", "1", "--request-timeout", patience)
    with connect(server) as tcp:
        tcp.sendall(get(path_of("big", "format=csv"), "Connection: close"))
        assert tcp.recv(12) == b"HTTP/1.1 200"
        if fault == "not read":
            # Until the server has dropped it.
            while talk(server, get("/"))[0] == 503:
                pass
        else:
            with closing(sqlite3.connect(path)) as db:
                db.execute("DROP TABLE raw")
        assert not read_all(tcp).endswith(b"\r\n0\r\n\r\n")
    assert "Traceback" not in server.stderr
