"""Rules of alerts, alerts that are on, and notifications that wait, in the database."""

import json
import sqlite3
from dataclasses import dataclass, field

_PLACE = "party = ? AND room = ?"
_SET_RULES = """
INSERT INTO alerts (party, room, version, rules, dropped) VALUES (?, ?, ?, ?, '{}')
ON CONFLICT (party, room) DO UPDATE SET
    version = excluded.version, rules = excluded.rules, dropped = '{}'
"""
_SET_NOTICE = """
INSERT INTO notices (uid, party, room, notice) VALUES (?, ?, ?, ?)
ON CONFLICT (uid) DO UPDATE SET notice = excluded.notice
"""
_BEGIN = "REPLACE INTO alerts_on (party, room, rule, device, since) VALUES (?, ?, ?, ?, ?)"
_END = f"DELETE FROM alerts_on WHERE {_PLACE} AND rule = ? AND device = ?"
_DROP = f"UPDATE alerts SET dropped = ? WHERE {_PLACE}"


@dataclass
class Stored:
    """What is stored of a room's alerts. The objects are never changed, but replaced."""

    # 0: no rules were ever set.
    version: int = 0
    rules: list = field(default_factory=list)
    # {rule's id: {device: since}}.
    on: dict = field(default_factory=dict)
    # Target: how many notifications were given up since the rules were set.
    dropped: dict = field(default_factory=dict)
    # {uid: notice}, in order: see notices.py.
    notices: dict = field(default_factory=dict)


class AlertTables:
    """The tables. The methods are called in a transaction, and raise sqlite3.Error."""

    def __init__(self, db):
        self._db = db

    def load(self):
        """Return {(party, room): Stored} of all rooms that ever had rules."""
        try:
            return self._load()
        except (ValueError, TypeError, KeyError):
            raise sqlite3.DatabaseError("the alerts of a room are damaged") from None

    def write(self, place, before, after):
        """Write what differs between two Stored of a room. Doing it again changes nothing."""
        if after.version != before.version:
            rules = json.dumps(after.rules, ensure_ascii=False)
            self._db.execute(_SET_RULES, (*place, after.version, rules))
        elif after.dropped is not before.dropped:
            self._db.execute(_DROP, (json.dumps(after.dropped, ensure_ascii=False), *place))
        if after.on is not before.on:
            self._write_on(place, before.on, after.on)
        if after.notices is not before.notices:
            self._write_notices(place, before.notices, after.notices)

    def forget(self, place):
        """Remove a room's alerts."""
        for table in ("alerts", "alerts_on", "notices"):
            self._db.execute(f"DELETE FROM {table} WHERE {_PLACE}", place)

    def _load(self):
        found = {}
        rows = self._db.execute("SELECT party, room, version, rules, dropped FROM alerts")
        for party, room, version, rules, dropped in rows:
            read = Stored(version, json.loads(rules), dropped=json.loads(dropped))
            found[party, room] = read
        for party, room, rule, device, since in self._db.execute("SELECT * FROM alerts_on"):
            found[party, room].on.setdefault(rule, {})[device] = since
        rows = self._db.execute("SELECT party, room, notice FROM notices")
        waiting = [(party, room, json.loads(notice)) for party, room, notice in rows]
        for party, room, notice in sorted(waiting, key=lambda row: row[2]["at"]):
            found[party, room].notices[notice["uid"]] = notice
        return found

    def _write_on(self, place, before, after):
        for rule in {**before, **after}:
            old, new = before.get(rule, {}), after.get(rule, {})
            if new is old:
                continue
            for device in old:
                if device not in new:
                    self._db.execute(_END, (*place, rule, device))
            for device, since in new.items():
                if old.get(device) != since:
                    self._db.execute(_BEGIN, (*place, rule, device, since))

    def _write_notices(self, place, before, after):
        for uid in before:
            if uid not in after:
                self._db.execute("DELETE FROM notices WHERE uid = ?", (uid,))
        for uid, notice in after.items():
            if before.get(uid) is not notice:
                text = json.dumps(notice, ensure_ascii=False)
                self._db.execute(_SET_NOTICE, (uid, *place, text))
