"""tools/room_server/store.py, space.py, commits.py: which data is kept, how old it and how large
the file may get, when data is safe, and files that can't be used.
"""

import asyncio
import sqlite3
from contextlib import closing, suppress

import pytest

from room_server.commits import Commits
from room_server.device import Device
from room_server.reads import Unreadable
from room_server.schema import SCHEMA_VERSION, StoreError
from room_server.space import Full
from room_server.store import Store

BOUND = 213_000
NEWER = SCHEMA_VERSION + 1


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rooms.db"


@pytest.fixture
def open_store():
    """`open_store(path or None, ...)` returns a Store, which is closed at the test's end."""
    stores = []

    def open_store(*args, **options):
        stores.append(Store(*args, **options))
        return stores[-1]

    yield open_store
    for store in stores:
        # The test may have closed it.
        with suppress(sqlite3.ProgrammingError):
            store.close()


def save(store, device, at, **values):
    """Store a device's values. Numbers are stored as points too."""
    points = [(name, at, value) for name, value in values.items() if type(value) in (int, float)]
    return store.save("main", "home", Device(device, at, values), points)


def points(store, device, name="t"):
    series = store.series_of("main", "home", device).get(name)
    return [value for _, value in store.newest(series, 1 << 40, 0)] if series else []


def stored(path):
    """The devices in the file, as a new server would find them."""
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT device FROM devices ORDER BY device")]


# Which data is kept. For types and order of values, see the test with the file of schema 1.


def test_rooms_parties_and_devices_are_apart(open_store):
    store = open_store()
    for at, (party, room) in enumerate([("main", "a"), ("main", "b"), ("p", "a")]):
        store.save(party, room, Device("kitchen", at, {"t": at}), [("t", at, at)])
    store.forget("main", "a", "kitchen")
    assert store.load("main", "a") == [] and store.series_of("main", "a", "kitchen") == {}
    [series] = store.series_of("main", "b", "kitchen").values()
    assert store.newest(series, 9, 0) == [[1, 1]]
    assert store.count_rooms() == 2


def test_a_change_that_does_not_fit_is_undone_alone(open_store, path, caplog):
    store = open_store(path)
    save(store, "kitchen", 1, t=1)
    store.commit()
    store._db.execute("PRAGMA max_page_count = 20")
    save(store, "kitchen", 2, t=2)
    too_large = Device("attic", 3, {"t": "s" * 200000})
    assert store.save("main", "home", too_large) == "database or disk is full"
    assert save(store, "kitchen", 4, t=4) is store.commit() is None
    assert "not stored: database or disk is full" in caplog.records[0].message
    store.close()
    assert open_store(path).load("main", "home") == [("kitchen", 4, {"t": 4}, {}, {"t": 4})]


# How old and how large the data may get.


def test_the_file_keeps_its_bound_whatever_comes(open_store, path):
    store = open_store(path, max_bytes=BOUND)
    for n in range(1200):
        values = {f"v{i}": i for i in range(n % 33)}
        device = Device(f"d{n * 7919 % 300}", n, {**values, "s": "é" * (n * 31 % 5000)})
        store.save("main", f"r{n % 3}", device, [(name, n, i) for name, i in values.items()])
        if n % 50 == 49:
            store.forget("main", f"r{n % 3}", device.name)
        store.commit()
        assert store.size() <= BOUND
    store.close()
    assert path.stat().st_size <= BOUND


def test_last_values_get_half_of_the_file_and_points_the_other(open_store, caplog):
    store = open_store(max_bytes=BOUND)

    def devices():
        return [row[0] for row in store.load("main", "home")]

    save(store, "old", 0, t=0)
    for n in range(100):
        save(store, f"d{n}", n, s="x" * 4000)
    for n in range(1, 5000):
        save(store, "old", n, t=n)
    assert points(store, "old")[-100:] == list(range(4900, 5000))
    kept = devices()
    # Each device has 17 blocks.
    assert len(kept) - 1 == BOUND // 2 // 256 // 17
    # One warning, not 76.
    assert [record.event for record in caplog.records] == ["full"]
    # Stored devices may still change their values. Smaller values make space for others.
    for name in kept[:10]:
        save(store, name, 5000, s="y")
    save(store, "new", 5001, s="x" * 4000)
    assert "new" in devices()
    store.forget("main", "home", "new")
    # It also uses the space of "new".
    save(store, "next", 5002, s="x" * 42000)
    assert "next" in devices()


def test_what_devices_take_is_known_after_a_restart_and_after_undone_changes(open_store, path):
    store = open_store(path, max_bytes=BOUND)
    for n in range(5):
        save(store, f"d{n}", n, s="x" * 1000)
    blocks = store._space.blocks
    assert blocks == 5 * 5
    store.close()
    store = open_store(path, max_bytes=BOUND)
    assert store._space.blocks == blocks
    save(store, "new", 9, s="x" * 1000)
    # SQLite does this by itself when the disk is full.
    store._db.execute("ROLLBACK")
    store.commit()
    store._fail(OSError("full"))
    save(store, "d0", 9, s="x" * 1000)
    assert store._space.blocks == blocks


def test_a_full_file_loses_no_change_of_the_moment_in_which_it_was_full(open_store, path, caplog):
    store = open_store(path)
    for n in range(3500):
        if n == 3000:
            store.commit()
            # The file can't grow.
            store._db.execute("PRAGMA max_page_count = 1")
        save(store, "kitchen", n, t=n)
    store.close()
    kept = points(open_store(path), "kitchen")
    assert kept == list(range(kept[0], 3500)) and len(kept) > 2000
    assert not caplog.records


# When data is safe, as seen by another connection.


async def test_changes_share_a_commit_before_something_leaves_or_at_the_turn_s_end(
    open_store, path
):
    store, told = open_store(path), []
    store.on_commit = lambda saves, seconds: told.append(saves)
    commits = Commits(store)
    save(store, "a", 1)
    save(store, "b", 1)
    assert stored(path) == []
    commits.settle()
    assert stored(path) == ["a", "b"]
    save(store, "c", 1)
    await commits.done()
    assert (told, stored(path)) == ([2, 1], ["a", "b", "c"])
    # There is nothing to wait for, so it returns.
    await commits.done()
    # No commit has more than a thousand changes.
    for n in range(2500):
        save(store, "d", n)
    store.close()
    assert told == [2, 1, 1000, 1000, 500]


async def test_with_a_window_messages_leave_at_once_and_commits_come_later(open_store, path):
    store = open_store(path, window_ms=50)
    commits = Commits(store, 0.05)
    save(store, "a", 1)
    commits.settle()
    await asyncio.sleep(0)
    assert stored(path) == []
    waiting = [asyncio.create_task(commits.done()) for _ in range(2)]
    save(store, "b", 1)
    await asyncio.gather(*waiting)
    assert stored(path) == ["a", "b"]


async def test_a_change_first_commits_what_is_older_than_the_window(open_store, path):
    store = open_store(path, window_ms=50)
    # As if the loop were late.
    Commits(store, 60)
    for name, at in (("a", 1000), ("b", 1049), ("c", 1050), ("d", 1099)):
        save(store, name, at)
    assert stored(path) == ["a", "b"]
    save(store, "e", 1100)
    assert stored(path) == ["a", "b", "c", "d"]
    store.close()
    assert stored(path) == ["a", "b", "c", "d", "e"]


async def test_who_waits_is_let_go_though_the_disk_fails(open_store, path):
    store = open_store(path)
    commits = Commits(store)
    save(store, "a", 1)
    waiting = asyncio.create_task(commits.done())
    await asyncio.sleep(0)
    store._db.execute("PRAGMA max_page_count = 1")
    save(store, "b", 1, s="x" * 100000)
    # The waiting change was stored before the failure.
    assert await waiting is None
    assert stored(path) == ["a"]


async def test_who_waits_learns_that_its_commit_failed(open_store, path):
    store = open_store(path)
    commits, told = Commits(store), []
    commits.listen(told.append)
    save(store, "a", 1)
    store._db.execute("PRAGMA defer_foreign_keys = ON")
    store._db.execute("INSERT INTO epochs (device, epoch, n) VALUES (-1, '', 0)")
    why = await commits.done()
    assert "FOREIGN KEY" in why and stored(path) == []
    save(store, "b", 1)
    assert await commits.done() is None and stored(path) == ["b"]
    assert told == [why, None]


@pytest.mark.parametrize(
    ("first", "then"),
    [("disk I/O error", None), ("disk is full", "disk is full"), ("disk is full", Full("half"))],
    ids=["at once", "full again", "has grown"],
)
def test_what_was_lost_within_a_change_is_told_to_who_waits_for_it(open_store, path, first, then):
    # SQLite may end the transaction by itself. Then changes that can't be repeated are lost.
    store, told = open_store(path), []
    store.on_end = told.append
    save(store, "a", 1)
    store.commit()
    save(store, "b", 2)
    work = store._changes[0]

    def fail():
        store._db.execute("ROLLBACK")
        raise sqlite3.OperationalError(first)

    def work_again():
        work()
        raise then if isinstance(then, Full) else sqlite3.OperationalError(then)

    store._changes[0] = work_again
    why = str(then or first)
    assert store.change(fail) == why
    assert (told, store.has_uncommitted(), stored(path)) == ([None, why], False, ["a"])


# Files of others, and damaged ones.


def damaged(path, text, more=b"\xff"):
    """Make a file with a device in which `more` stands in the place of `text`."""
    store = Store(path)
    save(store, "kitchen", 1, t=1)
    store.close()
    path.write_bytes(path.read_bytes().replace(text, more * len(text)))


@pytest.mark.parametrize("text", [b'{"t": 1}', b'{"t"', b"{}", b"kitchen", b"main", b"home"])
def test_text_that_is_damaged_is_told_once_and_others_are_stored(open_store, path, text, caplog):
    damaged(path, text)
    store = open_store(path)
    for n in range(3):
        for read in (
            lambda: store.load("main", "home"),
            lambda: store.rows("SELECT * FROM devices WHERE device <> 'porch'", ()),
        ):
            with suppress(Unreadable):
                read()
        assert save(store, "porch", n, t=n) is None and store.commit() is None
        assert store.storage() == {"storage": "disk"}
    assert points(store, "porch") == [0, 1, 2]
    [warning] = caplog.messages
    assert "some readings cannot be read" in warning


SCHEMA_1 = """
CREATE TABLE devices (
    id INTEGER PRIMARY KEY, party TEXT NOT NULL, room TEXT NOT NULL, device TEXT NOT NULL,
    at INTEGER NOT NULL, last TEXT NOT NULL, UNIQUE (party, room, device));
CREATE TABLE history (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE INDEX series ON history (device, name, id);
INSERT INTO devices VALUES (3, 'main', 'home', 'kitchen', 7, '{"t": 2, "door": true}');
INSERT INTO history VALUES (1, 3, 't', 6, 1.5), (2, 3, 't', 7, 2);
PRAGMA user_version = 1;
"""
TO_SCHEMA_2 = """
ALTER TABLE devices ADD COLUMN about TEXT NOT NULL DEFAULT '{}';
UPDATE devices SET about = '{"name": "Roof; north"}';
PRAGMA user_version = 2;
"""


def schema_of(path):
    """The tables and indexes of a file, as SQLite stores them."""
    with closing(sqlite3.connect(path)) as db:
        names = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        kinds = ("table_xinfo", "foreign_key_list", "index_list", "index_xinfo")
        tables = [name for (name,) in db.execute(names)]
        return {
            name: [set(db.execute(f"PRAGMA {kind}({name})")) for kind in kinds] for name in tables
        }


@pytest.mark.parametrize(
    ("script", "about"), [(SCHEMA_1, {}), (SCHEMA_1 + TO_SCHEMA_2, {"name": "Roof; north"})]
)
def test_a_file_of_an_older_schema_keeps_its_data_and_becomes_a_new_one(
    open_store, path, tmp_path, script, about
):
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)
    last = {"t": 2, "door": True}
    # The second time, the file has the new schema.
    for _ in range(2):
        store = open_store(path)
        assert store.load("main", "home") == [
            ("kitchen", 7, last, about, {"t": 7, "door": 7}),
        ]
        assert points(store, "kitchen") == [1.5, 2]
        store.close()
    open_store(tmp_path / "new.db").close()
    assert schema_of(path) == schema_of(tmp_path / "new.db")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = open_store(path)
    where = ("main", "home")
    save(store, "kitchen", 9, t=3)
    device = Device("kitchen", 10, {"t": 3}, about, {"t": 9})
    step = ("0" * 16, 0, 5)
    assert store.save(*where, device, [("t", 6, 1.75)], (), (), [(10, {"t": "?"})], step) is None
    store.close()
    store = open_store(path)
    assert points(store, "kitchen") == [1.5, 1.75, 2, 3]
    assert store.undated(*where, "kitchen") == [[10, {"t": "?"}]]
    assert store.highest_on_disk(*where, "kitchen", "0" * 16) == 5


def test_values_keep_their_types_and_their_order(open_store, path):
    last = {"t": 21.5, "n": 1 << 53, "on": True, "mode": "é", "a": -0.5}
    about = {"name": "Küche", "controls": [{"name": "led", "type": "switch"}]}
    times = dict.fromkeys(last, 8)
    store = open_store(path)
    device = Device("kitchen", 8, last, about, times)
    store.save("main", "home", device, [("t", 8, 21.5), ("n", 8, 1 << 53)])
    store.close()
    store = open_store(path)
    [(name, at, loaded, told, measured)] = store.load("main", "home")
    assert (name, at, list(loaded.items()), told) == ("kitchen", 8, list(last.items()), about)
    assert measured == times
    assert points(store, "kitchen") == [21.5] and points(store, "kitchen", "n") == [1 << 53]


def test_each_commit_is_on_the_disk_before_it_is_told(open_store, path):
    # A test can't cut the power. SQLite promises that data survives it with FULL.
    assert open_store(path).rows("PRAGMA synchronous", ()) == [(2,)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,value\n" * 200, "not an SQLite file"),
        ("CREATE TABLE albums (id)", "belongs to another program"),
        (
            f"PRAGMA user_version = {SCHEMA_VERSION + 1}",
            f"newer room server (schema {SCHEMA_VERSION + 1}",
        ),
        (None, "cannot be used"),
        (b"TABLE devices", "is damaged"),
        (b"\x0d\0\0\0\1", "is damaged"),  # the head of a page with one row
    ],
    ids=["text", "of another program", "newer", "a folder", "no UTF-8", "a page"],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(path, content, message):
    if content is None:
        path.mkdir()
    elif isinstance(content, bytes):
        damaged(path, content)
    elif " " in content:  # a statement
        with closing(sqlite3.connect(path)) as db:
            db.execute(content)
    else:
        path.write_text(content)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        Store(path, max_bytes=BOUND)
    assert all(word in str(caught.value) for word in (message, str(path), "--db"))
    assert before is None or path.read_bytes() == before
