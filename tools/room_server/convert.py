"""Converts the history of a file that an older server wrote. It can be killed at any moment: the
next start goes on.
"""

import time
from pathlib import Path

from . import logs
from .tiers import MINUTE_MS, OF_READINGS, UNITS, Tiers, mark_of

# The points of one transaction, or of one series if that has more.
_POINTS = 20000
_TELL_AGAIN_S = 2.0

_IS_OLD = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'history'"
# Rows that the older server did not write: somebody else's, or of a damaged file.
_DELETE_ODD = """
DELETE FROM history WHERE typeof(at) <> 'integer' OR typeof(value) NOT IN ('integer', 'real')
    OR typeof(name) <> 'text' OR device NOT IN (SELECT id FROM devices)
"""
_NEXT = """
SELECT device, name, count(*), max(at) FROM history
WHERE (device, name) = (SELECT device, name FROM history ORDER BY device, name LIMIT 1)
"""
# The closed minutes or hours. `mark` is in ms.
_COUNT = f"""
INSERT INTO {{0}} (series, at, count, mean, low, high)
SELECT :series, at / {{1}}, {OF_READINGS} FROM history
WHERE device = :device AND name = :name AND at >= :{{0}} AND at / {{1}} < :mark / {{1}}
GROUP BY at / {{1}}
"""
_STEPS = (
    """
    INSERT INTO raw (series, at, n, value)
    SELECT :series, at, row_number() OVER (PARTITION BY at ORDER BY id) - 1, value FROM history
    WHERE device = :device AND name = :name AND at >= :raw
    """,
    *(_COUNT.format(tier, UNITS[tier]) for tier in ("minutes", "hours")),
    "DELETE FROM history WHERE device = :device AND name = :name",
)


def convert(db, path, oldest):
    """Put the points of the old table `history` into the tiers, if there is one. Tell about it
    every 2 s. Raises sqlite3.Error.
    """
    if not db.execute(_IS_OLD).fetchone():
        return
    # The index that it is read by: one of an older version had fewer columns.
    db.execute("CREATE INDEX IF NOT EXISTS series ON history (device, name, at)")
    odd = db.execute(_DELETE_ODD).rowcount
    total = db.execute("SELECT count(*) FROM history").fetchone()[0]
    name, done, told = Path(path or "memory").name, 0, time.monotonic()
    while some := _convert_some(db, oldest):
        done += some
        if time.monotonic() >= told + _TELL_AGAIN_S:
            told = time.monotonic()
            text = f"{name} is of an older version: {done:,} of {total:,} points are converted"
            logs.warning("converting", text, done=done, total=total)
    db.execute("BEGIN IMMEDIATE")
    db.execute("DROP TABLE history")
    db.execute("COMMIT")
    if total:
        text = f"{name} was of an older version: {total:,} points are converted"
        logs.warning("converted", text, total=total)
    if odd:
        text = f"{name}: {odd:,} points without a number, a time or a device are left out"
        logs.warning("left-out", text, count=odd)


def _convert_some(db, oldest):
    """Convert one transaction's points. Return how many."""
    done, tiers = 0, Tiers(db)
    db.execute("BEGIN IMMEDIATE")
    try:
        while done < _POINTS:
            device, name, count, newest = db.execute(_NEXT).fetchone()
            if not count:
                break
            mark = mark_of(newest, oldest) * MINUTE_MS
            values = {
                "series": tiers.series(device, name, mark),
                "device": device,
                "name": name,
                "mark": mark,
                "raw": oldest.raw,
                "minutes": oldest.minutes,
                "hours": oldest.hours,
            }
            for step in _STEPS:
                db.execute(step, values)
            done += count
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return done
