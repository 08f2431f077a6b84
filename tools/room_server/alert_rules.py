"""The rules of alerts: what begins and ends with a reading, or because time passes.

Pure: no clock, no network, no store. A rule is an object as in ROOMS.md. `on` is
{rule's id: {device: since}}, the alerts that are on. `now` is in ms since 1970.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .alert_checks import DAY_MINUTES, OF_TIME
from .tiers import MINUTE_MS

# A reading that was measured longer ago comes from a backlog.
LATE_MS = 60000
# From the first that is due to the look. Who vanishes meanwhile is in the same notification.
GATHER_MS = 30000
MOST_ON = 5000
EVERY_DEVICE = "*"

OFFLINE_MINUTES = 5
# What makes an alert another one.
_CONDITION = ("device", "kind", "name", "limit", "hysteresis", "minutes")


class Turn(NamedTuple):
    """An alert that begins or ends."""

    rule: Mapping
    device: str
    is_on: bool
    # The value that did it, or None if it was the time.
    value: Any = None


class Known(NamedTuple):
    """What a look needs to know of a device."""

    name: str
    is_online: bool
    # When it was last heard of.
    at: int
    # Value name: when the last value was measured.
    times: Mapping


def heard(rules, on, device, news, now):
    """Return the Turns of a reading. `rules` are those of the device.

    `news` are the values that are the last ones of their names now, in order: (name, value, when
    it was measured). The time is None if the reading is undated and not live.
    """
    turns, count = [], sum(map(len, on.values()))
    for rule in rules:
        if _is_paused(rule, now):
            continue
        is_on = device in on.get(rule["id"], ())
        if rule["kind"] in OF_TIME:
            if is_on and (rule["kind"] == "offline" or _is_new(rule, news, now)):
                turns.append(Turn(rule, device, False))
            continue
        for name, value, at in news:
            if name != rule["name"] or at is None or now - at > LATE_MS:
                continue
            should = _is_passed(rule, value, is_on)
            if should != is_on and (is_on or count < MOST_ON):
                is_on = should
                count += 1 if is_on else -1
                turns.append(Turn(rule, device, is_on, value))
    return turns


def came(rules, on, device, now):
    """Return the Turns of a device that joined. `rules` are those of the device."""
    return [
        Turn(rule, device, False)
        for rule in rules
        if rule["kind"] == "offline"
        and device in on.get(rule["id"], ())
        and not _is_paused(rule, now)
    ]


def looked(rules, on, devices, since, now):
    """Return the Turns of the time that has passed, when to look again, and when to look if the
    Turns are not taken yet; None for never.

    `devices` are all that the room knows, as Known. Nothing counts from before `since`.
    """
    turns, dues, past, count = [], [], [], sum(map(len, on.values()))
    by_name = {device.name: device for device in devices}
    for rule in rules:
        if rule["kind"] not in OF_TIME:
            continue
        paused_until = rule.get("paused_until", 0)
        are_on = on.get(rule["id"], ())
        for device in _watched(rule, by_name):
            last = _last(rule, device)
            is_on = device.name in are_on
            if is_on and paused_until > now:
                dues.append(paused_until)
            elif is_on:
                if last is None or last + _minutes_ms(rule) > now:
                    count -= 1
                    past.append(now - GATHER_MS)
                    turns.append(Turn(rule, device.name, False))
            elif last is not None:
                due = max(max(last, since) + _minutes_ms(rule), paused_until)
                if due > now:
                    dues.append(due)
                elif count < MOST_ON:
                    count += 1
                    past.append(due)
                    turns.append(Turn(rule, device.name, True))
    return turns, _look_after(dues), _look_after(dues + past)


def first_look_ms(rules, kind):
    """Return how long after something was heard the first look for it is, by the rules of a kind:
    silent or offline. None without any.
    """
    times = [_minutes_ms(rule) for rule in rules if rule["kind"] == kind]
    return min(times) + GATHER_MS if times else None


def applied(on, turns, now):
    """Return the alerts that are on after the Turns."""
    after = dict(on)
    for rule, device, is_on, _ in turns:
        devices = dict(after.get(rule["id"], {}))
        if is_on:
            devices[device] = now
        else:
            devices.pop(device, None)
        after[rule["id"]] = devices
        if not devices:
            del after[rule["id"]]
    return after


def carried(on, before, rules):
    """Return the alerts that stay on when `rules` replace the rules `before`."""
    conditions = {rule["id"]: _condition(rule) for rule in before}
    return {
        rule["id"]: on[rule["id"]]
        for rule in rules
        if rule["id"] in on and conditions.get(rule["id"]) == _condition(rule)
    }


def without(on, rules, device):
    """Return the alerts that are on when a device is forgotten; `on` itself if that is all."""
    for rule in rules:
        if rule["device"] == EVERY_DEVICE and device in on.get(rule["id"], ()):
            on = applied(on, [Turn(rule, device, False)], 0)
    return on


def held_until(rule, now):
    """Return when the rule's quiet hours end, or 0 if they are not now."""
    quiet = rule.get("quiet")
    if quiet is None:
        return 0
    minute = now // MINUTE_MS
    local = (minute + quiet.get("offset", 0)) % DAY_MINUTES
    length = (quiet["to"] - quiet["from"]) % DAY_MINUTES
    if (local - quiet["from"]) % DAY_MINUTES >= length:
        return 0
    return (minute + (quiet["to"] - local) % DAY_MINUTES) * MINUTE_MS


def _look_after(dues):
    return min(dues) + GATHER_MS if dues else None


def _is_paused(rule, now):
    return rule.get("paused_until", 0) > now


def _minutes_ms(rule):
    return rule.get("minutes", OFFLINE_MINUTES) * MINUTE_MS


def _is_passed(rule, value, is_on):
    """Whether the alert is on after a value."""
    kind, limit = rule["kind"], rule["limit"]
    if kind == "equal":
        # In Python, True is 1.
        return value == limit and _type(value) is _type(limit)
    if _type(value) is not float:
        return is_on
    spare = rule.get("hysteresis", 0) if is_on else 0
    return value > limit - spare if kind == "above" else value < limit + spare


def _type(value):
    return type(value) if isinstance(value, (bool, str)) else float


def _is_new(rule, news, now):
    """Whether one of the values ends a rule `silent`."""
    after = now - _minutes_ms(rule)
    name = rule.get("name")
    names = (each for each, _, at in news if at is None or at > after)
    return any(name is None or each == name for each in names)


def _watched(rule, by_name):
    """Return the devices that a rule of time is about, as Known."""
    name = rule["device"]
    if name != EVERY_DEVICE:
        return (by_name.get(name) or Known(name, False, 0, {}),)
    if rule["kind"] == "offline":
        return by_name.values()
    wanted = rule.get("name")
    return [
        device
        for device in by_name.values()
        if (device.times if wanted is None else wanted in device.times)
    ]


def _last(rule, device):
    """Return the time from which the minutes of a rule count. None: the device is here."""
    if rule["kind"] == "offline":
        return None if device.is_online else device.at
    if "name" in rule:
        return device.times.get(rule["name"], 0)
    return max(device.times.values(), default=0)


def _condition(rule):
    # As text, because True is 1 in Python.
    return [repr(rule.get(field)) for field in _CONDITION]
