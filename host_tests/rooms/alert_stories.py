"""The stories of contract/alerts.json: times, and what is expected of each."""

import json
import re
from itertools import groupby
from pathlib import Path

from rooms.local import NOW

CASES = json.loads((Path(__file__).with_name("contract") / "alerts.json").read_text())
STORIES = CASES["stories"]
TARGETS = {"phone": "ntfy", "hook": "webhook"}

_UNITS = {"s": 1000, "m": 60000, "h": 3600000}
# The time in which many devices come or go.
_SPREAD_MS = 25000


def time_of(text):
    """The time of a story in ms since 1970, or None."""
    if text is None:
        return None
    parts = re.findall(r"([+-])(\d+)([smh])", "" if text == "0" else text)
    assert text == "0" or "".join(map("".join, parts)) == text, text
    return NOW + sum(int(sign + n) * _UNITS[unit] for sign, n, unit in parts)


def rules_of(rules):
    """Return the rules with times in ms."""
    return [
        {**rule, "paused_until": time_of(rule["paused_until"])} if "paused_until" in rule else rule
        for rule in rules
    ]


def steps_of(story):
    """Return what happens, in order: (when, action, ...)."""
    count = story.get("many")
    steps = []
    for at, action, *rest in story["steps"]:
        if count and action in ("join", "leave"):
            step_ms = _SPREAD_MS / count
            steps += [
                (time_of(at) + int(n * step_ms), action, f"{rest[0]}{n}") for n in range(count)
            ]
        else:
            steps.append((time_of(at), action, *rest))
    return steps


def expected_turns(story):
    """Return {when: (pairs that begin, pairs that end)}, net of each moment; None if the story
    does not say.
    """
    if "turns" not in story:
        return None
    found = {}
    for at, turns in groupby(story["turns"], key=lambda turn: turn[0]):
        net = {}
        for _, rule, device, is_on in turns:
            first, _ = net.get((rule, device), (is_on, None))
            net[rule, device] = (first, is_on)
        # What begins and ends at once is not told.
        told = {pair: last for pair, (first, last) in net.items() if first == last}
        if told:
            pairs = lambda wanted: [list(pair) for pair, on in told.items() if on == wanted]  # noqa: E731, B023
            found[time_of(at)] = (sorted(pairs(True)), sorted(pairs(False)))
    return found


def expected_sent(story):
    """Return [(when, target, count, [[rule, device, is on], ...])], or None."""
    if "sent" not in story:
        return None
    return [(time_of(at), target, count, events) for at, target, count, *events in story["sent"]]


def as_sent(at, notice, story):
    """Return a notice that was sent at this time in the same form."""
    events = [[event["rule"], event["device"], event["on"]] for event in notice["events"]]
    return at, notice["target"], notice["count"], [] if "many" in story else events
