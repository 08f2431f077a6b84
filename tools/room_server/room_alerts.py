"""The alerts of one room: its rules and what is on, in memory, and when to look at the time."""

import secrets
from dataclasses import replace

from . import alert_rules, notices
from .alert_checks import check_targets
from .alert_rules import GATHER_MS, Known
from .alert_tables import Stored
from .look_timer import LookTimer
from .messages import encode

# The wait after a notification was sent and the disk did not take that.
_NOT_STORED_MS = 60000


class RoomAlerts:
    """The alerts of one room. `now` is always in ms since 1970."""

    def __init__(self, alerts, store, party, name, stored=None, since=0):
        """`alerts`: the Alerts. Nothing of the time counts from before `since`."""
        self.party = party
        self.name = name
        self._all = alerts
        self._store = store
        # The Room, while it is in use.
        self._room = None
        # The uids of notices that are on their way.
        self._flying = set()
        self._since = since
        self._timer = LookTimer(alerts.clock, alerts.call_later, self._look)
        self._set(stored or Stored())
        # Nothing is due earlier.
        self._timer.within(self._silent_ms)
        self._timer.within(self._offline_ms)

    @property
    def rules(self):
        return self._stored.rules

    @property
    def notices(self):
        return self._stored.notices

    def enter(self, room):
        """Note that the Room is in use: it knows who is here, and is told."""
        self._room = room

    def leave(self):
        self._room = None

    def shown(self):
        """Return the fields of a message `alerts`."""
        stored = self._stored
        targets = [
            {"name": name, "kind": kind, **self._shown_of(name)}
            for name, kind in self._all.targets.items()
        ]
        fields = {"version": stored.version, "rules": stored.rules, "state": stored.on}
        return {**fields, "targets": targets}

    def tell(self, sender=None):
        """Tell dashboards, and `sender`, all of the alerts."""
        if self._room:
            self._room.tell_dashboards(encode({"type": "alerts", **self.shown()}), sender)

    def set_rules(self, version, rules, now):
        """Replace the rules, if `version` is ours. Return whether it was, and None or why nothing
        was stored. Raises MessageError, RoomFull.
        """
        if version != self._stored.version:
            return False, None
        check_targets(rules, self._all.targets)
        self._all.check_place(self.party, self.name)
        on = alert_rules.carried(self._stored.on, self._stored.rules, rules)
        changes = {"version": version + 1, "rules": rules, "on": on, "dropped": {}}
        why = self._save(replace(self._stored, **changes))
        if why is None:
            self._since = now
            self._all.keep(self)
            self._look_again()
        return True, why

    def read(self, device, news, now):
        """Return the Stored before and after values of a device, for Store.save, or None if
        nothing changes. `news`: see alert_rules.heard. Then accept() it.
        """
        rules = self._rules_of(device.name)
        if not rules:
            return None
        self._timer.within(self._silent_ms)
        if not device.connections:
            self._timer.within(self._offline_ms)
        turns = alert_rules.heard(rules, self._stored.on, device.name, news, now)
        return self._change(turns, {device.name: device.about}, now)

    def moved(self, device, now):
        """The same for a device that joined, or left."""
        rules = self._rules_of(device.name)
        if not rules:
            return None
        if not device.connections:
            self._timer.within(self._offline_ms)
            return None
        turns = alert_rules.came(rules, self._stored.on, device.name, now)
        return self._change(turns, {device.name: device.about}, now)

    def forgotten(self, device):
        """The same for a device that is forgotten."""
        on = alert_rules.without(self._stored.on, self._stored.rules, device)
        if on is self._stored.on:
            return None
        return self._stored, replace(self._stored, on=on)

    def accept(self, change, now):
        """Note that the change (before, after) is in the transaction."""
        before, after = change
        self._become(before, after)
        self._tell_turns(before, after, now)

    def take_back(self, stored):
        """Become what is stored, after a transaction was lost."""
        self._set(stored or Stored())
        self._look_again()
        self.tell()

    def begin(self, notice):
        """Note that a notice is on its way. It takes no more events until end()."""
        self._flying.add(notice["uid"])

    def end(self, notice):
        self._flying.discard(notice["uid"])

    def sent(self, notice, now):
        """Note that a notice was delivered."""
        if notice["uid"] not in self.notices:
            # It was lost with the reading.
            return
        rest = {uid: one for uid, one in self.notices.items() if uid != notice["uid"]}
        why = self._save_notices(rest, self._stored.dropped, bool(notice["tries"]))
        if why is not None:
            # It is sent again, with the same id, until the disk takes that it was sent.
            again = {**notice, "tries": notice["tries"] + 1, "due": now + _NOT_STORED_MS}
            self._set(replace(self._stored, notices={**self.notices, notice["uid"]: again}))

    def failed(self, notice, after):
        """Note that a try failed. `after` is the notice now, or None if it is given up."""
        uid, target, dropped = notice["uid"], notice["target"], self._stored.dropped
        if uid not in self.notices:
            return
        if after is None:
            rest = {other: one for other, one in self.notices.items() if other != uid}
            dropped = {**dropped, target: dropped.get(target, 0) + 1}
        else:
            rest = {**self.notices, uid: after}
        is_news = after is None or after["error"] != notice.get("error")
        if self._save_notices(rest, dropped, is_news) is not None:
            self._set(replace(self._stored, notices=rest, dropped=dropped))

    def _set(self, stored):
        self._stored = stored
        rules = stored.rules
        self._by_device = {}
        for rule in rules:
            self._by_device.setdefault(rule["device"], []).append(rule)
        # After something was heard, the look that may be due first.
        self._silent_ms = alert_rules.first_look_ms(rules, "silent")
        self._offline_ms = alert_rules.first_look_ms(rules, "offline")

    def _rules_of(self, device):
        if not self._by_device:
            return ()
        everyone = self._by_device.get(alert_rules.EVERY_DEVICE, ())
        return [*everyone, *self._by_device.get(device, ())]

    def _change(self, turns, abouts, now):
        if not turns:
            return None
        on = alert_rules.applied(self._stored.on, turns, now)
        waiting, targets = self._stored.notices, self._all.targets
        news = notices.with_turns(waiting, turns, abouts, targets, now, _new_id, self._flying)
        after = {**waiting, **news} if news else waiting
        return self._stored, replace(self._stored, on=on, notices=after)

    def _looked(self, now):
        return alert_rules.looked(self.rules, self._stored.on, self._known(), self._since, now)

    def _look_again(self):
        """Compute anew when to look, after anything may have changed."""
        self._timer.stop()
        if self._silent_ms or self._offline_ms:
            _, _, at = self._looked(self._all.clock())
            self._timer.set(at)

    def _look(self, now, is_late):
        if is_late:
            # Devices have their time again.
            self._since = now
        turns, due, _ = self._looked(now)
        abouts = dict(self._abouts()) if turns else {}
        change = self._change(turns, abouts, now)
        if change and self._save(change[1]) is None:
            self._tell_turns(*change, now)
        elif change:
            # The disk fails. Look again, as long as it takes.
            due = now + GATHER_MS
        self._timer.set(due)

    def _known(self):
        if self._room:
            return [
                Known(device.name, bool(device.connections), device.at, device.times)
                for device in self._room.devices
            ]
        rows = self._store.load(self.party, self.name)
        return [Known(name, False, at, times) for name, at, _, _, times in rows]

    def _abouts(self):
        if self._room:
            return [(device.name, device.about) for device in self._room.devices]
        rows = self._store.load(self.party, self.name)
        return [(name, about) for name, _, _, about, _ in rows]

    def _shown_of(self, target):
        """Return of a target what waits for it, why the last try failed, and what was dropped."""
        waiting = [one for one in self.notices.values() if one["target"] == target]
        shown = {"waiting": len(waiting)} if waiting else {}
        for notice in waiting:
            if "error" in notice:
                shown["error"] = notice["error"]
        if target in self._stored.dropped:
            shown["dropped"] = self._stored.dropped[target]
        return shown

    def _save_notices(self, rest, dropped, is_news):
        """Store what waits now. Return None, or why it was not stored."""
        why = self._save(replace(self._stored, notices=rest, dropped=dropped))
        if why is None and is_news:
            self.tell()
        return why

    def _save(self, after):
        """Store what is now, and become that. Return None, or why it was not stored."""
        before = self._stored
        why = self._store.save_alerts(self.party, self.name, before, after)
        if why is None:
            self._become(before, after)
        return why

    def _become(self, before, after):
        is_ours = before is self._stored
        self._set(after)
        self._all.note_change(self)
        if not is_ours:
            # A commit has failed meanwhile, and `before` was not stored.
            self._all.ended("lost")

    def _tell_turns(self, before, after, now):
        if after.on is not before.on and self._room:
            began, ended = _minus(after.on, before.on), _minus(before.on, after.on)
            pairs = {key: pairs for key, pairs in (("began", began), ("ended", ended)) if pairs}
            if pairs:
                self._room.tell_dashboards(encode({"type": "alert", "at": now, **pairs}))
        if after.notices is not before.notices and self._all.on_notices:
            self._all.on_notices()


def _new_id():
    return secrets.token_hex(8)


def _minus(these, those):
    """Return the [rule, device] pairs that are on only in `these`."""
    return [
        [rule, device]
        for rule, devices in these.items()
        if devices is not those.get(rule)
        for device in devices
        if device not in those.get(rule, ())
    ]
