"""tools/room_server/store.py: what is kept, and files that cannot be used."""

import sqlite3

import pytest

from room_server.device import Device
from room_server.schema import SCHEMA_VERSION, StoreError
from room_server.store import Store


def kitchen(at, **last):
    return Device("kitchen", at, last)


def test_values_come_back_in_their_types_and_order(tmp_path):
    last = {"t": 21.5, "n": 1 << 53, "on": True, "mode": "é"}
    store = Store(tmp_path / "a.db")
    about = {"name": "Küche", "controls": [{"name": "led", "type": "switch"}]}
    device = Device("kitchen", 7, last, about)
    store.save("main", "home", device, [("t", 21.5), ("n", 1 << 53)])
    store.close()
    store = Store(tmp_path / "a.db")
    [(name, at, loaded, told)] = store.load("main", "home")
    assert (name, at, list(loaded.items())) == ("kitchen", 7, list(last.items()))
    assert told == about
    assert store.history("main", "home", "kitchen", "t", 9) == [[7, 21.5]]
    assert store.history("main", "home", "kitchen", "n", 9) == [[7, 1 << 53]]
    store.close()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_series_keeps_its_newest_points(count):
    store = Store(keep_points=3)
    for at in range(count):
        store.save("main", "home", kitchen(at, t=at), [("t", at)])
    assert store.history("main", "home", "kitchen", "t", 9) == [
        [at, at] for at in range(max(0, count - 3), count)
    ]
    store.close()


def test_rooms_parties_and_devices_are_apart():
    store = Store()
    for at, (party, room) in enumerate([("main", "a"), ("main", "b"), ("p", "a")]):
        store.save(party, room, kitchen(at, t=at), [("t", at)])
    store.forget("main", "a", "kitchen")
    assert store.load("main", "a") == []
    assert store.history("main", "a", "kitchen", "t", 9) == []
    assert store.history("main", "b", "kitchen", "t", 9) == [[1, 1]]
    assert store.count_rooms() == 2
    store.close()


def test_a_locked_file_warns_once_and_again_when_it_works(tmp_path, caplog):
    path = tmp_path / "a.db"
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for at in range(3):
        store.save("main", "home", kitchen(at, t=at))
    assert [record.message for record in caplog.records] == [
        "readings are not stored: database is locked; rooms go on without"
    ]
    other.execute("ROLLBACK")
    other.close()
    store.save("main", "home", kitchen(9, t=9))
    store.commit()
    assert caplog.records[-1].message == "readings are stored again"
    assert store.load("main", "home") == [("kitchen", 9, {"t": 9}, {})]
    store.close()


def test_a_change_that_does_not_fit_is_undone_alone(tmp_path, caplog):
    path = tmp_path / "a.db"
    store = Store(path)
    store.save("main", "home", kitchen(1, t=1), [("t", 1)])
    store.commit()
    store._db.execute("PRAGMA max_page_count = 20")
    store.save("main", "home", kitchen(2, t=2), [("t", 2)])
    store.save("main", "home", Device("attic", 3, {"t": "s" * 200000}), [("t", 3)])
    store.save("main", "home", kitchen(4, t=4))
    store.commit()
    assert "not stored: database or disk is full" in caplog.records[0].message
    store.close()
    store = Store(path)
    assert store.load("main", "home") == [("kitchen", 4, {"t": 4}, {})]
    store.close()


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


def test_a_file_of_schema_1_keeps_its_data(tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA_1)
    db.close()
    for _ in range(2):  # the second time it is of the new schema
        store = Store(path)
        assert store.load("main", "home") == [("kitchen", 7, {"t": 2, "door": True}, {})]
        assert store.history("main", "home", "kitchen", "t", 9) == [[6, 1.5], [7, 2]]
        store.close()
    store = Store(path)
    store.save("main", "home", Device("kitchen", 8, {"t": 3}, {"name": "K"}), [("t", 3)])
    assert store.load("main", "home") == [("kitchen", 8, {"t": 3}, {"name": "K"})]
    assert store.history("main", "home", "kitchen", "t", 9) == [[6, 1.5], [7, 2], [8, 3]]
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
