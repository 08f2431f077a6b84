"""tools/room_server: tiers.py, broom.py, history.py, changes.py, ages.py, convert.py: what is kept
over a long time, with a clock of the test's own. See also contract/test_tiers.py.
"""

import asyncio
import logging
import random
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest
from multidict import MultiDict

from bench.year import OLD_SCHEMA
from room_server import store
from room_server.ages import Keep
from room_server.asked import wanted_of
from room_server.device import Device
from room_server.history import Part
from room_server.store import Store
from rooms import tier_model
from rooms.local import Local
from rooms.tier_model import DAY, HOUR, MINUTE

NOW = 1_790_000_000_000
FOREVER = 1 << 53
KEEP = {"raw": 10 * MINUTE, "minutes": 5 * HOUR, "hours": 4 * DAY}


class Server:
    """A store with a device in a room, and a clock."""

    def __init__(self, path=None, now=NOW, **options):
        self.now = now
        # By how much the computer's clock is wrong.
        self.wrong_ms = 0
        self._path, self._options = path, options
        self.store = None
        self.start()

    @property
    def clock(self):
        return self.now + self.wrong_ms

    def start(self):
        if self.store:
            self.store.close()
        self.store = Store(
            self._path, now=self.clock, monotonic=lambda: self.now / 1000, **self._options
        )

    def save(self, *points, device="d", **values):
        points = [*points, *((name, self.clock, value) for name, value in values.items())]
        assert self.store.save("main", "home", Device(device, self.clock), points) is None

    def sweep(self):
        while self.store.sweep(self.clock):
            self.store.commit()
        self.store.commit()

    def part(self, since=-FOREVER, until=FOREVER, points=1 << 40, name="t", device="d"):
        series = self.store.series_of("main", "home", device).get(name)
        return self.store.part(series, Part(since, until, points), self.clock)[0] if series else []

    def values(self, **options):
        return [point[1] for point in self.part(**options)]

    def count(self):
        """How many rows there are of each tier."""
        tables = ("raw", "minutes", "hours", "changes", "all_series")
        found = [self.store.rows(f"SELECT count(*) FROM {table}", ())[0][0] for table in tables]
        return dict(zip(tables, found))


@pytest.mark.parametrize("seed", [None])
def test_all_tiers_are_what_the_readings_say_at_any_time(tmp_path, seed):
    seed = seed or random.randrange(1 << 32)
    print("seed", seed)
    draw = random.Random(seed)
    server = Server(tmp_path / "rooms.db", keep=Keep(**KEEP))
    readings = []
    for step in range(3000):
        server.now += draw.choice(
            (1, 1000, 20_000, draw.randrange(90 * MINUTE), -server.now % MINUTE)
        )
        for _ in range(draw.choice((1, 1, 1, 5))):
            # Some are as old as what is kept, and some at the borders of minutes and hours.
            ages = (draw.randrange(HOUR), draw.randrange(5 * DAY), draw.choice([*KEEP.values()]))
            late = draw.choice((0, 0, 0, *ages))
            at = server.now - late + draw.choice((0, 0, 0, 0, draw.randrange(2 * HOUR)))
            unit = draw.choice((1, 1, 1, MINUTE, HOUR))
            at = at // unit * unit - draw.choice((0, unit > 1))
            value = draw.choice((draw.randrange(-50, 50), round(draw.gauss(20, 5), 2)))
            readings.append((at, value))
            server.save(("t", at, value))
        if draw.random() < 0.02:
            server.sweep()
        if draw.random() < 0.01:
            server.start()
        if step % 100 == 0:
            assert_is_model(server, readings, draw)
    # A device that is silent: everything ages. First the newest reading, whose minute is open.
    newest = max(at for at, _ in readings)
    for tier in ("raw", "minutes"):
        server.now = max(server.now, newest + KEEP[tier] + 1)
        server.sweep()
        assert_is_model(server, readings, draw)
    for _ in range(40):
        server.now += draw.randrange(4 * HOUR)
        server.sweep()
        assert_is_model(server, readings, draw)
    server.now += 5 * DAY
    server.sweep()
    assert server.count() == dict.fromkeys(("raw", "minutes", "hours", "changes"), 0) | {
        "all_series": 1
    }


def assert_is_model(server, readings, draw):
    ranges = [(server.now - age, FOREVER) for age in (*KEEP.values(), FOREVER)]
    for length in (MINUTE, HOUR, 10 * HOUR, 5 * DAY):
        since = server.now - draw.randrange(length)
        ranges.append((since, since + draw.randrange(1, length)))
    for since, until in ranges:
        points = draw.choice((1, 7, 100, 2000))
        expected = tier_model.part(readings, server.now, since, until, points, KEEP)
        print(since, until, points)
        tier_model.assert_points(server.part(since, until, points), *expected)
    raw = [each for each in readings if each[0] >= server.now - KEEP["raw"]]
    raw.sort(key=lambda each: each[0])
    # All may have been too old from the beginning.
    series = server.store.series_of("main", "home", "d").get("t")
    newest = server.store.newest(series, 7, server.now) if series else []
    assert newest == [list(each) for each in raw[-7:]]


def test_the_newest_thousand_changes_are_kept_as_long_as_hours():
    local = Local(keep=Keep(**KEEP))
    device = local.device(epoch=None)
    for n in range(1005):
        local.now = NOW + n * 1000
        device.read(on=n % 2 == 0)
    [series] = local.store.series_of("main", "home", "d").values()

    def changes(since=-FOREVER):
        part = Part(since, FOREVER, 2000)
        found = local.store.part(series, part, local.now)[1]
        assert [value for at, value in found] == [(at - NOW) // 1000 % 2 == 0 for at, _ in found]
        return [(at - NOW) // 1000 for at, _ in found]

    assert changes() == list(range(5, 1005))
    local.now = NOW + KEEP["hours"] + 500_000
    for since in (-FOREVER, NOW + 500_000, NOW + 500_500):
        assert changes(since) == list(range(500, 1005))
    local.now += 1
    # The one in force is too old.
    assert changes() == changes(NOW + 500_500) == list(range(501, 1005))
    while local.store.sweep(local.now):
        pass
    assert local.store.rows("SELECT count(*) FROM changes", ()) == [(504,)]


def test_a_snapshot_shows_nothing_that_is_too_old_though_it_is_not_deleted_yet():
    local = Local(keep=Keep(**KEEP))
    device = local.device(epoch=None)
    points = [[NOW + n * 1000, n] for n in range(9)]
    changes = [[at, n % 2 == 0] for at, n in points]
    for at, n in points:
        local.now = at
        device.read(t=n, on=n % 2 == 0)
    for tier, history in (("raw", {"t": points[5:]}), ("hours", {})):
        local.now = NOW + KEEP[tier] + 5000
        state = local.state()
        shown = changes[5:] if tier == "hours" else changes
        assert (state["history"], state["changes"]) == (history, {"on": shown})


@pytest.mark.parametrize("tier, step", [("raw", 1000), ("minutes", MINUTE), ("hours", HOUR)])
def test_a_part_has_nothing_that_is_too_old_though_it_is_not_deleted_yet(tier, step):
    server = Server(keep=Keep(**KEEP))
    day = -(-NOW // DAY) * DAY
    for n in range(9):
        server.now = day + n * step
        server.save(t=n)
    # The last minutes and hours are counted in their tiers, or are still open.
    for is_open in (True, False):
        if not is_open:
            server.save(("t", server.now + DAY, 0))
        server.now = day + 4 * step + KEEP[tier]
        until = day + 9 * step
        found = server.part(until=until, points=1)
        assert [point[2:] for point in found] == [[4, 8, 5]]
        server.sweep()
        assert server.part(until=until, points=1) == found


def test_when_the_file_is_full_the_oldest_readings_go_first_then_minutes_then_hours(tmp_path):
    bound = 213_000
    server = Server(tmp_path / "rooms.db", max_bytes=bound)
    server.save(quiet=-1)
    names = [f"n{n}" for n in range(5)]
    for n in range(10_000):
        server.now += 20_000
        before = server.store._db.total_changes
        server.save(**{names[n % 5]: n})
        # A reading, perhaps a minute and an hour; and at most 64 points that go, which may have to
        # be counted first.
        assert server.store._db.total_changes - before <= 64 + 3 * 32 + 8
        if n % 20 == 0:
            server.store.commit()
            assert server.store.size() <= bound
    rows = server.count()
    # An hour of raw readings at least, and all hours.
    assert rows["raw"] >= 180 and 1000 < rows["minutes"] < 5000 and rows["hours"] >= 5 * 54
    for name in names:
        times = [at for at, *_ in server.part(since=server.now - HOUR, name=name)]
        assert len(times) in (36, 37) and times[-1] > server.now - 200_000
        hours = server.part(points=2000, name=name)
        assert [hour[4] for hour in hours[1:-1]] == [36] * (len(hours) - 2)
    # Raw readings, minutes and hours are the newest of all.
    for table in ("raw", "minutes", "hours"):
        firsts = server.store.rows(f"SELECT min(at) FROM {table} GROUP BY series", ())
        firsts = [at * {"raw": 1, "minutes": MINUTE, "hours": HOUR}[table] for (at,) in firsts]
        assert max(firsts) - min(firsts[-5:]) < (server.now - NOW) // 16
    # So it is though the computer's clock is wrong for a while.
    begun = server.now
    for n in range(1000):
        server.now += 1000
        server.wrong_ms = 400 * DAY if n < 500 else 0
        server.save(**{names[n % 5]: n})
    for name in names:
        times = [at for at, *_ in server.part(begun - HOUR // 2, begun, name=name)]
        assert len(times) in (17, 18, 19), (name, len(times))
    server.store.close()
    assert Path(tmp_path / "rooms.db").stat().st_size <= bound


def test_a_full_file_gives_up_one_tier_after_the_other_and_the_young_last(monkeypatch):
    monkeypatch.setattr(store, "_DROPPED_AT_ONCE", 1)
    server = Server()
    for n in range(96):
        server.now += HOUR // 2
        device = Device("d", server.clock)
        points, changes = [("t", server.now, n)], [("on", server.now, n % 2 == 0, None)]
        assert server.store.save("main", "home", device, points, changes) is None
    order, left = [], server.count()
    while left["raw"]:
        assert server.store.change(server.store.make_much_place) is None
        before, left = left, server.count()
        order += [table for table in left if left[table] < before[table]]
    # A reading, a minute and a change each half hour, of two days; and their hours.
    assert [(table, len(list(some))) for table, some in groupby(order)] == [
        # Older than an hour, or than a day.
        *(("raw", 96 - 3), ("minutes", 96 - 49), ("changes", 96 - 49)),
        ("hours", 48),
        # Those of this moment are the very last.
        *(("changes", 48), ("minutes", 48), ("raw", 3)),
    ]


def test_a_full_file_takes_what_is_new_though_everything_is_new(tmp_path):
    bound = 200_000
    server = Server(tmp_path / "rooms.db", max_bytes=bound)
    for n in range(20_000):
        server.now += 1
        server.save(t=n)
        assert server.store.size() <= bound
    kept = server.values(since=NOW, points=1 << 40)
    assert kept[-1] == 19_999 and len(kept) > 2000
    # Points ahead of the time can't fill it for ever either.
    for n in range(20_000):
        server.save(("t", server.now + DAY - n, n))
    server.now += DAY
    server.save(t=-1)
    assert server.values(since=server.now - 1000)[-1] == -1


def test_what_is_forgotten_goes_little_by_little():
    server = Server()
    for n in range(3000):
        server.now += MINUTE
        server.save(t=n)
        server.save(t=n, device="other")
    assert server.store.forget("main", "home", "d") is None
    assert server.part() == []
    server.save(t=7)
    assert server.values() == [7]
    counts = [sum(server.count().values())]
    while server.store.sweep(server.now):
        counts.append(sum(server.count().values()))
        assert counts[-2] - counts[-1] <= 1001
    assert len(counts) > 3 and server.values() == [7]
    assert server.count()["all_series"] == 2
    assert len(server.part(device="other", since=0, points=1 << 40)) == 3000
    # It goes through all series, though not at once.
    for n in range(5):
        server.save(device=f"many-{n}", **{f"v{i}": i for i in range(64)})
    server.now += 4 * DAY
    server.sweep()
    assert server.count()["raw"] == 0


def test_a_damaged_page_of_a_series_holds_up_no_other(tmp_path):
    path = tmp_path / "rooms.db"
    server = Server(path)
    for device, value in (("a", 1234.5), ("b", 1), ("c", 1)):
        for _ in range(2000):
            server.now += 1000
            server.save(t=value, device=device)
    server.store.close()
    content = path.read_bytes()
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    # The one with the most readings of the first.
    worst = max(pages, key=lambda page: page.count(struct.pack(">d", 1234.5)))
    path.write_bytes(content.replace(worst, b"\xff" * 4096))
    server.store = Store(path, now=server.now, monotonic=lambda: server.now / 1000)
    server.now += 4 * DAY
    server.save(t=2, device="c")
    # Not `b`, whose pages are beside those of `a`.
    for _ in range(3):
        server.sweep()
    assert server.store.rows("SELECT count(*) FROM raw WHERE series = 3", ()) == [(1,)]


def test_a_clock_that_jumps_ahead_deletes_nothing_for_a_day(tmp_path, caplog):
    server = Server(tmp_path / "rooms.db")
    for n in range(10):
        server.now += 10_000
        server.save(t=n)
    server.now += HOUR
    # An hour is no jump.
    server.wrong_ms = HOUR
    server.save(t=10)
    assert not caplog.records
    server.wrong_ms = 400 * DAY
    server.save(t=11)
    server.sweep()
    for _ in range(23):
        server.now += HOUR
        server.save(t=12)
        server.sweep()
    assert server.values()[:10] == list(range(10))
    [record] = caplog.records
    assert record.event == "clock-jumped" and "9599.0 h" in record.message
    assert "24 h" in record.message
    # The clock is set right again within that time.
    server.wrong_ms = 0
    server.save(t=13)
    server.sweep()
    assert server.values(until=server.now - 23 * HOUR)[:10] == list(range(10))
    # This time it stays so, and is believed.
    server.wrong_ms = 400 * DAY
    for _ in range(26):
        server.now += HOUR
        server.save(t=14)
        server.sweep()
    assert [record.event for record in caplog.records] == ["clock-jumped"] * 2
    assert 0 not in server.values()


def test_a_clock_that_was_wrong_at_the_start_deletes_nothing_for_a_day(tmp_path, caplog):
    # A server that was stopped for long says it too, so it is no warning then.
    caplog.set_level(logging.INFO)
    server = Server(tmp_path / "rooms.db")
    server.save(t=1)
    # A Raspberry Pi without a network.
    server.wrong_ms = 400 * DAY
    server.start()
    server.sweep()
    assert server.values() == [1]
    assert [record.event for record in caplog.records] == ["clock-jumped"]
    server.wrong_ms = 0
    server.start()
    server.sweep()
    server.now += 50 * MINUTE
    server.save(t=2)
    assert server.values() == [1, 2] and len(caplog.records) == 1


async def test_many_who_ask_for_much_get_a_series_in_each_turn_of_the_loop():
    local = Local()
    names = [f"v{n}" for n in range(8)]
    local.device(epoch=None).read(**dict.fromkeys(names, 1))
    wanted = wanted_of(MultiDict(points="9"))
    ask = local.rooms.state
    asking = [asyncio.create_task(ask("main", "home", local.now, wanted)) for _ in range(3)]
    turns = 0
    while not all(task.done() for task in asking):
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 3 * 8
    for task in asking:
        assert list(task.result()["devices"][0]["history"]) == names


def make_old(path, count):
    """Make a file of the last version without tiers. Return its readings of 4 series."""
    draw = random.Random(5)
    series = {(device, name): [] for device in (1, 2) for name in ("t", "u")}
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD_SCHEMA)
        for device in (1, 2):
            row = (device, f"d{device}", NOW)
            db.execute(
                "INSERT INTO devices VALUES (?, 'main', 'home', ?, ?, '{}', '{}', '{}')", row
            )
        for n in range(count):
            key = draw.choice(list(series))
            at = NOW - draw.randrange(draw.choice((HOUR, 5 * DAY, 100 * DAY, 800 * DAY)))
            series[key].append((at, n / 10))
            db.execute("INSERT INTO history VALUES (NULL, ?, ?, ?, ?)", (*key, at, n / 10))
        # A series of which all is too old for raw, and then for minutes.
        for device, age in ((1, 5 * DAY), (2, 50 * DAY)):
            series[device, "old"] = [(NOW - age, 1), (NOW - age + 1000, 2)]
            for at, value in series[device, "old"]:
                db.execute(
                    "INSERT INTO history VALUES (NULL, ?, 'old', ?, ?)", (device, at, value)
                )
        # What somebody else may have left there: of a device that is gone, and odd values.
        for row in ((9, "t", NOW, 1), (1, "t", "soon", 1), (1, "t", NOW - 0.5, 1)):
            db.execute("INSERT INTO history VALUES (NULL, ?, ?, ?, ?)", row)
        for value in ("text", b"\xff"):
            db.execute("INSERT INTO history VALUES (NULL, 1, 't', ?, ?)", (NOW, value))
        db.commit()
    return series


def assert_converted(server, series):
    for (device, name), readings in series.items():
        for since, points in ((-FOREVER, 2000), (NOW - 3 * DAY, 1 << 40), (NOW - HOUR, 20)):
            readings = sorted(readings, key=lambda each: each[0])
            found = server.part(since, points=points, name=name, device=f"d{device}")
            expected = tier_model.part(readings, server.now, since, FOREVER, points)
            tier_model.assert_points(found, *expected)


def test_a_file_of_the_version_before_is_converted_once(tmp_path, caplog):
    path = tmp_path / "rooms.db"
    series = make_old(path, 20_000)
    server = Server(path)
    assert [record.event for record in caplog.records] == ["converted", "left-out"]
    assert "20,004 points" in caplog.records[0].message and "5 points" in caplog.records[1].message
    assert_converted(server, series)
    # And it goes on as any other file.
    at = NOW + MINUTE
    for (device, name), readings in series.items():
        server.save((name, at, 5), (name, at - 5 * DAY, 7), device=f"d{device}")
        readings += [(at, 5), (at - 5 * DAY, 7)]
    server.now += 2 * MINUTE
    assert_converted(server, series)
    server.start()
    assert_converted(server, series)
    assert len(caplog.records) == 2
    with closing(sqlite3.connect(path)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        assert "history" not in tables and "all_series" in tables
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


CONVERT = """
import sys
from room_server import convert
from room_server.store import Store

class Killed(BaseException):
    pass

convert._POINTS = 500
convert._TELL_AGAIN_S = 0.0
count = 0

def trace(statement):
    global count
    count += 1
    if count == int(sys.argv[2]):
        # As kill -9 does.
        import os
        os._exit(9)

make = convert.convert

def convert_traced(db, *rest):
    db.set_trace_callback(trace)
    make(db, *rest)

import room_server.store
room_server.store.convert = convert_traced
Store(sys.argv[1], now=int(sys.argv[3])).close()
"""


def test_a_conversion_that_is_killed_anywhere_goes_on(tmp_path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    draw = random.Random(seed)
    path = tmp_path / "rooms.db"
    series = make_old(path, 8000)
    kills = 0
    while True:
        # The statement that is its last.
        last = draw.randrange(1, 40)
        ended = subprocess.run(
            [sys.executable, "-c", CONVERT, str(path), str(last), str(NOW)],
            env={"PYTHONPATH": str(Path(__file__).parents[2] / "tools")},
            capture_output=True,
            text=True,
        )
        if ended.returncode != 9:
            break
        kills += 1
    assert ended.returncode == 0, ended.stderr
    print(kills, "kills")
    assert kills
    assert_converted(Server(path), series)
