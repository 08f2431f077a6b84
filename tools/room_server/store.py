"""Readings on disk: SQLite, the changes of one moment in one commit, the oldest points gone."""

import json
import sqlite3
import time
from contextlib import contextmanager

from . import logs
from .schema import BUSY_MS, open_database
from .space import Full, Space, blocks_of

FOREVER_MS = 1 << 53  # an age that no point reaches

_DROPPED = 64  # oldest points looked at, at each save: twice what a reading may add
_DROPPED_AT_ONCE = 1000  # when the file is full all the same; some ms
_MOST_SAVES = 1000  # in one commit
_TELL_AGAIN_S = 60  # that the file is full of last values
_FIND = """
SELECT id, length(CAST(last AS BLOB)) + length(CAST(about AS BLOB)) FROM devices
WHERE party = ? AND room = ? AND device = ?
"""
_INSERT = "INSERT INTO devices (party, room, device, at, last, about) VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = "UPDATE devices SET at = ?, last = ?, about = ? WHERE id = ?"
_TRIM = """
DELETE FROM history WHERE device = ? AND name = ? AND id <= (
    SELECT id FROM history WHERE device = ? AND name = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
"""
_OLDEST = "SELECT id, at FROM history ORDER BY id LIMIT ?"
_DROP = f"DELETE FROM history WHERE id IN (SELECT id FROM ({_OLDEST}) WHERE at < ?)"


class Store:
    """Devices with their last values and histories, in a file or, without `path`, in memory.

    What is saved can be read at once, and lasts from the next commit() on. Once open, no method
    raises for the disk's sake: rooms go on, a warning says that they are not stored, and another
    when they are again.
    """

    def __init__(
        self, path=None, keep_points=300, max_bytes=None, keep_ms=FOREVER_MS, window_ms=0
    ):
        """`keep_ms` is the age that points reach; a save first commits what is `window_ms` old.

        Raises StoreError.
        """
        self.on_begin = None  # called when there is something to commit
        self.on_commit = None  # called with (saves, seconds) after a commit
        self._keep_points = keep_points
        self._keep_ms = keep_ms
        self._window_ms = window_ms
        self.is_failing = False  # the last change failed, and was warned of
        self._saves = []  # what was done since the last commit
        self._begun_at = None  # the time of the first of them that has one
        self._tell_full_at = 0.0
        self._db = open_database(path)
        self._space = Space(self._db, max_bytes)

    def load(self, party, room):
        """Return [(device, at, {name: last value}, about)], the longest unheard first."""
        with self._attempt():
            rows = self._db.execute(
                "SELECT device, at, last, about FROM devices"
                " WHERE party = ? AND room = ? ORDER BY at",
                (party, room),
            )
            return [
                (device, at, json.loads(last), json.loads(about))
                for device, at, last, about in rows
            ]
        return []

    def history(self, party, room, device, name, points, now=0):
        """Return the newest `points` of a series as [[at, value]], the oldest first."""
        with self._attempt():
            rows = self._db.execute(
                "SELECT history.at, value FROM history JOIN devices ON devices.id = history.device"
                " WHERE party = ? AND room = ? AND devices.device = ? AND name = ?"
                " ORDER BY history.id DESC LIMIT ?",
                (party, room, device, name, min(points, self._keep_points)),
            )
            oldest = self.oldest(now)
            return [[at, value] for at, value in rows if at >= oldest][::-1]
        return []

    def save(self, party, room, device, points=(), dropped=()):
        """Store a Device, new `points` [(name, number)] of it, and drop series."""
        # Not as ASCII, which takes up to twice the place.
        texts = [json.dumps(part, ensure_ascii=False) for part in (device.last, device.about)]
        where, at = (party, room, device.name), device.at
        self._change(lambda: self._write(where, at, texts, points, dropped), at)

    def forget(self, party, room, device):
        """Remove a device with all its values."""
        self._change(lambda: self._forget((party, room, device)))

    def sweep(self, now):
        """Drop some points that are too old; return whether there may be more."""
        gone = 0

        def drop():
            nonlocal gone
            gone = self._drop(_DROPPED_AT_ONCE, self.oldest(now))

        if self._keep_ms < FOREVER_MS:
            self._change(drop)
        return gone == _DROPPED_AT_ONCE

    def count_rooms(self):
        """Return how many rooms have stored devices."""
        with self._attempt():
            query = "SELECT count(*) FROM (SELECT DISTINCT party, room FROM devices)"
            return self._db.execute(query).fetchone()[0]
        return 0

    def oldest(self, now):
        """Return the time, in ms since 1970, before which points are too old to be shown."""
        return now - self._keep_ms

    def rows(self, query, arguments):
        """Return the rows of a query; unlike all the rest, this raises sqlite3.Error."""
        return self._db.execute(query, arguments).fetchall()

    def size(self):
        """Return the bytes of the file, or of memory, without SQLite's log."""
        with self._attempt():
            return self._space.size()
        return 0

    def has_uncommitted(self):
        """True if something was saved since the last commit."""
        return self._db.in_transaction

    def commit(self):
        """Make what was saved last; without anything saved, do nothing."""
        if not self._db.in_transaction:
            return
        begun = time.perf_counter()
        saves, self._saves = len(self._saves), []
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._fail(error)
            return
        if self.on_commit:
            self.on_commit(saves, time.perf_counter() - begun)
        if self.is_failing and saves:
            self.is_failing = False
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            logs.warning("stored-again", "readings are stored again")

    def close(self):
        """Write everything into the one file and close it."""
        self.commit()
        with self._attempt():
            self._db.close()

    def _write(self, where, at, texts, points, dropped):
        self._make_place(at)
        found = self._db.execute(_FIND, where).fetchone()
        new_bytes = sum(len(text.encode()) for text in texts)
        growth = self._space.check(found and found[1], new_bytes)
        if found:
            key = found[0]
            self._db.execute(_UPDATE, (at, *texts, key))
        else:
            key = self._db.execute(_INSERT, (*where, at, *texts)).lastrowid
        for name, value in points if self._keep_points else ():
            # The oldest go first, so that a full file has place for the new one.
            self._db.execute(_TRIM, (key, name, key, name, self._keep_points - 1))
            self._db.execute(
                "INSERT INTO history (device, name, at, value) VALUES (?, ?, ?, ?)",
                (key, name, at, value),
            )
        for name in dropped:
            self._db.execute("DELETE FROM history WHERE device = ? AND name = ?", (key, name))
        self._space.blocks += growth

    def _forget(self, where):
        found = self._db.execute(_FIND, where).fetchone()
        if found:
            self._db.execute("DELETE FROM devices WHERE id = ?", found[:1])
            self._space.blocks -= blocks_of(found[1])

    def _make_place(self, now):
        """Drop a bounded number of points: those too old, and the oldest if the file is full."""
        if self._keep_ms < FOREVER_MS:
            self._drop(_DROPPED, self.oldest(now))
        if self._space.is_short():
            self._drop(_DROPPED)

    def _drop(self, count, before=FOREVER_MS):
        # By the order in which they came. A clock that was wrong may keep points longer on disk;
        # history() shows none that is too old.
        return self._db.execute(_DROP, (count, before)).rowcount

    def _change(self, work, at=None):
        """Do `work` whole or not at all, in the transaction that the next commit() ends."""
        if self._is_due(at):
            self.commit()
        try:
            try:
                self._do(work)
            except sqlite3.OperationalError as error:
                if "full" not in str(error):
                    raise
                self._redo(work)
            self._saves.append(work)
            self._begun_at = at if self._begun_at is None else self._begun_at
        except Full as error:
            self._tell_full(error)
        except sqlite3.Error as error:
            if not self._db.in_transaction:
                self._saves = []
            self._fail(error)

    def _redo(self, work):
        """Make place in a full file, and do anew what SQLite has undone."""
        undone = [] if self._db.in_transaction else self._saves
        for each in (lambda: self._drop(_DROPPED_AT_ONCE), *undone):
            self._do(each)
        self.commit()  # so that `work` can undo none of it
        self._do(work)

    def _do(self, work):
        self._begin()
        self._db.execute("SAVEPOINT change")
        try:
            work()
        except BaseException:
            if self._db.in_transaction:  # a full disk may have ended it
                self._db.execute("ROLLBACK TO change")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE change")

    def _is_due(self, at):
        """True if the loop was late, and a commit is due before a change at `at`."""
        if len(self._saves) >= _MOST_SAVES:
            return True
        if not self._window_ms or at is None or self._begun_at is None:
            return False
        return at - self._begun_at >= self._window_ms

    def _begin(self):
        if self._db.in_transaction:
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._begun_at = None
        self._space.refresh()
        if self.on_begin:
            self.on_begin()

    @contextmanager
    def _attempt(self):
        try:
            yield
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error):
        self._space.is_stale = True  # more than one change may be undone
        if not self.is_failing:
            self.is_failing = True
            self._db.execute("PRAGMA busy_timeout = 0")  # a lock that lasts holds nobody up
            text = f"readings are not stored: {error}; rooms go on without"
            logs.warning("not-stored", text, reason=str(error))

    def _tell_full(self, error):
        now = time.monotonic()
        if now >= self._tell_full_at:
            self._tell_full_at = now + _TELL_AGAIN_S
            logs.warning("full", f"some readings are not stored: {error}", reason=str(error))
