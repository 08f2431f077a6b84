"""Devices on disk: their last values, histories, undated readings, and acknowledged numbers."""

import json
import os
import sqlite3

from .points import Points
from .schema import FAULTS, open_database, open_reader, usable
from .space import DEVICE_BYTES, Space, blocks_of
from .transactions import Outdated, Transactions

# An age that no point reaches.
FOREVER_MS = 1 << 53
# The newest undated readings of a device that are kept.
KEEP_UNDATED = 20
# The epochs of a device that are kept: those used last.
KEEP_EPOCHS = 8

_GONE = "the database file was removed or replaced: restart the server"
_DROPPED = 64  # oldest points looked at, at each save: twice what a reading may add; or a batch
_DROPPED_AT_ONCE = 1000  # when the file is full all the same; some ms
_LOAD = """
SELECT device, at, last, about, times FROM devices WHERE party = ? AND room = ? ORDER BY at
"""
_QUIET = """
SELECT party, room FROM devices GROUP BY party, room HAVING max(at) < ? ORDER BY max(at)
"""
_ONE = "party = ? AND room = ? AND device = ?"
_FIND = f"SELECT id, {DEVICE_BYTES} FROM devices WHERE {_ONE}"
_BYTES = f"SELECT {DEVICE_BYTES} FROM devices WHERE id = ?"
_INSERT = """
INSERT INTO devices (party, room, device, at, last, about, times) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = "UPDATE devices SET at = ?, last = ?, about = ?, times = ? WHERE id = ?"
_HIGHEST = f"""
SELECT n FROM epochs WHERE epoch = ? AND device = (SELECT id FROM devices WHERE {_ONE})
"""
# REPLACE also makes it the newest.
_SAVE_HIGHEST = "REPLACE INTO epochs (device, epoch, n) VALUES (?, ?, ?)"
_UNDATED = f"""
SELECT at, reading FROM undated WHERE device = (SELECT id FROM devices WHERE {_ONE}) ORDER BY id
"""
_KEEP_NEWEST = """
DELETE FROM {0} WHERE device = ? AND id <= (
    SELECT id FROM {0} WHERE device = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
"""


class Unreadable(Exception):
    """The disk failed, or the file is damaged; the text says why, and the log has a warning."""


class Store(Transactions):
    """Devices with all their data, in a file or, without `path`, in memory."""

    def __init__(
        self, path=None, keep_points=300, max_bytes=None, keep_ms=FOREVER_MS, window_ms=0
    ):
        """`keep_ms`: the greatest age of points. A save first commits changes that are `window_ms`
        old. Raises StoreError.
        """
        db = open_database(path)
        with usable(path):
            space = Space(db, max_bytes)
        super().__init__(db, space, window_ms)
        self.is_memory = path is None
        self._path = path
        self._file = _identity(path)
        self._keep_ms = keep_ms
        self._points = Points(db, keep_points)
        self._reader = None if path is None else open_reader(path)

    def storage(self):
        """Return whether readings are stored, as in a snapshot: `storage`, perhaps `error`."""
        if self.failure is not None:
            return {"storage": "failing", "error": self.failure}
        return {"storage": "memory" if self.is_memory else "disk"}

    def load(self, party, room):
        """Return [(device, at, {name: last value}, about, {name: time})], sorted by `at`. If a
        time is not known, it is the device's `at`.
        """
        with self.attempt():
            loaded = []
            for device, at, *texts in self._db.execute(_LOAD, (party, room)):
                last, about, times = map(_object, texts)
                loaded.append((device, at, last, about, {**dict.fromkeys(last, at), **times}))
            return loaded
        return []

    def history(self, party, room, device, name, points, now=0):
        """Return the newest `points` of a series as [[at, value]], the oldest first."""
        with self.attempt():
            return self._points.newest((party, room, device), name, points, self.oldest(now))
        return []

    def undated(self, party, room, device):
        """Return the newest undated readings as [[when it came, values]], the oldest first."""
        with self.attempt():
            rows = self._db.execute(_UNDATED, (party, room, device))
            return [[at, _object(reading)] for at, reading in rows]
        return []

    def highest(self, party, room, device, epoch):
        """Return the highest number of the epoch, or 0. It may not be on disk yet."""
        with self.attempt():
            return self._highest(self._db, (party, room, device), epoch)
        return 0

    def highest_on_disk(self, party, room, device, epoch):
        """Return the highest number that is on disk, or None if it can't be read."""
        with self.attempt():
            return self._highest(self._reader, (party, room, device), epoch)
        return None

    def save(self, party, room, device, points=(), dropped=(), undated=(), step=None):
        """Store a Device, its new `points` [(name, at, number)] and its `undated` readings [(when
        it came, values)], and delete the `dropped` series. Return None; or why nothing was
        stored.

        `step` is (epoch, highest, n): `n` replaces `highest` as the highest number of the epoch.
        """
        # Without ASCII escapes, which take up to twice the space.
        texts = [_json(part) for part in (device.last, device.about, device.times)]
        where, at = (party, room, device.name), device.at
        undated = [(when, _json(values)) for when, values in undated]

        def write():
            self._make_place(at, max(_DROPPED, 2 * len(points)))
            found = self._db.execute(_FIND, where).fetchone()
            if found:
                key = found[0]
                self._db.execute(_UPDATE, (at, *texts, key))
            else:
                key = self._db.execute(_INSERT, (*where, at, *texts)).lastrowid
            if step:
                self._save_highest(key, where, *step)
            self._add_undated(key, undated)
            now_bytes = self._db.execute(_BYTES, (key,)).fetchone()[0]
            growth = self._space.check(found and found[1], now_bytes)
            self._points.add(key, points, self.oldest(at))
            for name in dropped:
                self._points.remove(key, name)
            self._space.blocks += growth

        return self.change(write, at)

    def forget(self, party, room, device):
        """Remove a device with all that is kept of it. Return None, or why it is not removed."""
        return self.change(lambda: self._forget((party, room, device)))

    def sweep(self, now):
        """Drop some points that are too old. Return whether there may be more."""
        gone = 0

        def drop():
            nonlocal gone
            gone = self._points.drop(_DROPPED_AT_ONCE, self.oldest(now))

        if self._keep_ms < FOREVER_MS:
            self.change(drop)
        return gone == _DROPPED_AT_ONCE

    def make_much_place(self):
        """Drop the oldest points. Called during a change, when the file is full."""
        self._points.drop(_DROPPED_AT_ONCE, FOREVER_MS)

    def check_file(self):
        """Called before a commit: what goes into a file that has no name any more is lost."""
        if _identity(self._path) != self._file:
            raise sqlite3.OperationalError(_GONE)

    def count_rooms(self):
        """Return how many rooms have stored devices."""
        with self.attempt():
            query = "SELECT count(*) FROM (SELECT DISTINCT party, room FROM devices)"
            return self._db.execute(query).fetchone()[0]
        return 0

    def quiet_rooms(self, before):
        """Return the (party, room)s not heard of since `before`, the longest unheard first."""
        with self.attempt():
            return self._db.execute(_QUIET, (before,)).fetchall()
        return []

    def devices_of(self, party, room):
        """Return the names of a room's stored devices."""
        with self.attempt():
            query = "SELECT device FROM devices WHERE party = ? AND room = ?"
            return [device for (device,) in self._db.execute(query, (party, room))]
        return []

    def oldest(self, now):
        """Return the time, in ms since 1970, before which points are too old to be shown."""
        return now - self._keep_ms

    def rows(self, query, arguments):
        """Return the rows of a query; unlike all the rest, this raises Unreadable."""
        try:
            return self._db.execute(query, arguments).fetchall()
        except FAULTS as error:
            raise Unreadable(self._not_read(error)) from None

    def size(self):
        """Return the bytes of the file, or of memory, without SQLite's log."""
        with self.attempt():
            return self._space.size()
        return 0

    def close(self):
        """Write everything into the one file and close it."""
        self.commit()
        with self.attempt():
            if self._reader:
                self._reader.close()
            self._db.close()

    def _save_highest(self, key, where, epoch, highest, n):
        # If a commit has failed since `highest` was read, readings before this one were lost, and
        # `n` would acknowledge them.
        if self._highest(self._db, where, epoch) != highest:
            raise Outdated("readings before this one were lost")
        self._db.execute(_SAVE_HIGHEST, (key, epoch, n))
        self._db.execute(_KEEP_NEWEST.format("epochs"), (key, key, KEEP_EPOCHS))

    def _add_undated(self, key, undated):
        for when, reading in undated[-KEEP_UNDATED:]:
            self._db.execute(
                "INSERT INTO undated (device, at, reading) VALUES (?, ?, ?)", (key, when, reading)
            )
        if undated:
            self._db.execute(_KEEP_NEWEST.format("undated"), (key, key, KEEP_UNDATED))

    def _forget(self, where):
        found = self._db.execute(_FIND, where).fetchone()
        if found:
            self._db.execute("DELETE FROM devices WHERE id = ?", found[:1])
            self._space.blocks -= blocks_of(found[1])

    def _make_place(self, now, count):
        """Drop at most `count` points that are too old, and as many more if the file is full."""
        if self._keep_ms < FOREVER_MS:
            self._points.drop(count, self.oldest(now))
        if self._space.is_short():
            self._points.drop(count, FOREVER_MS)

    def _highest(self, db, where, epoch):
        rows = db.execute(_HIGHEST, (epoch, *where)).fetchall()
        return rows[0][0] if rows else 0


def _identity(path):
    """Return what tells the file from all others, None if there is none."""
    try:
        found = path and os.stat(path)
    except OSError:
        found = None
    return found and (found.st_dev, found.st_ino)


def _object(text):
    """Return the object in a device's JSON; raise sqlite3.Error if the text is damaged."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError):  # TypeError: it is NULL
        found = None
    if not isinstance(found, dict):
        raise sqlite3.DatabaseError("JSON of a device is damaged")
    return found


def _json(part):
    return json.dumps(part, ensure_ascii=False)
