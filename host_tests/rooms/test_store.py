"""tools/room_server/store.py: what is kept, and files that cannot be used."""

import sqlite3

import pytest

from room_server.store import SCHEMA_VERSION, Store, StoreError


def test_values_come_back_in_their_types_and_order(tmp_path):
    last = {"t": 21.5, "n": 1 << 53, "on": True, "mode": "é"}
    store = Store(tmp_path / "a.db")
    store.save("main", "home", "kitchen", 7, last, [("t", 21.5), ("n", 1 << 53)])
    store.close()
    store = Store(tmp_path / "a.db")
    [(device, at, loaded)] = store.load("main", "home")
    assert (device, at, list(loaded.items())) == ("kitchen", 7, list(last.items()))
    assert store.history("main", "home", "kitchen", "t", 9) == [[7, 21.5]]
    assert store.history("main", "home", "kitchen", "n", 9) == [[7, 1 << 53]]
    store.close()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_series_keeps_its_newest_points(count):
    store = Store(keep_points=3)
    for at in range(count):
        store.save("main", "home", "kitchen", at, {"t": at}, [("t", at)])
    assert store.history("main", "home", "kitchen", "t", 9) == [
        [at, at] for at in range(max(0, count - 3), count)
    ]
    store.close()


def test_rooms_parties_and_devices_are_apart():
    store = Store()
    for at, key in enumerate([("main", "a", "x"), ("main", "b", "x"), ("p", "a", "x")]):
        store.save(*key, at, {"t": at}, [("t", at)])
    store.forget("main", "a", "x")
    assert store.load("main", "a") == []
    assert store.history("main", "a", "x", "t", 9) == []
    assert store.history("main", "b", "x", "t", 9) == [[1, 1]]
    assert store.count_rooms() == 2
    store.close()


def test_a_locked_file_warns_once_and_again_when_it_works(tmp_path, caplog):
    path = tmp_path / "a.db"
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for at in range(3):
        store.save("main", "home", "kitchen", at, {"t": at})
    assert [record.message for record in caplog.records] == [
        "readings are not stored: database is locked; rooms go on without"
    ]
    other.execute("ROLLBACK")
    other.close()
    store.save("main", "home", "kitchen", 9, {"t": 9})
    assert caplog.records[-1].message == "readings are stored again"
    assert store.load("main", "home") == [("kitchen", 9, {"t": 9})]
    store.close()


def test_a_full_disk_leaves_what_was_stored(tmp_path, caplog):
    store = Store(tmp_path / "a.db")
    store.save("main", "home", "kitchen", 1, {"t": 1}, [("t", 1)])
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    for at in range(2, 2000):
        store.save("main", "home", "kitchen", at, {"t": "s" * 3000}, [("t", at)])
    assert "full" in caplog.text
    assert store.load("main", "home")[0][0] == "kitchen"
    store.close()


def _not_sqlite(path):
    path.write_text("name,value\n" * 200)


def _of_another_program(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE albums (id)")
    db.close()


def _newer(path):
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_not_sqlite, "not an SQLite file"),
        (_of_another_program, "belongs to another program"),
        (_newer, f"newer room server (schema {SCHEMA_VERSION + 1}"),
        (lambda path: path.mkdir(), "cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(tmp_path, make, message):
    path = tmp_path / "a.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert message in str(caught.value) and str(path) in str(caught.value)
    assert "--db" in str(caught.value)
    assert before is None or path.read_bytes() == before
