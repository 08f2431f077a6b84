"""Devices on disk: their last values, histories, undated readings, and acknowledged numbers."""

import json
import os
import sqlite3
import time

from .ages import Ages, Keep
from .alert_tables import AlertTables
from .broom import Broom
from .convert import convert
from .reads import Reads
from .schema import open_database, open_reader, usable
from .space import DEVICE_BYTES, KEPT_BYTES, Space, blocks_of
from .tiers import Tiers
from .transactions import Outdated
from .update import MAX_SERIES

# The newest undated readings of a device that are kept.
KEEP_UNDATED = 20
# The epochs of a device that are kept: those used last.
KEEP_EPOCHS = 8

_KEEP = Keep()
_GONE = "the database file was removed or replaced: restart the server"
_DROPPED = 64  # oldest points, at a save in a full file: twice what a reading may add; or a batch
_DROPPED_AT_ONCE = 1000  # when that was not enough; some ms
_MOST_SERIES = 16  # looked at for them at a save
_MANY_SERIES = 20000  # when that was not enough; at worst 0.3 s
_ONE = "party = ? AND room = ? AND device = ?"
_FIND = f"SELECT id, {DEVICE_BYTES} FROM devices WHERE {_ONE}"
_BYTES = f"SELECT {DEVICE_BYTES} FROM devices WHERE id = ?"
_INSERT = """
INSERT INTO devices (party, room, device, at, last, about, times) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = "UPDATE devices SET at = ?, last = ?, about = ?, times = ? WHERE id = ?"
_KEEP_VALUE = "REPLACE INTO kept (party, room, key, at, value) VALUES (?, ?, ?, ?, ?)"
_KEPT = f"SELECT {KEPT_BYTES} FROM kept WHERE party = ? AND room = ? AND key = ?"
_FORGET_KEPT = f"DELETE FROM kept WHERE party = ? AND room = ? RETURNING {KEPT_BYTES}"
# REPLACE also makes it the newest.
_SAVE_HIGHEST = "REPLACE INTO epochs (device, epoch, n) VALUES (?, ?, ?)"
_KEEP_NEWEST = """
DELETE FROM {0} WHERE device = ? AND id <= (
    SELECT id FROM {0} WHERE device = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
"""


class Store(Reads):
    """Devices with all their data, in a file or, without `path`, in memory."""

    def __init__(
        self, path=None, max_bytes=None, keep=_KEEP, window_ms=0, now=0, monotonic=time.monotonic
    ):
        """A save first commits changes that are `window_ms` old. `now` is in ms since 1970. Raises
        StoreError.
        """
        db = open_database(path)
        with usable(path):
            heard_at = db.execute("SELECT max(at) FROM devices").fetchone()[0]
            ages = Ages(keep, heard_at, monotonic)
            convert(db, path, ages.oldest(now))
            space = Space(db, max_bytes)
        super().__init__(db, path and open_reader(path), space, ages, window_ms)
        self.is_memory = path is None
        self._path = path
        self._file = _identity(path)
        # The time of the last change.
        self._now = now
        self._tiers = Tiers(db)
        self._broom = Broom(db, self._tiers)
        self._alerts = AlertTables(db)

    def storage(self):
        """Return whether readings are stored, as in a snapshot: `storage`, perhaps `error`."""
        if self.failure is not None:
            return {"storage": "failing", "error": self.failure}
        return {"storage": "memory" if self.is_memory else "disk"}

    def save(
        self,
        party,
        room,
        device,
        points=(),
        changes=(),
        dropped=(),
        undated=(),
        step=None,
        alerts=None,
    ):
        """Store a Device, its new `points` [(name, at, number)], its bools and texts, `changes`
        [(name, at, value, later)] (see Changes.add), and its `undated` readings [(when it came,
        values)], and delete the `dropped` series. Return None; or why nothing was stored.

        `step` is (epoch, highest, n): `n` replaces `highest` as the highest number of the epoch.
        `alerts` is (before, after): how the alerts of the room change, each a Stored.
        """
        # Without ASCII escapes, which take up to twice the space.
        texts = [_json(part) for part in (device.last, device.about, device.times)]
        where, at = (party, room, device.name), device.at
        undated = [(when, _json(values)) for when, values in undated]

        def write():
            if self._space.is_short():
                self._drop(max(_DROPPED, 2 * (len(points) + len(changes))), _MOST_SERIES)
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
            self._add(key, points, changes, self._ages.oldest(at))
            self._remove(key, dropped, device.last)
            self._space.blocks += growth
            if alerts:
                self._alerts.write((party, room), *alerts)

        self._now = at
        return self.change(write, at)

    def forget(self, party, room, device, alerts=None):
        """Remove a device with all that is kept of it. Return None, or why it is not removed.
        `alerts`: see save().
        """

        def write():
            self._forget((party, room, device))
            if alerts:
                self._alerts.write((party, room), *alerts)

        return self.change(write)

    def alerts(self):
        """Return {(party, room): alert_tables.Stored} of all rooms that ever had rules, or None
        if they can't be read.
        """
        with self.attempt():
            return self._alerts.load()
        return None

    def save_alerts(self, party, room, before, after):
        """Store how the alerts of a room change. Return None, or why it is not stored."""
        return self.change(lambda: self._alerts.write((party, room), before, after))

    def forget_alerts(self, party, room):
        """Remove the alerts of a room. Return None, or why they are not removed."""
        return self.change(lambda: self._alerts.forget((party, room)))

    def keep(self, party, room, key, value, now):
        """Store an object of the room itself, in place of the one before. It is on disk before
        this returns. Return None, or why it was not stored.
        """
        where, text = (party, room, key), _json(value)

        def write():
            if self._space.is_short():
                self._drop(_DROPPED, _MOST_SERIES)
            found = self._db.execute(_KEPT, where).fetchone()
            self._db.execute(_KEEP_VALUE, (*where, now, text))
            now_bytes = self._db.execute(_KEPT, where).fetchone()[0]
            self._space.blocks += self._space.check(found and found[0], now_bytes)

        self._now = now
        return self.change(write, now) or self.commit()

    def forget_kept(self, party, room):
        """Remove what keep() stored of a room. Return whether there was something."""
        removed = []

        def write():
            removed[:] = self._db.execute(_FORGET_KEPT, (party, room)).fetchall()
            self._space.blocks -= sum(blocks_of(size) for (size,) in removed)

        return self.change(write) is None and bool(removed)

    def sweep(self, now):
        """Delete some points that are too old. Return whether there may be more."""
        is_more = False

        def delete():
            nonlocal is_more
            is_more = self._broom.sweep(_DROPPED_AT_ONCE, self._ages.oldest(now))

        return self.change(delete) is None and is_more

    def make_much_place(self):
        """Delete the oldest points. Called during a change, when the file is full."""
        self._drop(_DROPPED_AT_ONCE, _MANY_SERIES)

    def check_file(self):
        """Called before a commit: what goes into a file that has no name any more is lost."""
        if _identity(self._path) != self._file:
            raise sqlite3.OperationalError(_GONE)

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
        if self.highest_in(self._db, where, epoch) != highest:
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

    def _drop(self, count, most_series):
        """Delete `count` of the oldest points, if they are found among so many series."""
        now, ages = self._now, self._ages
        self._broom.make_place(count, ages.oldest(now), ages.steady(now), most_series)

    def _remove(self, device, dropped, last):
        names = self._tiers.names(device)
        # Some may be left of names that were dropped when nothing could be stored.
        more = [name for name in names if name not in last] if len(names) > MAX_SERIES else []
        for name in {*dropped, *more}:
            self._tiers.remove(device, name)

    def _add(self, device, points, changes, oldest):
        for name, at, value in points:
            if at >= oldest.hours:
                self._tiers.add(device, name, at, value, oldest)
        for name, at, value, later in changes:
            if at >= oldest.changes:
                self._texts.add(self._tiers.series(device, name, at), at, value, later)


def _identity(path):
    """Return what tells the file from all others, None if there is none."""
    try:
        found = path and os.stat(path)
    except OSError:
        found = None
    return found and (found.st_dev, found.st_ino)


def _json(part):
    return json.dumps(part, ensure_ascii=False)
