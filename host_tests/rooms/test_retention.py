"""tools/room_server/store.py, space.py: how old points get, and how large the file."""

import pytest

from room_server.device import Device
from room_server.store import Store

BOUND = 200_000


def points(store, device, name="t", now=0):
    return [value for _, value in store.history("main", "home", device, name, 1 << 40, now)]


def save(store, device, at, **values):
    store.save("main", "home", Device(device, at, values), list(values.items()))


def rows(store):
    return store.rows("SELECT count(*) FROM history", ())[0][0]


@pytest.mark.parametrize("is_file", [True, False])
def test_at_its_bound_the_oldest_points_of_all_go_few_at_a_time(tmp_path, caplog, is_file):
    path = tmp_path / "rooms.db" if is_file else None
    store = Store(path, keep_points=100_000, max_bytes=BOUND)
    names = [f"d{n}" for n in range(10)]
    save(store, "quiet", 0, t=-1)
    for n in range(10_000):
        before = store._db.total_changes
        save(store, names[n % 10], n, t=n)
        assert store._db.total_changes - before <= 64 + 2
        if n % 7 == 0:
            store.commit()
    kept = sorted(value for name in names for value in points(store, name))
    assert kept == list(range(kept[0], 10_000))
    assert len(kept) > 1500  # a point takes some 60 bytes
    assert points(store, "quiet") == []
    assert [row[2] for row in store.load("main", "home")][0] == {"t": -1}  # that stays
    assert store.size() <= BOUND
    assert path is None or path.with_name("rooms.db-wal").stat().st_size < 5 << 20
    store.close()
    assert not caplog.records
    assert path is None or path.stat().st_size <= BOUND


def test_the_file_keeps_its_bound_whatever_comes(tmp_path):
    path = tmp_path / "rooms.db"
    store = Store(path, keep_points=50, max_bytes=BOUND)
    for n in range(3000):
        values = {f"v{i}": i for i in range(n % 33)}
        device = Device(f"d{n * 7919 % 300}", n, {**values, "s": "é" * (n * 31 % 5000)})
        store.save("main", f"r{n % 3}", device, list(values.items()))
        if n % 50 == 49:
            store.forget("main", f"r{n % 3}", device.name)
        store.commit()
        assert store.size() <= BOUND
    store.close()
    assert path.stat().st_size <= BOUND


def test_last_values_get_half_of_the_file_and_points_the_other(caplog):
    store = Store(keep_points=100, max_bytes=BOUND)
    save(store, "old", 0, t=0)
    for n in range(100):
        store.save("main", "home", Device(f"d{n}", n, {"s": "x" * 4000}))
    for n in range(1, 5000):
        save(store, "old", n, t=n)
    assert points(store, "old") == list(range(4900, 5000))
    kept = [row[0] for row in store.load("main", "home")]
    assert len(kept) - 1 == BOUND // 2 // 256 // 17  # of 17 blocks each
    assert [record.event for record in caplog.records] == ["full"]  # told once, not 76 times
    # Those that are in may still change their values, and make place by growing smaller.
    for name in kept[:10]:
        store.save("main", "home", Device(name, 5000, {"s": "y"}))
    store.save("main", "home", Device("new", 5001, {"s": "x" * 4000}))
    assert "new" in [row[0] for row in store.load("main", "home")]
    store.forget("main", "home", "new")
    store.save("main", "home", Device("next", 5002, {"s": "x" * 30000}))
    assert "next" in [row[0] for row in store.load("main", "home")]
    store.close()


def test_what_devices_take_is_known_after_a_restart_and_after_undone_changes(tmp_path):
    path = tmp_path / "rooms.db"
    store = Store(path, max_bytes=BOUND)
    for n in range(5):
        store.save("main", "home", Device(f"d{n}", n, {"s": "x" * 1000}))
    blocks = store._space.blocks
    assert blocks == 5 * 5
    store.close()
    store = Store(path, max_bytes=BOUND)
    assert store._space.blocks == blocks
    store.save("main", "home", Device("new", 9, {"s": "x" * 1000}))
    store._db.execute("ROLLBACK")  # as SQLite does by itself on a full disk
    store.commit()
    store._fail(OSError("full"))
    store.save("main", "home", Device("d0", 9, {"s": "x" * 1000}))
    assert store._space.blocks == blocks
    store.close()


def test_points_too_old_are_not_shown_and_go_with_the_next_that_come():
    store = Store(keep_ms=1000)
    for at in range(0, 2001, 100):
        save(store, "kitchen", at, t=at)
    assert points(store, "kitchen", now=2000) == list(range(1000, 2001, 100))
    assert points(store, "kitchen", now=2901) == [2000]
    assert rows(store) == 11
    store.close()


def test_a_sweep_drops_a_bounded_number_and_says_whether_to_go_on():
    store = Store(keep_points=100_000, keep_ms=1000)
    for at in range(1500):
        save(store, "kitchen", 5, t=at)
    save(store, "kitchen", 900, t=-1)
    assert rows(store) == 1501
    assert store.sweep(1500) is True
    assert rows(store) == 501
    assert store.sweep(1500) is False
    assert rows(store) == 1
    assert store.sweep(1500) is False
    store.close()


def test_without_an_age_nothing_is_swept():
    store = Store()
    save(store, "kitchen", 5, t=1)
    assert store.sweep(1 << 50) is False
    assert points(store, "kitchen", now=1 << 50) == [1]
    store.close()


def test_a_full_file_loses_no_change_of_the_moment_in_which_it_was_full(tmp_path, caplog):
    path = tmp_path / "rooms.db"
    store = Store(path, keep_points=100_000)
    for n in range(3000):
        save(store, "kitchen", n, t=n)
    store.commit()
    store._db.execute("PRAGMA max_page_count = 1")  # as large as it is
    for n in range(3000, 3500):
        save(store, "kitchen", n, t=n)
    store.commit()
    store.close()
    store = Store(path, keep_points=100_000)
    kept = points(store, "kitchen")
    assert kept == list(range(kept[0], 3500)) and len(kept) > 2000
    assert not caplog.records
    store.close()


def test_no_commit_is_larger_than_a_thousand_changes():
    store = Store()
    told = []
    store.on_commit = lambda saves, seconds: told.append(saves)
    for n in range(2500):
        save(store, "kitchen", n, t=n)
    store.close()
    assert told == [1000, 1000, 500]
