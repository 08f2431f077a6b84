"""Readings on disk: SQLite, one commit a reading, so that a killed server loses none."""

import json
import logging
import sqlite3
from contextlib import contextmanager

SCHEMA_VERSION = 2

_log = logging.getLogger("room_server")
_BUSY_S = 0.1  # how long another program's lock may hold up all rooms
_SCHEMA = """
CREATE TABLE devices (
    id INTEGER PRIMARY KEY, party TEXT NOT NULL, room TEXT NOT NULL, device TEXT NOT NULL,
    at INTEGER NOT NULL,  -- ms since 1970: last heard of
    last TEXT NOT NULL,   -- JSON object: last value of each name, oldest first
    about TEXT NOT NULL DEFAULT '{}',  -- JSON object: its last hello
    UNIQUE (party, room, device));
CREATE TABLE history (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE INDEX series ON history (device, name, id);
"""
_FROM_1 = "ALTER TABLE devices ADD COLUMN about TEXT NOT NULL DEFAULT '{}'"
_TRIM = """
DELETE FROM history WHERE device = ? AND name = ? AND id <= (
    SELECT id FROM history WHERE device = ? AND name = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
"""


class StoreError(Exception):
    """The file cannot be used; the text says why, and what to do."""


class Store:
    """Devices with their last values and histories, in a file or, without `path`, in memory.

    Once open, no method raises for the disk's sake: rooms go on, a warning says that they are
    not stored, and another when they are again.
    """

    def __init__(self, path=None, keep_points=300, max_bytes=None):
        self._keep_points = keep_points
        self._failing = False  # the last access failed, and was warned of
        try:
            self._db = sqlite3.connect(path or ":memory:", timeout=_BUSY_S, isolation_level=None)
        except sqlite3.Error as error:
            raise _unusable(path, error) from None
        try:
            self._prepare(path)
            if max_bytes is not None:
                size = self._db.execute("PRAGMA page_size").fetchone()[0]
                self._db.execute(f"PRAGMA max_page_count = {max(1, max_bytes // size)}")
        except sqlite3.Error as error:
            self._db.close()
            raise _unusable(path, error) from None
        except StoreError:
            self._db.close()
            raise

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

    def history(self, party, room, device, name, points):
        """Return the newest `points` of a series as [[at, value]], the oldest first."""
        with self._attempt():
            rows = self._db.execute(
                "SELECT history.at, value FROM history JOIN devices ON devices.id = history.device"
                " WHERE party = ? AND room = ? AND devices.device = ? AND name = ?"
                " ORDER BY history.id DESC LIMIT ?",
                (party, room, device, name, min(points, self._keep_points)),
            )
            return [[at, value] for at, value in rows][::-1]
        return []

    def save(self, party, room, device, points=(), dropped=()):
        """Store a rooms.Device, new `points` [(name, number)] of it, and drop series."""
        with self._attempt(), self._transaction():
            self._db.execute(
                "INSERT INTO devices (party, room, device, at, last, about)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (party, room, device) DO UPDATE"
                " SET at = excluded.at, last = excluded.last, about = excluded.about",
                (
                    party,
                    room,
                    device.name,
                    device.at,
                    json.dumps(device.last),
                    json.dumps(device.about),
                ),
            )
            (key,) = self._db.execute(
                "SELECT id FROM devices WHERE party = ? AND room = ? AND device = ?",
                (party, room, device.name),
            ).fetchone()
            for name, value in points if self._keep_points else ():
                # The oldest go first, so that a full file has place for the new one.
                self._db.execute(_TRIM, (key, name, key, name, self._keep_points - 1))
                self._db.execute(
                    "INSERT INTO history (device, name, at, value) VALUES (?, ?, ?, ?)",
                    (key, name, device.at, value),
                )
            for name in dropped:
                self._db.execute("DELETE FROM history WHERE device = ? AND name = ?", (key, name))

    def forget(self, party, room, device):
        """Remove a device with all its values."""
        with self._attempt(), self._transaction():
            self._db.execute(
                "DELETE FROM devices WHERE party = ? AND room = ? AND device = ?",
                (party, room, device),
            )

    def count_rooms(self):
        """Return how many rooms have stored devices."""
        with self._attempt():
            query = "SELECT count(*) FROM (SELECT DISTINCT party, room FROM devices)"
            return self._db.execute(query).fetchone()[0]
        return 0

    def close(self):
        """Write everything into the one file and close it."""
        with self._attempt():
            self._db.close()

    def _prepare(self, path):
        db = self._db
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by a newer room server (schema {version}, this one knows"
                f" {SCHEMA_VERSION}): update the server, or give another file with --db"
            )
        if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise StoreError(f"{path} belongs to another program: give another file with --db")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # in WAL safe against a killed process
        db.execute("PRAGMA foreign_keys = ON")
        with self._transaction():  # also proves that the file can be written
            if version == 0:
                for statement in _SCHEMA.split(";")[:-1]:
                    db.execute(statement)
            elif version == 1:
                db.execute(_FROM_1)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self):
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _attempt(self):
        try:
            yield
        except sqlite3.Error as error:
            if not self._failing:
                self._failing = True
                _log.warning("readings are not stored: %s; rooms go on without", error)
        else:
            if self._failing:
                self._failing = False
                _log.warning("readings are stored again")


def _unusable(path, error):
    reason = str(error)
    if "locked" in reason:
        return StoreError(f"{path} is in use by another program: stop it, or give another --db")
    if "not a database" in reason:
        return StoreError(f"{path} is not an SQLite file: give another file with --db")
    return StoreError(
        f"{path} cannot be used: {reason}; give a file that can be written with --db"
    )
