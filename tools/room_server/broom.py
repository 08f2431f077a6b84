"""Deletes points that are too old, or the oldest ones when the file is full: a few at a time,
series by series, so that no client has to wait.
"""

from .ages import DAY_MS, Oldest
from .tiers import HOUR_MS, MINUTE_MS, UNITS

# Series looked at in one go, when little is to be deleted.
_MOST_SERIES = 200
# When the file is full, first the raw readings go that are older than this, then minutes, and so
# on. If that is not enough, the younger ones go too.
_YOUNGEST = (
    *(("raw", HOUR_MS), ("minutes", DAY_MS), ("changes", DAY_MS), ("hours", 0)),
    *(("changes", 0), ("minutes", 0), ("raw", 0)),
)
# Then the part of a tier's time that goes in one round through all series.
_SHARE = 32
_UNITS = {**UNITS, "changes": 1}
_KEYS = {"raw": "at, n", "minutes": "at", "hours": "at", "changes": "at, n"}
_FIRSTS = "SELECT " + ", ".join(
    f"(SELECT min(at) FROM {table} WHERE series = :series)" for table in _UNITS
)
_NEXT = "SELECT id, device, minute FROM all_series WHERE id > ? ORDER BY id LIMIT 1"
_GONE = "SELECT id FROM all_series WHERE device IS NULL LIMIT 1"
_DELETE = """
DELETE FROM {0} WHERE (series, {1}) IN
    (SELECT series, {1} FROM {0} WHERE series = ? AND at < ? ORDER BY {1} LIMIT ?)
"""
_FOREVER = 1 << 60


class Broom:
    """All methods raise sqlite3.Error. `oldest` is an Oldest: what is too old."""

    def __init__(self, db, tiers):
        self._db = db
        self._tiers = tiers
        self._aged = _Round(db)
        self._full = _Round(db)
        # {table: time}: what goes because the file is full is older than that.
        self._least = dict.fromkeys(_UNITS, -_FOREVER)
        # In this round, {table: the earliest time} seen, and whether something was deleted.
        self._seen = {}
        self._has_dropped = False

    def sweep(self, count, oldest):
        """Delete at most `count` points that are too old. Return False at the end of a round."""
        for _ in range(_MOST_SERIES):
            found = self._aged.next()
            if found is None:
                return False
            count -= self._trim(*found, self._firsts(found[0]), oldest, count)
            if count <= 0:
                self._aged.stay()
                break
        return True

    def make_place(self, count, oldest, now, most_series):
        """Delete `count` of the oldest points, if they are found among so many series."""
        count -= self._delete_gone(count)
        while count > 0 and most_series > 0:
            most_series -= 1
            found = self._full.next()
            if found is None:
                if not self._has_dropped and not self._go_further(now):
                    return
                self._seen, self._has_dropped = {}, False
                continue
            firsts = self._firsts(found[0])
            dropped = self._trim(*found, firsts, self._least_of(oldest), count)
            self._has_dropped |= dropped > 0
            count -= dropped
            if count > 0:
                self._see(firsts)
            else:
                self._full.stay()

    def _least_of(self, oldest):
        return Oldest(*(max(getattr(oldest, table), at) for table, at in self._least.items()))

    def _go_further(self, now):
        """Raise the time before which points go. Return False if there are no points."""
        for table, youngest in _YOUNGEST:
            first, last = self._seen.get(table), now - youngest
            if first is not None and max(first, self._least[table]) < last:
                step = max((now - first) // _SHARE, _UNITS[table])
                self._least[table] = min(max(first, self._least[table]) + step, last)
                return True
        # Points may also be ahead of the time.
        for table, at in self._seen.items():
            self._least[table] = at + HOUR_MS
        return bool(self._seen)

    def _see(self, firsts):
        for table, at in firsts.items():
            if at is not None:
                self._seen[table] = min(at, self._seen.get(table, at))

    def _firsts(self, series):
        """Return {table: the earliest time of the series in ms, or None}."""
        found = self._db.execute(_FIRSTS, {"series": series}).fetchone()
        return {
            table: at if at is None else at * unit
            for (table, unit), at in zip(_UNITS.items(), found)
        }

    def _trim(self, series, device, minute, firsts, oldest, count):
        """Delete at most `count` points of a series that are too old. Return how many."""
        if device is None:
            return self._delete_all(series, count)
        hour = minute // 60
        mark = minute
        # First count what is going to be deleted.
        if oldest.raw >= (minute + 1) * MINUTE_MS and firsts["raw"] is not None:
            mark = minute + 1
        if oldest.minutes >= (hour + 1) * HOUR_MS and (mark > minute or firsts["minutes"]):
            mark = (hour + 1) * 60
        if mark > minute:
            self._tiers.close(series, minute, mark)
        bounds = {
            "raw": min(oldest.raw, mark * MINUTE_MS),
            "minutes": min(oldest.minutes // MINUTE_MS, mark // 60 * 60),
            "hours": oldest.hours // HOUR_MS,
            "changes": oldest.changes,
        }
        left = count
        for table, before in bounds.items():
            if firsts[table] is not None and firsts[table] < before * _UNITS[table]:
                left -= self._delete(table, series, before, left)
        return count - left

    def _delete_gone(self, count):
        """Delete points of series that have no device any more. Return how many."""
        left = count
        while left > 0:
            found = self._db.execute(_GONE).fetchone()
            if found is None:
                break
            left -= self._delete_all(found[0], left)
        return count - left

    def _delete_all(self, series, count):
        left = count
        for table in _KEYS:
            left -= self._delete(table, series, _FOREVER, left)
        if left > 0:
            self._db.execute("DELETE FROM all_series WHERE id = ?", (series,))
        return count - left

    def _delete(self, table, series, before, count):
        if count <= 0:
            return 0
        query = _DELETE.format(table, _KEYS[table])
        return self._db.execute(query, (series, before, count)).rowcount


class _Round:
    """Goes through all series. One that fails, because a page is damaged, holds it up once."""

    def __init__(self, db):
        self._db = db
        self._before = self._after = 0

    def next(self):
        """Return (id, device, minute) of the next series. At the end return None, and begin
        again.
        """
        found = self._db.execute(_NEXT, (self._after,)).fetchone()
        self._before, self._after = self._after, found[0] if found else 0
        return found

    def stay(self):
        """Return the same series again the next time: it may have more to delete."""
        self._after = self._before
