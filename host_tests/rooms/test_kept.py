"""What the room server keeps of a room itself, its layout and its share links: in a file that is
full, on a disk that fails, in rooms that give way.
"""

import json
import sqlite3
import time
from contextlib import closing

from room_server.alert_tables import Stored
from room_server.device import Device
from room_server.schema import SCHEMA_VERSION
from room_server.store import Store
from rooms.clients import http, join, post, refusal, state_of, until
from rooms.contract.test_shares import ask, listed, opens, revoke, share
from rooms.test_disk import locked

BOUND = 400_000
DAY_MS = 86400000
TOKEN = "h0use-s3cret-of-all"


def layout(version, content):
    return {"type": "layout", "version": version, "layout": content}


async def test_a_room_that_gives_way_loses_it_and_one_with_a_newer_layout_stays(start, tmp_path):
    path, now = tmp_path / "rooms.db", int(time.time() * 1000)
    store = Store(path)
    # (room, days since its device was heard of, days since its layout was stored)
    for room, heard, kept in (("arranged", None, 40), ("used", 50, 20), ("both", 35, 36)):
        if heard:
            store.save("main", room, Device("d", now - heard * DAY_MS))
        store.keep("main", room, "layout", {"version": 1, "layout": {}}, now - kept * DAY_MS)
        store.keep("main", room, "shares", {}, now - kept * DAY_MS)
    assert store.count_rooms() == 3
    store.close()
    server = start("--db", path, "--max-rooms", "3", "--keep-room-days", "30")
    dashboard = await join(server, "arranged", role="dashboard")
    assert (await dashboard.next("snapshot"))["layout"]["version"] == 1
    assert (await refusal(server, "new", role="dashboard"))[0] == 503
    # The first is in use, and the second has a new layout.
    post(server, "new", "d", t=1)
    assert "layout" not in state_of(server, "both") and state_of(server, "both")["devices"] == []
    assert state_of(server, "used")["layout"]["version"] == 1
    dashboard.vanish()
    await until(server, "arranged", lambda state: not state["clients"]["dashboard"])
    post(server, "newer", "d", t=1)
    assert "layout" not in state_of(server, "arranged")
    assert state_of(server, "used")["layout"]["version"] == 1
    server.stop()
    with closing(sqlite3.connect(path)) as db:
        assert set(db.execute("SELECT room FROM kept")) == {("used",)}


def test_it_shares_the_half_of_the_file_with_last_values_and_points_make_place_for_it(tmp_path):
    path = tmp_path / "rooms.db"
    store = Store(path, max_bytes=BOUND)
    for n in range(1, 8000):
        store.save("main", "home", Device("d", n, {"t": n}), [("t", n, n)])
    large = {"x": "é" * 15000}
    whys = [store.keep("main", f"r{n}", "layout", large, n) for n in range(10)]
    fit = BOUND // 2 // 30100
    assert whys[:fit] == [None] * fit
    assert whys[fit:] == ["last values fill half of the file (raise --max-db-bytes)"] * (10 - fit)
    assert store.size() <= BOUND
    assert store.kept("main", "r0", "layout") == large
    assert store.kept("main", f"r{fit}", "layout") is None
    blocks = store._space.blocks
    store.close()
    store = Store(path, max_bytes=BOUND)
    assert store._space.blocks == blocks
    # It takes no more place than before, and what is removed leaves its place.
    assert store.keep("main", "r0", "layout", large, 20) is None
    assert store.forget_kept("main", "r0") and not store.forget_kept("main", "r0")
    assert store.keep("main", "new", "layout", large, 21) is None
    assert store._space.blocks == blocks
    store.close()


async def test_on_a_disk_that_fails_nothing_is_kept_told_or_revoked(start, tmp_path):
    path = tmp_path / "rooms.db"
    server = start("--db", path, "--token", TOKEN)
    a, b = [await join(server, "r", role="dashboard", token=TOKEN) for _ in range(2)]
    for client in (a, b):
        await client.next("snapshot")
    made = share(server, "r", TOKEN)
    with locked(server, path):
        await a.send(layout(0, {}))
        error = await a.next("error")
        assert error["status"] == 507 and error["error"].startswith("not stored: ")
        status, answer = ask(server, "r", {}, token=TOKEN)
        assert status == 507 and answer["error"].startswith("not stored: ")
        assert ask(server, "r", method="DELETE", id=made["id"], token=TOKEN)[0] == 507
    assert opens(server, "r", made["token"]) == 200
    assert [link["id"] for link in listed(server, "r")] == [made["id"]]
    await a.send(layout(0, {"n": 1}))
    assert await b.next("layout") == layout(1, {"n": 1})
    revoke(server, "r", made["id"])


async def test_it_does_not_wait_for_the_commit_of_readings(start, tmp_path):
    server = start("--db", tmp_path / "rooms.db", "--token", TOKEN, "--commit-ms", "60000")
    dashboard = await join(server, "r", role="dashboard", token=TOKEN)
    await dashboard.send(layout(0, {"n": 1}))
    await dashboard.next("layout")
    kept, revoked = share(server, "r", TOKEN), share(server, "r", TOKEN)
    revoke(server, "r", revoked["id"])
    server.restart()
    assert [opens(server, "r", link["token"]) for link in (kept, revoked)] == [200, 401]
    assert state_of(server, "r", "token=" + TOKEN)["layout"]["version"] == 1


def test_without_a_file_links_end_with_the_server(start):
    server = start("--token", TOKEN)
    made = share(server, "r", TOKEN)
    assert opens(server, "r", made["token"]) == 200
    server.restart()
    assert opens(server, "r", made["token"]) == 401


def test_a_link_shows_no_list_of_rooms_and_no_metrics(start):
    server = start("--token", TOKEN, "--list-rooms", "--metrics")
    bearer = {"Authorization": "Bearer " + share(server, "r", TOKEN)["token"]}
    for path in ("/rooms", "/metrics"):
        assert http(server, path, headers=bearer)[0] == 401
        assert http(server, path, headers={"Authorization": "Bearer " + TOKEN})[0] == 200


def test_a_forged_link_is_refused_before_the_store_is_asked(start, tmp_path):
    path = tmp_path / "rooms.db"
    server = start("--db", path, "--token", TOKEN, "--log-format", "json")
    made = share(server, "r", TOKEN)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE kept SET value = 'damaged'")
        db.commit()
    assert opens(server, "r", made["token"][:-2] + "AA") == 401
    assert server.stderr == ""
    # A signed one is looked up, and the row can't be read.
    assert opens(server, "r", made["token"]) == 401
    assert "not-read" in [json.loads(line)["event"] for line in server.stderr.splitlines()]


def test_a_file_of_schema_4_gets_the_new_tables(tmp_path):
    path = tmp_path / "rooms.db"
    store = Store(path)
    store.save("main", "home", Device("d", 7, {"t": 1}))
    store.close()
    with closing(sqlite3.connect(path)) as db:
        for table in ("kept", "alerts", "alerts_on", "notices"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 4")
    store = Store(path)
    assert [row[0] for row in store.load("main", "home")] == ["d"]
    assert store.keep("main", "home", "layout", {"a": 1}, 8) is None
    assert store.save_alerts("main", "home", Stored(), Stored(version=1)) is None
    store.close()
    store = Store(path)
    assert store.kept("main", "home", "layout") == {"a": 1}
    assert store.alerts() == {("main", "home"): Stored(version=1)}
    store.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
