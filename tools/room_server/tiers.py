"""The history as it is stored: each number in raw readings, then in minutes, then in hours.

A series has a mark, its open minute. Raw readings before it are counted in `minutes`, and minutes
before its hour are counted in `hours`. Those after it are not, until a later reading moves the
mark: then the minute is closed, and perhaps the hour, in the same transaction. So a point that
comes late is added to the closed minute and hour that it belongs to, and the others stay as they
are. Rows that are too old can be deleted once they are before the mark: nothing is counted twice,
and nothing is left out.
"""

MINUTE_MS = 60000
HOUR_MS = 3600000
# {tier: what its times count, in ms}
UNITS = {"raw": 1, "minutes": MINUTE_MS, "hours": HOUR_MS}

# The count, mean, least and greatest of readings, as SQL. The mean of huge numbers may be infinite
# on the way, but it is never outside of their range.
OF_READINGS = """
    count(*), min(max(ifnull(avg(value), min(value)), min(value)), max(value)),
    min(value), max(value)
"""

_FIND = "SELECT id, minute FROM all_series WHERE device = ? AND name = ?"
_MAKE = "INSERT INTO all_series (device, name, minute) VALUES (?, ?, ?)"
_NAMES = "SELECT name FROM all_series WHERE device = ?"
_MOVE = "UPDATE all_series SET minute = ? WHERE id = ?"
# Points may have the same time: `n` is their order.
_ADD_RAW = """
INSERT INTO raw (series, at, n, value) VALUES (?1, ?2,
    ifnull((SELECT max(n) + 1 FROM raw WHERE series = ?1 AND at = ?2), 0), ?3)
"""
_CLOSE_MINUTE = f"""
REPLACE INTO minutes (series, at, count, mean, low, high)
SELECT series, at / 60000, {OF_READINGS}
FROM raw WHERE series = ? AND at >= ? AND at < ? GROUP BY at / 60000
"""
_CLOSE_HOUR = """
REPLACE INTO hours (series, at, count, mean, low, high)
SELECT series, at / 60, sum(count),
    min(max(ifnull(sum(1.0 * mean * count) / sum(count), min(low)), min(low)), max(high)),
    min(low), max(high)
FROM minutes WHERE series = ? AND at >= ? AND at < ? GROUP BY at / 60
"""
_MERGE = """
INSERT INTO {0} (series, at, count, mean, low, high) VALUES (?1, ?2, 1, ?3, ?3, ?3)
ON CONFLICT (series, at) DO UPDATE SET
    count = count + 1, low = min(low, ?3), high = max(high, ?3), mean =
    min(max(mean + (?3 / (count + 1.0) - mean / (count + 1.0)), min(low, ?3)), max(high, ?3))
"""


class Tiers:
    """Writes points into the tables. All methods raise sqlite3.Error.

    `oldest` is always an Oldest: what each tier still takes.
    """

    def __init__(self, db):
        self._db = db

    def add(self, device, name, at, value, oldest):
        """Add a number to a series of the device with that id. It is not too old for hours."""
        minute, mark = at // MINUTE_MS, mark_of(at, oldest)
        series, open_minute = self._series(device, name, mark)
        if mark > open_minute:
            self.close(series, open_minute, mark)
            open_minute = mark
        if at >= oldest.raw:
            self._db.execute(_ADD_RAW, (series, at, value))
        # What is already closed takes it too.
        if minute < open_minute and at >= oldest.minutes:
            self._db.execute(_MERGE.format("minutes"), (series, minute, value))
        if minute // 60 < open_minute // 60:
            self._db.execute(_MERGE.format("hours"), (series, minute // 60, value))

    def close(self, series, open_minute, mark):
        """Move the mark of a series to a later minute."""
        # All raw readings that are not counted yet are in the open minute.
        begin, end = open_minute * MINUTE_MS, (open_minute + 1) * MINUTE_MS
        self._db.execute(_CLOSE_MINUTE, (series, begin, end))
        hour = open_minute // 60
        if mark // 60 > hour:
            self._db.execute(_CLOSE_HOUR, (series, hour * 60, hour * 60 + 60))
        self._db.execute(_MOVE, (mark, series))

    def series(self, device, name, at):
        """Return the id of a series. If there is none, make it: its mark is the minute of `at`."""
        return self._series(device, name, at // MINUTE_MS)[0]

    def remove(self, device, name):
        """Remove a series of the device with that id. Its points are deleted little by little."""
        self._db.execute(
            "UPDATE all_series SET device = NULL WHERE device = ? AND name = ?", (device, name)
        )

    def names(self, device):
        """Return the names of all series of the device with that id."""
        return [name for (name,) in self._db.execute(_NAMES, (device,))]

    def _series(self, device, name, minute):
        found = self._db.execute(_FIND, (device, name)).fetchone()
        if found:
            return found
        return self._db.execute(_MAKE, (device, name, minute)).lastrowid, minute


def mark_of(at, oldest):
    """Return the mark, in minutes since 1970, of a series whose newest reading is of that time."""
    minute = at // MINUTE_MS
    if at >= oldest.raw:
        return minute
    # What is too old for a tier goes into the next one directly, so that one must be closed.
    return minute + 1 if at >= oldest.minutes else (minute // 60 + 1) * 60
