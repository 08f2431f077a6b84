"""Bools and texts: only their changes are kept, the newest of each series."""

import json

# Of one series.
MOST_CHANGES = 1000

_BEFORE = """
SELECT at, n, value FROM changes WHERE series = ? AND at <= ? ORDER BY at DESC, n DESC LIMIT 1
"""
_AFTER = "SELECT at, n, value FROM changes WHERE series = ? AND at > ? ORDER BY at, n LIMIT 1"
_INSERT = "INSERT INTO changes (series, at, n, value) VALUES (?, ?, ?, ?)"
_DELETE = "DELETE FROM changes WHERE series = ? AND at = ? AND n = ?"
_TRIM = """
DELETE FROM changes WHERE series = ?1 AND (at, n) <= (
    SELECT at, n FROM changes WHERE series = ?1 ORDER BY at DESC, n DESC LIMIT 1 OFFSET ?2)
"""
_NEWEST = """
SELECT at, value FROM changes WHERE series = ? AND at >= ? AND at < ?
ORDER BY at DESC, n DESC LIMIT ?
"""


class Changes:
    """The table of changes. All methods raise sqlite3.Error."""

    def __init__(self, db):
        self._db = db

    def add(self, series, at, value, later=None):
        """Add the value of a reading. `later` is (time, value) of the last value, if that was
        measured after this one.
        """
        text = json.dumps(value, ensure_ascii=False)
        before = self._db.execute(_BEFORE, (series, at)).fetchone()
        if before and before[2] == text:
            return
        n = before[1] + 1 if before and before[0] == at else 0
        self._db.execute(_INSERT, (series, at, n, text))
        after = self._db.execute(_AFTER, (series, at)).fetchone()
        if after and after[2] == text:
            # It changed earlier than we knew.
            self._db.execute(_DELETE, (series, *after[:2]))
        elif not after and later and later[1] != value:
            # No change was kept between them: now there is one.
            self.add(series, *later)
        self._db.execute(_TRIM, (series, MOST_CHANGES))

    def newest(self, series, count, since, until):
        """Return the newest `count` changes with since <= at < until, as [[at, value]], the oldest
        first.
        """
        rows = self._db.execute(_NEWEST, (series, since, until, count)).fetchall()
        return [[at, json.loads(value)] for at, value in rows[::-1]]

    def part(self, series, part, oldest):
        """Return the changes of a history.Part, and before them the one that was in force when it
        begins.
        """
        found = self.newest(series, part.points, max(part.since, oldest), part.until)
        if len(found) == part.points or found and found[0][0] == part.since:
            return found
        before = self._db.execute(_BEFORE, (series, part.since - 1)).fetchone()
        if not before or before[0] < oldest:
            return found
        return [[before[0], json.loads(before[2])], *found]
