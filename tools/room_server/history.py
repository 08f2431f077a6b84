"""Reads the history: the newest readings, or a part of it in points that are few enough."""

from dataclasses import dataclass

from .lengths import length_of
from .tiers import HOUR_MS, MINUTE_MS, UNITS

# More readings than that are not gathered to seconds: a minute is enough then. It takes 10 ms.
_MOST_GATHERED = 20000

_FOREVER = 1 << 60

_SERIES = """
SELECT name, all_series.id, minute FROM all_series JOIN devices ON devices.id = all_series.device
WHERE party = ? AND room = ? AND devices.device = ? ORDER BY name
"""
_NEWEST = """
SELECT at, value FROM raw WHERE series = ? AND at >= ? ORDER BY at DESC, n DESC LIMIT ?
"""
_RAW = "SELECT at, value FROM raw WHERE series = ? AND at >= ? AND at < ? ORDER BY at, n LIMIT ?"
# Both in one SELECT would read the whole range.
_ENDS = """
SELECT (SELECT min(at) FROM {0} WHERE series = ?1 AND at >= ?2 AND at < ?3),
    (SELECT max(at) FROM {0} WHERE series = ?1 AND at >= ?2 AND at < ?3)
"""
_IS_OPEN = """
SELECT EXISTS (SELECT 1 FROM raw WHERE series = ? AND at >= ?)
    OR EXISTS (SELECT 1 FROM minutes WHERE series = ? AND at >= ?)
"""
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM raw WHERE series = ? AND at >= ? AND at < ? LIMIT ?)"
# One point of a tier. To group the rows of the whole range takes twice as long, because SQLite
# sorts them.
_POINT = """
SELECT sum(1.0 * mean * count) / sum(count), min(low), max(high), sum(count) FROM {0}
WHERE series = ? AND at >= ? AND at < ?
"""
_POINT_OF_RAW = """
SELECT avg(value), min(value), max(value), count(*) FROM raw
WHERE series = ? AND at >= ? AND at < ?
"""
_POINTS = {
    "raw": _POINT_OF_RAW,
    "minutes": _POINT.format("minutes"),
    "hours": _POINT.format("hours"),
}
# All rows of a tier: what it has not counted yet is in the finer ones, after the mark.
_OF_RAW = """
SELECT at, 1 AS count, value AS mean, value AS low, value AS high FROM raw
WHERE series = :series AND at >= max(:since, {0}) AND at < :until
"""
_OF_MINUTES = """
SELECT at * 60000 AS at, count, mean, low, high FROM minutes
WHERE series = :series AND at >= max(:since, {0}) / 60000 AND at * 60000 < :until
"""
_OF_HOURS = """
SELECT at * 3600000 AS at, count, mean, low, high FROM hours
WHERE series = :series AND at >= :since / 3600000 AND at * 3600000 < :until
"""
_GATHER = """
SELECT at / :length AS place, sum(1.0 * mean * count) / sum(count), min(low), max(high), sum(count)
FROM ({}) GROUP BY place ORDER BY place
"""
_FROM = {
    "minutes": f"{_OF_MINUTES.format('0')} UNION ALL {_OF_RAW.format(':mark')}",
    "hours": f"{_OF_HOURS} UNION ALL {_OF_MINUTES.format(':mark_hour')}"
    f" UNION ALL {_OF_RAW.format(':mark')}",
}


@dataclass(frozen=True)
class Series:
    """A series: its id, and its mark in ms since 1970."""

    id: int
    mark: int


@dataclass(frozen=True)
class Part:
    """The part of a series that is asked for: since <= at < until, in at most `points`."""

    since: int
    until: int
    points: int


class History:
    """All methods raise sqlite3.Error. `oldest` is an Oldest: what is before it is not shown."""

    def __init__(self, db):
        self._db = db

    def series_of(self, party, room, device):
        """Return {name: Series} of a device."""
        rows = self._db.execute(_SERIES, (party, room, device))
        return {name: Series(id, minute * MINUTE_MS) for name, id, minute in rows}

    def newest(self, series, count, oldest):
        """Return the newest `count` readings of a Series as [[at, value]], the oldest first."""
        rows = self._db.execute(_NEWEST, (series.id, oldest.raw, count)).fetchall()
        return [[at, value] for at, value in rows[::-1]]

    def part(self, series, part, oldest):
        """Return the points of a Part: [at, value] of raw readings, or [at, mean, min, max, count]
        of lengths that begin at `at`. The oldest is the first.
        """
        raw, minutes, hours = (self._ends(tier, series, part, oldest) for tier in UNITS)
        fine = _around(raw, minutes)
        # The points go from the first in the range to the last: empty time needs none.
        if raw and _reaches(raw, minutes, MINUTE_MS) and _reaches(raw, hours, HOUR_MS):
            since, until = raw
            count = self._count(series, since, until, max(_MOST_GATHERED, part.points))
            if count <= part.points:
                rows = self._db.execute(_RAW, (series.id, since, until, count))
                return [[at, value] for at, value in rows]
            least = 1000 if count <= _MOST_GATHERED else MINUTE_MS
        elif fine and _reaches(fine, hours, HOUR_MS):
            since, until = fine
            least = MINUTE_MS
        elif hours:
            since, until = _around(fine, hours)
            least = HOUR_MS
        else:
            return []
        length = length_of(since, until, part.points, least)
        return self._gathered(series, since, until, length, oldest)

    def unfinished(self, series, unit):
        """Return the points of the length `unit` that are not closed yet."""
        since = series.mark // unit * unit
        return self._open(series, _tier_of(unit), since, _FOREVER, unit)

    def _ends(self, tier, series, part, oldest):
        """Return the first time of a tier in the range and the end of its last point, or None."""
        unit, since = UNITS[tier], max(part.since, getattr(oldest, tier))
        limits = (series.id, -(-since // unit), -(-part.until // unit))
        first, last = self._db.execute(_ENDS.format(tier), limits).fetchone()
        if tier != "raw":
            # The minute or hour that is not closed yet belongs to the tier too.
            place = series.mark // unit
            if limits[1] <= place < limits[2] and self._is_open(series, unit):
                first, last = place if first is None else first, place
        return None if first is None else (first * unit, (last + 1) * unit)

    def _is_open(self, series, unit):
        """Return whether the minute or hour of the mark has readings."""
        minute = series.mark // unit * unit // MINUTE_MS
        limits = (series.id, series.mark, series.id, minute)
        return self._db.execute(_IS_OPEN, limits).fetchone()[0]

    def _count(self, series, since, until, most):
        """Return how many raw readings are in the range, or `most` + 1."""
        limits = (series.id, since, until, most + 1)
        return self._db.execute(_COUNT, limits).fetchone()[0]

    def _gathered(self, series, since, until, length, oldest):
        tier = _tier_of(length)
        # All lengths are whole.
        since, until = since // length * length, -(-until // length) * length
        # What is earlier is too old, and may be deleted or not.
        first = -(-getattr(oldest, tier) // UNITS[tier]) * UNITS[tier]
        # Before that, everything is in the tier itself.
        closed = until if tier == "raw" else min(until, series.mark // length * length)
        points = self._closed(series, tier, since, closed, length, first)
        if closed < until:
            points += self._open(series, tier, max(since, closed, first), until, length)
        return points

    def _closed(self, series, tier, since, until, length, first):
        query, unit = _POINTS[tier], UNITS[tier]
        points = []
        for at in range(since, until, length):
            limits = (series.id, max(at, first) // unit, (at + length) // unit)
            mean, low, high, count = self._db.execute(query, limits).fetchone()
            if count:
                points.append(_point(at, mean, low, high, count))
        return points

    def _open(self, series, tier, since, until, length):
        values = {
            "series": series.id,
            "since": since,
            "until": until,
            "length": length,
            "mark": series.mark,
            "mark_hour": series.mark // HOUR_MS * HOUR_MS,
        }
        rows = self._db.execute(_GATHER.format(_FROM[tier]), values)
        return [_point(place * length, *rest) for place, *rest in rows]


def _tier_of(length):
    return "raw" if length < MINUTE_MS else "minutes" if length < HOUR_MS else "hours"


def _point(at, mean, low, high, count):
    # The sum of huge numbers is infinite, or no number.
    mean = low if mean is None else min(max(mean, low), high)
    return [at, mean, low, high, count]


def _around(one, other):
    """Return the (first, end) of both together. Each may be None."""
    if not one or not other:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def _reaches(fine, coarse, unit):
    """True if a fine tier begins as early as a coarse one, whose points are of length `unit`."""
    return not coarse or fine[0] // unit <= coarse[0] // unit
