"""What is read from the database: devices, their histories, and the rooms they are in."""

import json
import sqlite3

from .changes import Changes
from .history import History
from .schema import FAULTS
from .transactions import Transactions

_FOREVER = 1 << 60
_LOAD = """
SELECT device, at, last, about, times FROM devices WHERE party = ? AND room = ? ORDER BY at
"""
_QUIET = """
SELECT party, room FROM (
    SELECT party, room, at FROM devices UNION ALL SELECT party, room, at FROM kept
) GROUP BY party, room HAVING max(at) < ? ORDER BY max(at)
"""
_COUNT = """
SELECT count(*) FROM (SELECT DISTINCT party, room FROM devices UNION SELECT party, room FROM kept)
"""
_HAS_ROOM = """
SELECT EXISTS (SELECT 1 FROM devices WHERE party = :party AND room = :room)
    OR EXISTS (SELECT 1 FROM kept WHERE party = :party AND room = :room)
"""
_KEPT = "SELECT value FROM kept WHERE party = ? AND room = ? AND key = ?"
_ONE = "party = ? AND room = ? AND device = ?"
_HIGHEST = f"""
SELECT n FROM epochs WHERE epoch = ? AND device = (SELECT id FROM devices WHERE {_ONE})
"""
_UNDATED = f"""
SELECT at, reading FROM undated WHERE device = (SELECT id FROM devices WHERE {_ONE}) ORDER BY id
"""


class Unreadable(Exception):
    """The disk failed, or the file is damaged; the text says why, and the log has a warning."""


class Reads(Transactions):
    """The methods that read. If the disk fails, they return nothing, unless they say otherwise."""

    def __init__(self, db, reader, space, ages, window_ms):
        """`reader`: another connection, which sees only what is on disk; `ages`: an Ages."""
        super().__init__(db, space, window_ms)
        self._reader = reader
        self._ages = ages
        self._history = History(db)
        self._texts = Changes(db)

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

    def series_of(self, party, room, device):
        """Return {name: series} of what is kept of a device."""
        with self.attempt():
            return self._history.series_of(party, room, device)
        return {}

    def newest(self, series, points, now):
        """Return the newest readings of a series as [[at, value]], the oldest first."""
        with self.attempt():
            return self._history.newest(series, points, self._ages.oldest(now))
        return []

    def newest_changes(self, series, count, now):
        """Return the newest changes of a series as [[at, value]], the oldest first."""
        with self.attempt():
            since = self._ages.oldest(now).changes
            return self._texts.newest(series.id, count, since, _FOREVER)
        return []

    def part(self, series, part, now):
        """Return the points of a history.Part, and the changes in it; see ROOMS.md."""
        with self.attempt():
            oldest = self._ages.oldest(now)
            changes = self._texts.part(series.id, part, oldest.changes)
            return self._history.part(series, part, oldest), changes
        return [], []

    def undated(self, party, room, device):
        """Return the newest undated readings as [[when it came, values]], the oldest first."""
        with self.attempt():
            rows = self._db.execute(_UNDATED, (party, room, device))
            return [[at, _object(reading)] for at, reading in rows]
        return []

    def highest(self, party, room, device, epoch):
        """Return the highest number of the epoch, or 0. It may not be on disk yet."""
        with self.attempt():
            return self.highest_in(self._db, (party, room, device), epoch)
        return 0

    def highest_on_disk(self, party, room, device, epoch):
        """Return the highest number that is on disk, or None if it can't be read."""
        with self.attempt():
            return self.highest_in(self._reader, (party, room, device), epoch)
        return None

    def count_rooms(self):
        """Return of how many rooms something is stored."""
        with self.attempt():
            return self._db.execute(_COUNT).fetchone()[0]
        return 0

    def has_room(self, party, room):
        """Return whether something is stored of a room."""
        with self.attempt():
            return bool(self._db.execute(_HAS_ROOM, {"party": party, "room": room}).fetchone()[0])
        return False

    def kept(self, party, room, key):
        """Return the object that Store.keep() stored last, or None."""
        with self.attempt():
            for (text,) in self._db.execute(_KEPT, (party, room, key)):
                return _object(text)
        return None

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
        """Return the Oldest: what is before it is not shown."""
        return self._ages.oldest(now)

    def rows(self, query, arguments):
        """Return the rows of a query; unlike all the rest, this raises Unreadable."""
        try:
            return self._db.execute(query, arguments).fetchall()
        except FAULTS as error:
            raise Unreadable(self._not_read(error)) from None

    def unfinished(self, party, room, device, name, unit):
        """Return the means of a series that are not closed yet, as [[at, mean, min, max, count]].
        `unit` is their length: a minute or an hour. Raises Unreadable.
        """
        try:
            series = self._history.series_of(party, room, device).get(name)
            return self._history.unfinished(series, unit) if series else []
        except FAULTS as error:
            raise Unreadable(self._not_read(error)) from None

    def highest_in(self, db, where, epoch):
        """Return the highest number that a connection sees. Raises sqlite3.Error."""
        rows = db.execute(_HIGHEST, (epoch, *where)).fetchall()
        return rows[0][0] if rows else 0


def _object(text):
    """Return the object in a row's JSON; raise sqlite3.Error if the text is damaged."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError):  # TypeError: it is NULL
        found = None
    if not isinstance(found, dict):
        raise sqlite3.DatabaseError("JSON of a row is damaged")
    return found
