"""What a GET asks for in its query: some devices, and a part of their history or none of it."""

import re
from dataclasses import dataclass

from .answers import Refusal
from .checks import shorten
from .history import Part

_MOST_POINTS = 2000
_MOST_SERIES = 8
_POINTS = 300
_FOREVER = 1 << 53
_SELECTS = ("since", "until", "points", "device", "name")


@dataclass(frozen=True)
class Chosen:
    """These devices and names. None: all."""

    devices: frozenset | None
    names: frozenset | None

    def has_device(self, device):
        return self.devices is None or device in self.devices

    def has_name(self, name):
        return self.names is None or name in self.names


@dataclass(frozen=True)
class Wanted(Chosen):
    """Devices and names, and a part of their history (None: without it)."""

    part: Part | None

    def check_count(self, count):
        """Raise Refusal if that is too many series."""
        if count > _MOST_SERIES:
            text = f"{count} series: ask for at most {_MOST_SERIES}, with device= and name="
            raise Refusal(400, text)


def wanted_of(query):
    """Return the Wanted that a query asks for, or None if it does not choose. Raises Refusal."""
    history = query.get("history", "1")
    if history not in ("0", "1"):
        raise Refusal(400, f"history {shorten(history)}: give 0, or leave it out")
    if history == "1" and not any(key in query for key in _SELECTS):
        return None
    since, until = range_of(query)
    points = query.get("points", str(_POINTS))
    if not re.fullmatch("[0-9]{1,9}", points) or not 1 <= int(points) <= _MOST_POINTS:
        raise Refusal(400, f"points {shorten(points)}: give a whole number, 1 to {_MOST_POINTS}")
    part = Part(since, until, int(points)) if history == "1" else None
    return Wanted(*chosen(query), part)


def range_of(query):
    """Return (since, until) of a query; without them, all that can be kept. Raises Refusal."""
    since, until = _time(query, "since", -_FOREVER), _time(query, "until", _FOREVER)
    if since >= until:
        raise Refusal(400, f"until {until}: give a time after since, {since}")
    return since, until


def chosen(query):
    """Return the devices and the names that a query chooses, each None if it does not choose."""
    keys = "device", "name"
    return [frozenset(query.getall(key)) if key in query else None for key in keys]


def _time(query, key, preset):
    text = query.get(key)
    if text is None:
        return preset
    if not re.fullmatch("-?[0-9]{1,15}", text):
        raise Refusal(400, f"{key} {shorten(text)}: give ms since 1970")
    return int(text)
