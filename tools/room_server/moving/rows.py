"""Reads a room of the room server's file as rows for a party server.

A party server has the newest readings of a series in one place, where they are counted in no
minute and no hour yet. So each series has a time, `before`: readings from then on are sent as
`points`, and it counts them itself. What is earlier is sent as this server has counted it.

The rows are lists, in this order; the party server checks them in moveRows.ts:

    ["device", {name, at, about, last, undated, epochs}]
    ["raw" or "points", device, name, [[at, value], ...]]
    ["minutes" or "hours", device, name, [[at, mean, min, max, count], ...]]
    ["changes", device, name, [[at, n, value], ...]]
    ["layout", {version, layout}]
    ["alerts", {version, rules, on, dropped, notices}]
"""

import json
from itertools import chain, islice

from ..alert_tables import AlertTables
from ..history import History
from ..tiers import HOUR_MS, MINUTE_MS, UNITS

TIERS = tuple(UNITS)
# Entries of one row, and their bytes as JSON, about.
_MOST = 1000
_ENTRY_BYTES = 64
# So many of the newest readings a party server shows at once: LEAST_POINTS in series.ts.
_NEWEST = 300

_ROOMS = """
SELECT party, room FROM devices UNION SELECT party, room FROM kept
UNION SELECT party, room FROM alerts ORDER BY party, room
"""
_DEVICES = """
SELECT id, device, at, last, about, times FROM devices WHERE party = ? AND room = ? ORDER BY at, id
"""
_COUNTED = "SELECT count(*) FROM devices WHERE party = ? AND room = ?"
_UNDATED = "SELECT at, reading FROM undated WHERE device = ? ORDER BY id"
_EPOCHS = "SELECT epoch, n FROM epochs WHERE device = ? ORDER BY id"
_CHANGES = "SELECT at, n, value FROM changes WHERE series = ? AND at >= ? ORDER BY at, n"
_RAW = "SELECT at, value FROM raw WHERE series = ? AND at >= ? AND at < ? ORDER BY at, n"
_BINS = """
SELECT at * {0}, mean, low, high, count FROM {1} WHERE series = ? AND at >= ? AND at < ?
ORDER BY at
"""
_NTH = "SELECT at FROM raw WHERE series = ? AND at >= ? ORDER BY at DESC LIMIT 1 OFFSET ?"
_FIRST = "SELECT min(at) FROM raw WHERE series = ? AND at >= ?"
# The last closed {1} from a time on whose count is not that of its raw readings.
_GAP = """
SELECT max(at) FROM {1} WHERE series = ?1 AND at >= ?2 / {0} AND count != (
    SELECT count(*) FROM raw WHERE raw.series = ?1 AND raw.at >= {1}.at * {0}
    AND raw.at < ({1}.at + 1) * {0})
"""
_FOREVER = 1 << 60


def rooms_in(db):
    """Return the (party, room)s of which something is stored."""
    return db.execute(_ROOMS).fetchall()


class Room:
    """A room in the file. `oldest` is an Oldest: what is before it is not moved. Of entries, a row
    has at most about `row_bytes`.
    """

    def __init__(self, db, party, room, oldest, row_bytes):
        self._db = db
        self._place = (party, room)
        self._oldest = oldest
        self._most = max(1, min(_MOST, row_bytes // _ENTRY_BYTES))
        self._history = History(db)
        stored = AlertTables(db).load().get(self._place)
        self._alerts = stored if stored and stored.version else None
        # {device: {name: before}}, in ms since 1970; complete when all rows were read.
        self.before = {}

    def count_devices(self):
        return self._db.execute(_COUNTED, self._place).fetchone()[0]

    def targets(self):
        """Return the names of all targets of the room's rules."""
        rules = self._alerts.rules if self._alerts else ()
        return {target for rule in rules for target in rule.get("targets", ())}

    def rows(self):
        """Yield all rows."""
        for id, device, at, *texts in self._db.execute(_DEVICES, self._place).fetchall():
            all_series = self._history.series_of(*self._place, device)
            self.before[device] = {}
            yield ["device", self._device(id, device, at, *map(json.loads, texts), all_series)]
            for name, series in all_series.items():
                for kind, entries in self._series(device, name, series):
                    while some := list(islice(entries, self._most)):
                        yield [kind, device, name, some]
        query = "SELECT value FROM kept WHERE party = ? AND room = ? AND key = 'layout'"
        for (text,) in self._db.execute(query, self._place):
            yield ["layout", json.loads(text)]
        if self._alerts:
            yield ["alerts", _alerts(self._alerts)]

    def _device(self, id, name, at, last, about, times, all_series):
        return {
            "name": name,
            "at": at,
            "about": about,
            "last": [
                [
                    key,
                    value,
                    times.get(key, at),
                    self._known(all_series.get(key), value, times, key),
                ]
                for key, value in last.items()
            ],
            "undated": [[at, json.loads(text)] for at, text in self._db.execute(_UNDATED, (id,))],
            "epochs": [list(row) for row in self._db.execute(_EPOCHS, (id,))],
        }

    def _known(self, series, value, times, name):
        """Return the time of the last bool or text of a name in the history, or None."""
        query = "SELECT max(at) FROM changes WHERE series = ?"
        newest = series and self._db.execute(query, (series.id,)).fetchone()[0]
        if newest is None:
            return None
        is_last = isinstance(value, (bool, str))
        return max(newest, times.get(name, newest)) if is_last else newest

    def _series(self, device, name, series):
        """Yield (kind, iterator of entries) of a series."""
        oldest = self._oldest
        before = self.before[device][name] = self._before(series)
        end = series.mark // HOUR_MS * HOUR_MS + HOUR_MS
        yield "raw", self._all(_RAW, series.id, oldest.raw, before)
        for tier, length in (("minutes", MINUTE_MS), ("hours", HOUR_MS)):
            # What is not closed yet comes last.
            closed = min(before, series.mark // length * length)
            since = -(-getattr(oldest, tier) // length)
            query = _BINS.format(length, tier)
            more = self._history.unfinished(series, length) if before == end else ()
            young = (bin for bin in more if bin[0] >= since * length)
            yield tier, chain(self._all(query, series.id, since, closed // length), young)
        yield "points", self._all(_RAW, series.id, max(before, oldest.raw), _FOREVER)
        changes = self._all(_CHANGES, series.id, oldest.changes)
        yield "changes", ([at, n, json.loads(value)] for at, n, value in changes)

    def _before(self, series):
        """Return from when on the party server counts the readings itself: the start of an hour.

        They are at least the newest 300, if all that was counted of them is here. Else this is the
        end of the open hour: then nothing is counted again.
        """
        oldest = self._oldest.raw
        end = series.mark // HOUR_MS * HOUR_MS + HOUR_MS
        found = self._db.execute(_NTH, (series.id, oldest, _NEWEST - 1)).fetchone()
        if found is None:
            found = self._db.execute(_FIRST, (series.id, oldest)).fetchone()
        if found[0] is None:
            return end
        begin = min(found[0] // HOUR_MS * HOUR_MS, end - HOUR_MS)
        if begin < oldest:
            # Not all raw readings of its first hour are moved.
            begin += HOUR_MS
        for tier in ("minutes", "hours"):
            query = _GAP.format(UNITS[tier], tier)
            gap = self._db.execute(query, (series.id, begin)).fetchone()[0]
            if gap is not None:
                begin = max(begin, (gap * UNITS[tier] // HOUR_MS + 1) * HOUR_MS)
        return min(begin, end)

    def _all(self, query, *arguments):
        return map(list, self._db.execute(query, arguments))


def _alerts(stored):
    return {
        "version": stored.version,
        "rules": stored.rules,
        "on": stored.on,
        "dropped": stored.dropped,
        "notices": list(stored.notices.values()),
    }
