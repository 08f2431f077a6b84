"""Notifications that wait for a target: what is in one, in which order they go, and when again.

Pure: no clock, no network, no store. A notice is an object as it is stored; it is never changed,
but replaced. `now` is in ms since 1970.
"""

from .ages import DAY_MS
from .alert_rules import OFFLINE_MINUTES, held_until

MOST_WAITING = 100  # of a room
MOST_EVENTS = 50  # that one names; the others are counted
GIVE_UP_MS = 3 * DAY_MS
LONGEST_WAIT_MS = 3600000

_MOST_LINES = 10
# ntfy refuses more than 4,096, or makes a file of it. Any one line fits.
_MOST_BYTES = 3800
_OF_THE_RULE = ("name", "limit", "minutes", "text")


def event_of(turn, about, now):
    """Return what a notification says of a Turn. `about` is the device's hello."""
    rule = turn.rule
    event = {"rule": rule["id"], "device": turn.device, "on": turn.is_on, "at": now}
    event["kind"] = rule["kind"]
    event.update((field, rule[field]) for field in _OF_THE_RULE if field in rule)
    if rule["kind"] == "offline":
        event.setdefault("minutes", OFFLINE_MINUTES)
    if turn.value is not None:
        event["value"] = turn.value
    if "name" in about:
        event["title"] = about["name"]
    if unit := about.get("units", {}).get(rule.get("name")):
        event["unit"] = unit
    return event


def with_turns(waiting, turns, abouts, targets, now, new_id, flying=()):
    """Return the notices that are new, or replace those with the same `uid`.

    `waiting`: the room's notices, {uid: notice}, in order. `abouts`: {device: its hello}.
    `targets`: the names that the operator has set. `flying`: the uids that are on their way.
    """
    after, changed = dict(waiting), {}
    for turn in turns:
        event = event_of(turn, abouts.get(turn.device, {}), now)
        hold = held_until(turn.rule, now)
        for target in turn.rule.get("targets", ()):
            if target in targets:
                notice = _with_event(after, target, hold, event, now, new_id, flying)
                after[notice["uid"]] = changed[notice["uid"]] = notice
    return changed


def next_of(waiting, now):
    """Return the notice of one target that goes now, or None; and if None, when one may go.

    `waiting`: the target's notices, in order.
    """
    held = [notice["hold"] for notice in waiting if notice["hold"] > now]
    ready = [notice for notice in waiting if notice["hold"] <= now]
    if ready:
        first = min(ready, key=_ready_at)
        if first["due"] <= now:
            return first, None
        held.append(first["due"])
    return None, min(held, default=None)


def failed(notice, why, every_ms, chance, now):
    """Return the notice after a try that failed, or None if it is given up. `chance`: 0 to 1."""
    if now - _ready_at(notice) >= GIVE_UP_MS:
        return None
    longest = min(LONGEST_WAIT_MS, 2 * every_ms * 2 ** min(notice["tries"], 30))
    due = now + int(longest * (0.5 + chance / 2))
    return {**notice, "tries": notice["tries"] + 1, "error": why, "due": due}


def id_of(notice):
    """Return its id for the receiver. If it says more than before, the id is another."""
    return f"{notice['uid']}-{notice['count']}"


def title_of(notice, room):
    count, began = notice["count"], notice["began"]
    over = count - began
    if began and over:
        alerts = "alert" if began == 1 else "alerts"
        return f"{began} {alerts} began, {over} over in {room}"
    alerts = "Alert" if count == 1 else f"{count} alerts"
    return f"{alerts} in {room}" if began else f"{alerts} over in {room}"


def text_of(notice):
    """Return a line for each of the first events, as many as fit."""
    lines, left = [], _MOST_BYTES
    for event in notice["events"][:_MOST_LINES]:
        line = _line(event)
        left -= len(line.encode()) + 1
        if left < 0:
            break
        lines.append(line)
    if notice["count"] > len(lines):
        lines.append(f"and {notice['count'] - len(lines)} more")
    return "\n".join(lines)


def _ready_at(notice):
    return max(notice["hold"], notice["at"])


def _with_event(waiting, target, hold, event, now, new_id, flying):
    open_ones = [
        notice
        for notice in waiting.values()
        if notice["target"] == target and not notice["tries"] and notice["uid"] not in flying
    ]
    same = [notice for notice in open_ones if notice["hold"] == hold]
    if not same and len(waiting) >= MOST_WAITING:
        same = open_ones
    if not same:
        notice = {"uid": new_id(), "target": target, "at": now, "hold": hold, "due": now}
        empty = {"tries": 0, "count": 0, "began": 0, "events": []}
        return _joined({**notice, **empty}, event)
    return _joined(same[-1], event)


def _joined(notice, event):
    events = notice["events"]
    if len(events) < MOST_EVENTS:
        events = [*events, event]
    count, began = notice["count"] + 1, notice["began"] + event["on"]
    return {**notice, "count": count, "began": began, "events": events}


def _line(event):
    who = event.get("title", event["device"])
    text = f". {event['text']}" if "text" in event else ""
    return f"{who}: {_what(event)}{text}"


def _what(event):
    kind, name, is_on = event["kind"], event.get("name"), event["on"]
    if kind == "offline":
        return f"offline for {_minutes(event)}" if is_on else "no longer offline"
    if kind == "silent":
        if is_on:
            return f"no {name or 'value'} for {_minutes(event)}"
        return f"{name} comes again" if name else "values come again"
    value, limit = _shown(event["value"], event), _shown(event["limit"], event)
    if kind == "equal":
        return f"{name} is {value}" if is_on else f"{name} is {value}, no longer {limit}"
    return f"{name} {value}, {'' if is_on else 'no longer '}{kind} {limit}"


def _minutes(event):
    minutes = event["minutes"]
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _shown(value, event):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    # 21.0 is 21, as in JSON from other languages.
    is_whole = abs(value) < 1e15 and value == int(value)
    text = str(int(value) if is_whole else value)
    return f"{text} {event['unit']}" if "unit" in event else text
