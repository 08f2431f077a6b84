"""The history: points of numeric series, in the order of their times, without the oldest."""

_NEWEST = """
SELECT history.at, value FROM history JOIN devices ON devices.id = history.device
WHERE party = ? AND room = ? AND devices.device = ? AND name = ?
ORDER BY history.at DESC, history.id DESC LIMIT ?
"""
_AT_THE_LIMIT = """
SELECT at, id FROM history WHERE device = ? AND name = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?
"""
_TRIM = "DELETE FROM history WHERE device = ? AND name = ? AND at <= ? AND (at < ? OR id <= ?)"
_INSERT = "INSERT INTO history (device, name, at, value) VALUES (?, ?, ?, ?)"
_OLDEST = "SELECT id, at FROM history ORDER BY id LIMIT ?"
_DROP = f"DELETE FROM history WHERE id IN (SELECT id FROM ({_OLDEST}) WHERE at < ?)"


class Points:
    """The table of points. All methods raise sqlite3.Error."""

    def __init__(self, db, keep):
        """`keep`: the most points of a series."""
        self._db = db
        self._keep = keep

    def newest(self, where, name, count, oldest):
        """Return the newest `count` points of a series, none before `oldest`, as [[at, value]]."""
        rows = self._db.execute(_NEWEST, (*where, name, min(count, self._keep)))
        return [[at, value] for at, value in rows if at >= oldest][::-1]

    def add(self, device, points, oldest):
        """Add points (name, at, value) to the device with that id, but none before `oldest`."""
        for name, at, value in points if self._keep else ():
            last = self._db.execute(_AT_THE_LIMIT, (device, name, self._keep - 1)).fetchone()
            if at < oldest or last and at < last[0]:
                # It would be the next to be deleted.
                continue
            if last:
                # Delete first, so that a full file has space for the new point.
                self._db.execute(_TRIM, (device, name, last[0], *last))
            self._db.execute(_INSERT, (device, name, at, value))

    def remove(self, device, name):
        """Remove a series of the device with that id."""
        self._db.execute("DELETE FROM history WHERE device = ? AND name = ?", (device, name))

    def drop(self, count, before):
        """Of the `count` points that came first, drop those before that time. Return how many."""
        # This goes by the order in which they came. A point with an old time that came late may
        # stay on disk for longer; newest() never shows a point that is too old.
        return self._db.execute(_DROP, (count, before)).rowcount
