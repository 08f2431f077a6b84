"""Makes a database as the room server's store fills it in a year, with a clock of its own."""

import math
import random
import sqlite3
import sys
import time
from contextlib import closing

from room_server.ages import DAY_MS
from room_server.device import Device
from room_server.store import Store

GAP_MS = 10_000
PLACE = ("main", "year")
# Changes in one commit.
_COMMIT = 30
_SWEEP_MS = 600_000
_TELL_AGAIN_S = 5.0


def make(path, end, days, values, tell=lambda share: None, **options):
    """Save a reading of `values` numbers every 10 s for so many days, until the time `end`, in ms
    since 1970. `tell(share)` is called from time to time. Return (points, seconds of the saves).
    """
    draw = random.Random(1)
    names = [f"v{n}" for n in range(values)]
    now = end - int(days * DAY_MS)
    begun = now
    store = Store(path, now=now, monotonic=lambda: now / 1000, **options)
    device = Device("sensor", now)
    numbers = [20.0] * values
    swept = now
    told = started = time.monotonic()
    count = 0
    while now < end:
        now += GAP_MS
        device.at = now
        # A day's wave, and noise with the digits of a cheap sensor.
        wave = 5 * math.sin(now / DAY_MS * 2 * math.pi)
        numbers = [round(20 + wave + n % 7 + draw.gauss(0, 0.3), 2) for n in range(values)]
        device.last = dict(zip(names, numbers))
        why = store.save(*PLACE, device, [(name, now, x) for name, x in zip(names, numbers)])
        if why is not None:
            raise RuntimeError(why)
        count += 1
        if count % _COMMIT == 0:
            store.commit()
        if now - swept >= _SWEEP_MS:
            swept = now
            while store.sweep(now):
                pass
            if time.monotonic() - told >= _TELL_AGAIN_S:
                told = time.monotonic()
                tell((now - begun) / (end - begun))
    store.close()
    return count * values, time.monotonic() - started


def log_bytes(path, readings, values):
    """Return the bytes that SQLite's log grows by for a reading of so many values, of which
    `readings` share a commit. They are of as many devices, and are at most 1,000 pages.
    """
    now = int(time.time() * 1000)
    store = Store(path, now=now)
    log = path.with_name(path.name + "-wal")
    names = [f"v{n}" for n in range(values)]

    def save(rounds):
        for _ in range(rounds):
            nonlocal now
            now += GAP_MS
            for n in range(readings):
                device = Device(f"d{n}", now, dict.fromkeys(names, 1.5))
                store.save(*PLACE, device, [(name, now, 1.5) for name in names])
            store.commit()

    # The first ones make the series.
    save(1)
    before, rounds = log.stat().st_size, 12
    save(rounds)
    written = (log.stat().st_size - before) / rounds / readings
    store.close()
    return written


# A database of the version before.
OLD_SCHEMA = """
CREATE TABLE devices (
    id INTEGER PRIMARY KEY, party TEXT NOT NULL, room TEXT NOT NULL, device TEXT NOT NULL,
    at INTEGER NOT NULL, last TEXT NOT NULL, about TEXT NOT NULL DEFAULT '{}',
    times TEXT NOT NULL DEFAULT '{}', UNIQUE (party, room, device));
CREATE TABLE history (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE INDEX series ON history (device, name, at);
CREATE TABLE undated (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    at INTEGER NOT NULL, reading TEXT NOT NULL);
CREATE INDEX undated_of ON undated (device);
CREATE TABLE epochs (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    epoch TEXT NOT NULL, n INTEGER NOT NULL, UNIQUE (device, epoch));
PRAGMA user_version = 3;
"""
# As many points a series had in that version, by default.
_SERIES = 300


def time_conversion(path, count):
    """Make a file of the version before with so many points. Return the seconds of its
    conversion.
    """
    now = int(time.time() * 1000)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD_SCHEMA)
        names = count // _SERIES
        for device in range(names // 50 + 1):
            row = (device + 1, f"d{device}", now)
            db.execute(
                "INSERT INTO devices (id, party, room, device, at, last)"
                " VALUES (?, 'main', 'r', ?, ?, '{}')",
                row,
            )
        # In the order in which they came: all series take turns.
        rows = (
            (
                n % names // 50 + 1,
                f"v{n % names % 50}",
                now - (count - n) // names * GAP_MS,
                n / 10,
            )
            for n in range(count)
        )
        db.executemany("INSERT INTO history (device, name, at, value) VALUES (?, ?, ?, ?)", rows)
        db.commit()
    started = time.monotonic()
    Store(path, now=now).close()
    return time.monotonic() - started


if __name__ == "__main__":
    path, days, values = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])

    def tell(share):
        print(f"{share:.1%}", flush=True)

    print(make(path, int(time.time() * 1000), days, values, tell))
