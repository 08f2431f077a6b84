"""Checks the message that sets a room's rules of alerts, and reduces it to the known fields."""

from .checks import MessageError, check_name, check_scalar, check_text, check_whole, shorten
from .readings import MAX_STRING_CHARS

MOST_RULES = 100
MOST_TARGETS = 8
MAX_TEXT_CHARS = 128
# A week.
MAX_MINUTES = 10080
DAY_MINUTES = 1440
# No place on earth is further ahead of UTC, or behind it.
MAX_OFFSET = 840

OF_VALUES = ("above", "below", "equal")
OF_TIME = ("silent", "offline")


def check_alerts(message):
    """Return the `version` and `rules` of an `alerts` message. Raises MessageError."""
    version = check_whole("version", message.get("version"), 0)
    rules = message.get("rules")
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise MessageError(f"rules {shorten(rules)}: give a list of at most {MOST_RULES}")
    checked = {}
    for rule in rules:
        one = _rule(rule)
        if one["id"] in checked:
            raise MessageError(f"rule {shorten(one['id'])} is there twice: name it once")
        checked[one["id"]] = one
    return {"version": version, "rules": list(checked.values())}


def check_targets(rules, known):
    """Raise MessageError if a rule has a target that is not among the `known` names."""
    for rule in rules:
        for target in rule.get("targets", ()):
            if target not in known:
                text = "give names that the operator of the server has set"
                raise MessageError(f"target {shorten(target)}: {text}")


def _rule(rule):
    if not isinstance(rule, dict):
        raise MessageError(f"rule {shorten(rule)}: give an object")
    id = check_name("id of a rule", rule.get("id"))
    of = f" of rule {shorten(id)}"
    kind = rule.get("kind")
    if kind not in (*OF_VALUES, *OF_TIME):
        accepted = "give above, below, equal, silent or offline"
        raise MessageError(f"kind {shorten(kind)}{of}: {accepted}")
    checked = {"id": id, "device": check_name("device" + of, rule.get("device")), "kind": kind}
    if kind == "offline":
        _refuse(rule, "name", of, "not with offline")
    elif kind in OF_VALUES or "name" in rule:
        checked["name"] = check_name("name" + of, rule.get("name"))
    checked.update(_condition(rule, kind, of))
    if "paused_until" in rule:
        checked["paused_until"] = check_whole("paused_until" + of, rule["paused_until"], 0)
    if "quiet" in rule:
        checked["quiet"] = _quiet(rule["quiet"], of)
    if "targets" in rule:
        checked["targets"] = _targets(rule["targets"], of)
    if "text" in rule:
        checked["text"] = check_name("text" + of, rule["text"], MAX_TEXT_CHARS)
    return checked


def _condition(rule, kind, of):
    """Return the `limit`, `hysteresis` and `minutes` of a rule."""
    condition = {}
    if kind in OF_TIME:
        for field in ("limit", "hysteresis"):
            _refuse(rule, field, of, "only with above, below or equal")
        if kind == "silent" or "minutes" in rule:
            minutes = rule.get("minutes")
            condition["minutes"] = check_whole("minutes" + of, minutes, 1, MAX_MINUTES)
        return condition
    _refuse(rule, "minutes", of, "only with silent or offline")
    limit = rule.get("limit")
    if kind == "equal":
        if not isinstance(limit, (int, float, str)):
            raise MessageError(f"limit{of} is {shorten(limit)}: give a number, string or bool")
        check_text("limit" + of, limit, MAX_STRING_CHARS)
        _refuse(rule, "hysteresis", of, "only with above or below")
    else:
        _check_number("limit" + of, limit)
    condition["limit"] = limit
    if "hysteresis" in rule:
        _check_number("hysteresis" + of, rule["hysteresis"])
        if rule["hysteresis"] < 0:
            raise MessageError(f"hysteresis{of} is {rule['hysteresis']}: give 0 or more")
        condition["hysteresis"] = rule["hysteresis"]
    return condition


def _quiet(quiet, of):
    if not isinstance(quiet, dict):
        raise MessageError(f"quiet{of} is {shorten(quiet)}: give an object with from and to")
    checked = {
        field: check_whole(f"{field} of quiet{of}", quiet.get(field), 0, DAY_MINUTES - 1)
        for field in ("from", "to")
    }
    if checked["from"] == checked["to"]:
        raise MessageError(f"quiet{of}: give a from and a to that are not the same")
    if "offset" in quiet:
        what = f"offset of quiet{of}"
        checked["offset"] = check_whole(what, quiet["offset"], -MAX_OFFSET, MAX_OFFSET)
    return checked


def _targets(targets, of):
    if not isinstance(targets, list) or len(targets) > MOST_TARGETS:
        raise MessageError(f"targets{of}: give a list of at most {MOST_TARGETS} names")
    for target in targets:
        if not isinstance(target, str):
            text = "give the name of one that the operator has set"
            raise MessageError(f"target {shorten(target)}{of}: {text}")
    return list(dict.fromkeys(targets))


def _check_number(what, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise MessageError(f"{what} is {shorten(value)}: give a number")
    check_scalar(what, value)


def _refuse(rule, field, of, where):
    if field in rule:
        raise MessageError(f"{field}{of}, {where}: leave it out")
