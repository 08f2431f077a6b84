"""tools/room_server/receipts.py, numbered.py, transactions.py: what a device is told about its
readings, and when; and that the file has what the device was told.
"""

import sqlite3
from contextlib import closing

import pytest

from room_server.settings import Settings
from rooms.local import EPOCH, NOW, Local, ack, lost

OTHER = "0" * 16


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rooms.db"


def on_disk(path):
    """({epoch: highest number}, values of t) in the file, as a new server would find them."""
    with closing(sqlite3.connect(path)) as db:
        numbers = dict(db.execute("SELECT epoch, n FROM epochs ORDER BY id"))
        return numbers, [row[0] for row in db.execute("SELECT value FROM raw ORDER BY at")]


def of(*numbers, **more):
    """Readings with these numbers. The number is also the value, and gives the time."""
    return [(n, NOW - 1000 + n, {"t": n, **more}) for n in numbers]


def test_an_ack_comes_once_it_is_on_disk_for_many_messages_at_once(path):
    local = Local(path)
    device = local.device()
    # The ack is the first message, and here the only one.
    assert device.heard() == [ack(0)]
    device.batch(0, *of(1, 2))
    device.batch(2, *of(5))
    local.store.commit()
    local.pass_time(0.249)
    assert device.heard() == []
    device.batch(5, *of(7))
    local.pass_time(0.001)
    # The last of them is not on disk yet.
    assert device.heard() == []
    local.store.commit()
    assert device.heard() == [ack(7)]
    assert on_disk(path) == ({EPOCH: 7}, [1, 2, 5, 7])
    for n in range(8, 8 + 15):
        device.batch(n - 1, *of(n))
        local.store.commit()
    assert device.heard() == []
    # The 16th message.
    device.batch(22, *of(23))
    assert device.heard() == []
    local.store.commit()
    assert device.heard() == [ack(23)]
    local.pass_time(0.1)
    device.batch(23, *of(24))
    local.store.commit()
    # The timer of the 16 must not acknowledge later messages.
    local.pass_time(0.2)
    assert device.heard() == []
    local.pass_time(0.05)
    assert device.heard() == [ack(24)]
    assert local.counts.acknowledged == 4 + 16 + 1


def test_known_numbers_are_dropped_and_passed_on_to_nobody(path):
    local = Local(path)
    device, watcher = local.device(), local.join()
    device.batch(0, *of(1, 2))
    message = {"type": "batch", "device": "d", "at": NOW}
    shown = [{"at": NOW - 1000 + n, "values": {"t": n}} for n in range(5)]
    assert watcher.heard() == [{**message, "readings": shown[1:3]}]
    device.batch(0, *of(1, 2), (3, None, {"t": 3}))
    assert watcher.heard() == [{**message, "readings": [{"values": {"t": 3}}]}]
    device.batch(0, *of(1, 2))
    device.say({"type": "reading", "epoch": EPOCH, "n": 3, "after": 2, "values": {"t": 9}})
    assert watcher.heard() == []
    single = {"at": NOW - 1, "values": {"t": 4}}
    device.say({"type": "reading", "epoch": EPOCH, "n": 4, "after": 0, **single})
    assert watcher.heard() == [{"type": "reading", "device": "d", **single}]
    local.store.commit()
    local.pass_time()
    assert device.heard("ack") == [ack(0), ack(4)]
    assert on_disk(path) == ({EPOCH: 4}, [1, 2, 4])
    assert local.counts.known == 2 + 2 + 1


def test_what_something_is_missing_before_is_dropped_and_asked_for(path):
    local = Local(path)
    device, watcher = local.device(), local.join()
    device.heard()
    device.batch(0, *of(1))
    # Number 2 did not come.
    device.batch(2, *of(3))
    device.batch(3, *of(4))
    local.store.commit()
    local.pass_time()
    assert device.heard() == [ack(1)]
    device.batch(1, *of(2, 3, 4))
    local.store.commit()
    local.pass_time()
    assert device.heard() == [ack(4)]
    assert on_disk(path) == ({EPOCH: 4}, [1, 2, 3, 4])
    assert len(watcher.heard("batch")) == 2


def test_a_reading_against_a_rule_is_refused_and_done_with(path):
    local = Local(path)
    device, watcher = local.device(), local.join()
    device.heard()
    bad = [(n, "soon", {"t": n}) for n in range(2, 8)]
    device.batch(0, *of(1), *bad)
    watcher.heard()
    device.batch(7, (9, None, {"x": None}))
    assert watcher.heard() == []
    local.store.commit()
    local.pass_time()
    text = "at 'soon': give a whole number from -9007199254740992 to 9007199254740992"
    nothing = "value 'x' is None: give a number, string or bool"
    # The ack comes in pieces, so that a device with little memory can read it.
    assert device.heard() == [
        ack(5, refused=[[n, text] for n in range(2, 6)]),
        ack(9, refused=[[6, text], [7, text], [9, nothing]]),
    ]
    assert on_disk(path) == ({EPOCH: 9}, [1])
    assert (local.counts.acknowledged, local.counts.refused) == (1, 7)
    device.batch(0, *of(2))
    local.pass_time()
    assert device.heard() == [ack(9)]


def test_what_is_wrong_with_the_message_is_an_error_and_no_ack(path):
    local = Local(path)
    device, plain, watcher = local.device(), local.device("p", None), local.join()
    device.heard()
    good = {"n": 1, "values": {"t": 1}}
    for word, fields in (
        ("epoch: give 16", {}),
        ("epoch: give 16", {"epoch": EPOCH.upper()}),
        ("epoch: give that of the join", {"epoch": OTHER}),
        ("after None", {"after": None}),
        ("after -1", {"after": -1}),
        ("readings None", {"readings": None}),
        ("readings []", {"readings": []}),
        ("reading 5", {"readings": [5]}),
        ("n None", {"readings": [{"values": {"t": 1}}]}),
        ("n 0", {"readings": [{**good, "n": 0}]}),
        ("n 1.5", {"readings": [{**good, "n": 1.5}]}),
        ("n True", {"readings": [{**good, "n": True}]}),
        ("n 9007199254740993", {"readings": [{**good, "n": (1 << 53) + 1}]}),
        ("n 1 does not come after 1", {"readings": [good, good]}),
        ("n 1 does not come after 1", {"after": 1}),
    ):
        fields = {"epoch": EPOCH, "after": 0, "readings": [good], **fields} if fields else {}
        device.say({"type": "batch", "readings": [good], **fields})
        [error] = device.heard()
        assert (error["type"], error["status"]) == ("error", 400) and word in error["error"]
        assert EPOCH not in error["error"]
    plain.batch(0, *of(1))
    plain.say({"type": "reading", "n": 1, "values": {"t": 1}})
    for error in plain.heard():
        assert error["status"] == 400 and "epoch" in error["error"]
    for name, value in (("live", 5), ("live", None), ("at", None), ("at", 0.5), ("at", 1 << 54)):
        plain.say({"type": "reading", "values": {"t": 1}, name: value})
        [error] = plain.heard()
        assert error["status"] == 400 and error["error"].startswith(f"{name} {value}: give")
    local.pass_time()
    assert device.heard("ack") == []
    assert {message["type"] for message in watcher.heard()} == {"presence"}
    assert local.store.rows("SELECT * FROM epochs", ()) == []
    # JavaScript may write whole numbers like this.
    device.say({"type": "batch", "epoch": EPOCH, "after": 0.0, "readings": [{**good, "n": 1.0}]})
    assert device.heard() == [] and local.store.highest("main", "home", "d", EPOCH) == 1


def test_a_commit_that_fails_is_told_and_nothing_of_it_is_acknowledged(path, caplog):
    local = Local(path)
    device, plain, other = local.device(), local.device("p", None), local.device("o", OTHER)
    dashboard, quiet = local.join("dashboard"), local.join("dashboard", hears="commands")
    device.batch(0, *of(1))
    local.store.commit()
    for guest in (device, plain, other, dashboard):
        guest.heard()
    device.batch(1, *of(2), (3, "soon", {}))
    plain.read(t=1)
    other.batch(0, *of(1), epoch=OTHER)
    local.break_commit()
    assert "FOREIGN KEY" in local.store.commit()
    why = lost("FOREIGN KEY constraint failed")
    assert (device.heard("error"), plain.heard("error")) == ([why], [why])
    assert other.heard("error") == [why]
    storage = {"storage": "failing", "error": "FOREIGN KEY constraint failed"}
    assert dashboard.heard("storage") == [{"type": "storage", **storage}]
    assert storage.items() <= local.room.state(NOW).items()
    # It was already on its way. An ack for 4 would include the lost readings before it.
    device.batch(3, *of(4))
    local.store.commit()
    local.pass_time()
    assert device.heard("ack") == [ack(1)]
    # Nothing of it is on the disk.
    assert other.heard("ack") == []
    assert on_disk(path) == ({EPOCH: 1}, [1])
    device.batch(1, *of(2), (3, "soon", {}), *of(4))
    other.batch(0, *of(1), epoch=OTHER)
    local.store.commit()
    local.pass_time()
    assert [message["n"] for message in device.heard("ack")] == [4]
    assert other.heard("ack") == [{**ack(1), "epoch": OTHER}]
    assert dashboard.heard("storage") == [{"type": "storage", "storage": "disk"}]
    assert [message["type"] for message in quiet.heard()] == ["snapshot"]
    assert local.room.state(NOW)["storage"] == "disk"
    assert local.counts.not_stored == 3
    assert [record.event for record in caplog.records] == ["not-stored", "stored-again"]


def test_a_commit_that_fails_within_a_change_takes_the_change_with_it(path):
    # With a window, a change first commits old changes. If this commit fails and the change is
    # stored, its number would acknowledge the lost readings.
    local = Local(path, window_ms=1000)
    device = local.device()
    local.store.commit()
    device.batch(0, *of(1))
    device.heard()
    local.break_commit()
    local.now += 1000
    device.batch(1, *of(2))
    errors = [lost("FOREIGN KEY constraint failed"), lost("readings before this one were lost")]
    assert device.heard() == errors
    local.store.commit()
    local.pass_time()
    assert device.heard() == [] and on_disk(path) == ({}, [])
    device.batch(0, *of(1, 2))
    local.store.commit()
    local.pass_time()
    assert device.heard() == [ack(2)] and on_disk(path) == ({EPOCH: 2}, [1, 2])


def test_a_reading_that_cannot_be_stored_is_passed_on_unless_it_comes_again(path):
    local = Local(path, settings=Settings(max_state_bytes=3000))
    device, plain, watcher = local.device(), local.device("p", None), local.join()
    local.store.commit()
    with closing(sqlite3.connect(path, isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        for guest in (device, plain, watcher):
            guest.heard()
        plain.read(t=1)
        device.batch(0, *of(1, 2))
        device.read(live=True, t=3)
        plain.say({"type": "hello", "name": "Roof"})
        why = lost("database is locked")
        assert device.heard("error", "ack") == plain.heard("error") == [why] * 2
        assert [message.get("values") for message in watcher.heard()] == [
            *({"t": 1}, {"t": 3}, None)
        ]
        assert local.state("p")["last"] == {"t": 1} and local.state()["last"] == {"t": 3}
        assert local.counts.not_stored == 1 + 2 + 1
        # Readings that are not stored must not use up memory.
        for _ in range(20):
            device.batch(0, (1, NOW, {"s": "x" * 256}))
        assert device.heard() == [why] * 20
    assert local.room.devices.get("d").last == {"t": 3}
    device.batch(0, *of(1, 2))
    local.store.commit()
    local.pass_time()
    assert device.heard("ack") == [ack(2)]
    device.batch(2, (3, NOW, {"s": "x" * 256, "u": "x" * 256, "v": "x" * 256, "w": "x" * 256}))
    [full] = device.heard()
    assert full["status"] == 503 and "--max-state-bytes" in full["error"]
    local.pass_time()
    assert device.heard() == []
    device.batch(2, (3, NOW, {"s": "x" * 256}))
    assert device.heard() == []


def test_values_that_fill_their_half_of_the_file_refuse_numbered_ones_aloud(path):
    local = Local(path, max_bytes=200_000)
    fill = {f"v{n}": "x" * 256 for n in range(32)}
    for n in range(20):
        local.device(f"d{n}", None).read(**fill)
    device, watcher = local.device(), local.join()
    device.batch(0, (1, None, fill))
    [_, error] = device.heard()
    assert error == lost("last values fill half of the file (raise --max-db-bytes)")
    assert (watcher.heard(), local.state()["last"]) == ([], {})
    # Undated readings and epochs also use this half.
    device.batch(0, (1, NOW, {"t": 1}))
    assert device.heard() == []
    used = local.store._space.blocks
    for n in range(2, 30):
        device.batch(n - 1, (n, None, {"t": n, "s": "x" * 200}))
    assert {error["status"] for error in device.heard()} == {507}
    assert local.store._space.blocks > used
    blocks = local.store._space.blocks
    local.store._space.is_stale = True
    local.store.commit()
    device.read(t=1)
    assert local.store._space.blocks == blocks


def test_a_device_s_newest_epochs_are_kept_and_go_with_it(path):
    local = Local(path, settings=Settings(max_devices=2), max_bytes=200_000)
    epochs = [f"{n:016x}" for n in range(10)]
    # 0 is used again, so it stays.
    for n in (*range(8), 0, 8, 9):
        device = local.device(epoch=epochs[n])
        highest = 1 if n == 0 and local.store.highest("main", "home", "d", epochs[0]) else 0
        device.batch(highest, *of(highest + 1), epoch=epochs[n])
        local.room.leave(device, NOW)
    local.store.commit()
    # Epochs use the devices' half.
    assert local.store._space.blocks == 1 + 8 * 64 // 256
    assert on_disk(path)[0] == {epochs[n]: 2 if n == 0 else 1 for n in (3, 4, 5, 6, 7, 0, 8, 9)}
    assert [message["n"] for message in local.device(epoch=epochs[0]).heard("ack")] == [2]
    assert [message["n"] for message in local.device(epoch=epochs[1]).heard("ack")] == [0]
    assert [message["n"] for message in local.device("e", epochs[0]).heard("ack")] == [0]
    local.store.forget("main", "home", "d")
    local.store.commit()
    assert on_disk(path)[0] == {}


def test_a_join_is_told_of_what_is_on_disk_alone(path):
    local = Local(path)
    local.device().batch(0, *of(1))
    local.store.commit()
    local.device().batch(1, *of(2))
    # 2 may still be lost.
    assert local.device().heard() == [ack(1)]
    local.store.commit()
    assert local.device().heard() == [ack(2)]


def test_a_device_is_told_if_its_number_cannot_be_read(path):
    local = Local(path)
    # A connection that is closed stands for a page that is damaged.
    local.store._reader.close()
    [told] = local.device().heard()
    assert "cannot read its database" in told.pop("error") and told == ack(None)


def test_without_a_database_nothing_is_acknowledged_and_readings_go_on():
    local = Local()
    device, watcher = local.device(), local.join()
    [told] = device.heard()
    assert told.pop("error").startswith("this server has no database")
    assert told == ack(None)
    # Without acks, the server can't ask for missing readings, so it accepts the gap.
    device.batch(41, *of(42, 43))
    device.batch(0, *of(42))
    local.store.commit()
    local.pass_time()
    assert device.heard() == [] and len(watcher.heard("batch")) == 1
    assert [value for _, value in local.points()] == [42, 43]
    assert local.room.state(NOW)["storage"] == "memory"
    assert local.counts.acknowledged == 0
