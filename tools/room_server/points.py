"""The history: points of numeric series in the order of their times, the oldest gone."""

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
        """`keep` is how many points a series has at most."""
        self._db = db
        self._keep = keep

    def newest(self, where, name, count, oldest):
        """Return the newest `count` of a series that are not before `oldest`, as [[at, value]]."""
        rows = self._db.execute(_NEWEST, (*where, name, min(count, self._keep)))
        return [[at, value] for at, value in rows if at >= oldest][::-1]

    def add(self, device, points, oldest):
        """Add (name, at, value)s to the device with that id, but none of before `oldest`."""
        for name, at, value in points if self._keep else ():
            last = self._db.execute(_AT_THE_LIMIT, (device, name, self._keep - 1)).fetchone()
            if at < oldest or last and at < last[0]:
                continue  # it would be the next to go
            if last:
                # First, so that a full file has place for the new one.
                self._db.execute(_TRIM, (device, name, last[0], *last))
            self._db.execute(_INSERT, (device, name, at, value))

    def remove(self, device, name):
        """Remove a series of the device with that id."""
        self._db.execute("DELETE FROM history WHERE device = ? AND name = ?", (device, name))

    def drop(self, count, before):
        """Drop those of before that time among the `count` that came first; return how many."""
        # By the order in which they came. What came with an old time, or before a clock was
        # wrong, may be kept longer on disk; newest() shows none that is too old.
        return self._db.execute(_DROP, (count, before)).rowcount
