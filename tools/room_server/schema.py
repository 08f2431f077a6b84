"""The SQLite file: its tables, and files with earlier schemas or of other programs."""

import sqlite3
from contextlib import contextmanager

SCHEMA_VERSION = 5

# What a file that is damaged or in use raises. sqlite3 also decodes its own messages, which quote
# the file, and raises the second if that is no UTF-8.
FAULTS = (sqlite3.Error, UnicodeDecodeError)

BUSY_MS = 100  # how long another program's lock may hold up all rooms
_DEVICES = """
CREATE TABLE devices (
    id INTEGER PRIMARY KEY, party TEXT NOT NULL, room TEXT NOT NULL, device TEXT NOT NULL,
    at INTEGER NOT NULL,  -- ms since 1970: last heard of
    last TEXT NOT NULL,   -- JSON object: last value of each name, the longest without news first
    about TEXT NOT NULL DEFAULT '{}',  -- JSON object: its last hello
    -- JSON object: when the last value of each name was measured, in ms since 1970
    times TEXT NOT NULL DEFAULT '{}',
    UNIQUE (party, room, device));
"""
_FROM_1 = "ALTER TABLE devices ADD COLUMN about TEXT NOT NULL DEFAULT '{}';"
_FROM_2 = """
ALTER TABLE devices ADD COLUMN times TEXT NOT NULL DEFAULT '{}';
DROP INDEX IF EXISTS series;
"""
_UNDATED_AND_EPOCHS = """
CREATE TABLE undated (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,  -- ms since 1970: when it came
    reading TEXT NOT NULL);  -- JSON object: its values
CREATE INDEX undated_of ON undated (device);
CREATE TABLE epochs (
    id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    epoch TEXT NOT NULL,
    n INTEGER NOT NULL,  -- the highest number of its readings that are done with
    UNIQUE (device, epoch));
"""
# The table `history` of these versions is converted after that, see convert.py.
_TIERS = """
CREATE TABLE all_series (
    id INTEGER PRIMARY KEY,
    -- NULL: it is gone, and its points are being deleted
    device INTEGER REFERENCES devices (id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    minute INTEGER NOT NULL,  -- its mark, in minutes since 1970: see tiers.py
    UNIQUE (device, name));
CREATE TABLE raw (
    series INTEGER NOT NULL, at INTEGER NOT NULL,  -- ms since 1970
    n INTEGER NOT NULL,  -- the order of those with the same time
    value NOT NULL, PRIMARY KEY (series, at, n)) WITHOUT ROWID;
CREATE TABLE minutes (
    series INTEGER NOT NULL, at INTEGER NOT NULL,  -- minutes since 1970
    count INTEGER NOT NULL, mean REAL NOT NULL, low NOT NULL, high NOT NULL,
    PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE hours (
    series INTEGER NOT NULL, at INTEGER NOT NULL,  -- hours since 1970
    count INTEGER NOT NULL, mean REAL NOT NULL, low NOT NULL, high NOT NULL,
    PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE changes (
    series INTEGER NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL,
    value TEXT NOT NULL,  -- JSON: a bool or a text
    PRIMARY KEY (series, at, n)) WITHOUT ROWID;
"""
_KEPT = """
CREATE TABLE kept (
    party TEXT NOT NULL, room TEXT NOT NULL, key TEXT NOT NULL,
    at INTEGER NOT NULL,  -- ms since 1970: when it was stored
    value TEXT NOT NULL,  -- JSON object
    PRIMARY KEY (party, room, key)) WITHOUT ROWID;
"""
_ALERTS = """
CREATE TABLE alerts (
    party TEXT NOT NULL, room TEXT NOT NULL, version INTEGER NOT NULL,
    rules TEXT NOT NULL,  -- JSON: a list, as in ROOMS.md
    dropped TEXT NOT NULL,  -- JSON object: how many notifications of each target were given up
    PRIMARY KEY (party, room)) WITHOUT ROWID;
CREATE TABLE alerts_on (
    party TEXT NOT NULL, room TEXT NOT NULL, rule TEXT NOT NULL, device TEXT NOT NULL,
    since INTEGER NOT NULL, PRIMARY KEY (party, room, rule, device)) WITHOUT ROWID;
CREATE TABLE notices (
    uid TEXT PRIMARY KEY, party TEXT NOT NULL, room TEXT NOT NULL,
    notice TEXT NOT NULL) WITHOUT ROWID;  -- JSON object: see notices.py
"""
# The steps from each version to the newest. 0 is a file without tables.
_STEPS = {
    0: (_DEVICES, _UNDATED_AND_EPOCHS, _TIERS, _KEPT, _ALERTS),
    1: (_FROM_1, _FROM_2, _UNDATED_AND_EPOCHS, _TIERS, _KEPT, _ALERTS),
    2: (_FROM_2, _UNDATED_AND_EPOCHS, _TIERS, _KEPT, _ALERTS),
    3: (_TIERS, _KEPT, _ALERTS),
    4: (_KEPT, _ALERTS),
}


class StoreError(Exception):
    """The file cannot be used. The text says why, and what to do."""


def open_database(path=None):
    """Return a connection to the file, or to memory, with our tables; raise StoreError."""
    with usable(path):
        db = sqlite3.connect(path or ":memory:", timeout=BUSY_MS / 1000, isolation_level=None)
        try:
            _prepare(db, path)
        except (*FAULTS, StoreError):
            db.close()
            raise
    return db


@contextmanager
def usable(path):
    """A block that opens the file or reads it for the first time: its faults are a StoreError."""
    try:
        yield
    except FAULTS as error:
        raise _unusable(path, error) from None


def open_reader(path):
    """Return a second connection to the file. It sees only committed data."""
    db = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
    db.execute("PRAGMA query_only = ON")
    return db


def _prepare(db, path):
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer room server (schema {version}, this one knows"
            f" {SCHEMA_VERSION}): update the server, or give another file with --db"
        )
    if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise StoreError(f"{path} belongs to another program: give another file with --db")
    db.execute("PRAGMA journal_mode = WAL")
    # Every commit waits until SQLite's log is on the disk, because acknowledged readings must
    # survive a power cut.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    # This also checks that the file can be written.
    db.execute("BEGIN IMMEDIATE")
    for step in _STEPS.get(version, ()):
        for statement in _statements(step):
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


def _statements(step):
    """Yield the statements of a step. executescript() would commit before the first."""
    statement = ""
    for line in step.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _unusable(path, error):
    reason = str(error)
    if "locked" in reason:
        return StoreError(f"{path} is in use by another program: stop it, or give another --db")
    if "not a database" in reason:
        return StoreError(f"{path} is not an SQLite file: give another file with --db")
    if isinstance(error, UnicodeDecodeError) or "malformed" in reason:
        return StoreError(f"{path} is damaged: bring back a copy, or give another file with --db")
    return StoreError(
        f"{path} cannot be used: {reason}; give a file that can be written with --db"
    )
