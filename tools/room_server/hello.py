"""A device's hello: what it says about itself, reduced to the valid parts of the known fields.

Parts that break a rule are left out. Such a part is (kind, text): the kind is "name", "units",
"unit", "controls" or "control", the text is `what was wrong: what is accepted`.
"""

from itertools import islice

from .checks import MessageError, check_name, check_scalar, shorten

# As many as a device has value names.
MAX_UNITS = 64
MAX_UNIT_CHARS = 16
MAX_CONTROLS = 16
# Length of the sentence about the parts that are left out.
MAX_TOLD_CHARS = 256

_TYPES = "'button', 'switch' or 'slider'"


def check_hello(message):
    """Return the known fields of a hello, without its type, and the list of parts left out."""
    about, left_out = {}, []
    for field, check in (("name", _name), ("units", _units), ("controls", _controls)):
        if field in message:
            try:
                about[field] = check(message[field], left_out)
            except MessageError as error:
                left_out.append((field, str(error)))
    return about, left_out


def complaint(left_out):
    """Return the sentence for the device: as many parts as fit, each with its remedy."""
    texts = [_cut(text) for _, text in left_out]
    return _joined("left out of the hello: ", texts)


def summary(left_out):
    """Return the same for a log, without contents of the hello, which may be secret."""
    remedies = [f"{kind}: {_split(text)[1]}" for kind, text in left_out]
    return _joined("left out of its hello: ", list(dict.fromkeys(remedies)))


def _name(name, _):
    return check_name("name", name)


def _units(units, left_out):
    if not isinstance(units, dict):
        raise MessageError(f"units {shorten(units)}: give an object of value names and units")
    checked = {}
    # Only so many are checked. To report what is wrong with thousands would take long.
    for name, unit in islice(units.items(), MAX_UNITS):
        try:
            check_name("value name", name)
            checked[name] = check_name(f"unit of {shorten(name)}", unit, MAX_UNIT_CHARS)
        except MessageError as error:
            left_out.append(("unit", str(error)))
    _note_more(len(units), MAX_UNITS, "unit", left_out)
    return checked


def _controls(controls, left_out):
    if not isinstance(controls, list):
        raise MessageError(f"controls {shorten(controls)}: give a list of objects")
    # By name, in their order.
    checked = {}
    for control in controls[:MAX_CONTROLS]:
        try:
            one = _control(control)
            if one["name"] in checked:
                raise MessageError(f"control {shorten(one['name'])} is there twice: name it once")
            checked[one["name"]] = one
        except MessageError as error:
            left_out.append(("control", str(error)))
    _note_more(len(controls), MAX_CONTROLS, "control", left_out)
    return list(checked.values())


def _control(control):
    if not isinstance(control, dict):
        raise MessageError(f"control {shorten(control)}: give an object with name and type")
    name = check_name("control name", control.get("name"))
    kind = control.get("type")
    if kind not in ("button", "switch", "slider"):
        raise MessageError(f"control {shorten(name)} has type {shorten(kind)}: give {_TYPES}")
    checked = {"name": name, "type": kind}
    if "label" in control:
        checked["label"] = check_name(f"label of control {shorten(name)}", control["label"])
    if kind == "slider":
        checked.update(_range(f"slider {shorten(name)}", control))
    return checked


def _range(what, control):
    low = _number(f"min of {what}", control.get("min"))
    high = _number(f"max of {what}", control.get("max"))
    if low >= high:
        raise MessageError(f"{what} goes from {low} to {high}: give a min below its max")
    if "step" not in control:
        return {"min": low, "max": high}
    step = _number(f"step of {what}", control["step"])
    if step <= 0:
        raise MessageError(f"step of {what} is {step}: give a number above 0")
    return {"min": low, "max": high, "step": step}


def _number(what, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise MessageError(f"{what} is {shorten(value)}: give a number")
    check_scalar(what, value)
    return value


def _note_more(count, most, kind, left_out):
    if count > most:
        left_out.append((kind, f"{count - most} more {kind}s: give at most {most}"))


def _split(text):
    """Return what was wrong and what is accepted. The second part has no colon."""
    wrong, _, accepted = text.rpartition(": ")
    return wrong, accepted


def _cut(text):
    """Shorten what was wrong, if the text is so long that no other would fit beside it."""
    wrong, accepted = _split(text)
    most = MAX_TOLD_CHARS // 2 - len(accepted)
    return text if len(wrong) <= most else f"{wrong[: most - 3]}...: {accepted}"


def _joined(start, texts):
    """Join as many of the texts as fit, and add the number of the others."""
    for count in range(len(texts), 0, -1):
        rest = len(texts) - count
        told = start + "; ".join(texts[:count]) + (f"; and {rest} more" if rest else "")
        if len(told) <= MAX_TOLD_CHARS:
            break
    return told
