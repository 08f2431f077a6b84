"""A device's hello: what it tells of itself, checked and reduced to the fields that count."""

from .checks import MessageError, check_name, check_scalar, shorten

MAX_UNITS = 64  # as many as a device has value names
MAX_UNIT_CHARS = 16
MAX_CONTROLS = 16

_TYPES = "'button', 'switch' or 'slider'"


def check_hello(message):
    """Return the known fields of a hello, without its type; raise MessageError."""
    about = {}
    if "name" in message:
        about["name"] = check_name("name", message["name"])
    if "units" in message:
        about["units"] = _units(message["units"])
    if "controls" in message:
        about["controls"] = _controls(message["controls"])
    return about


def _units(units):
    if not isinstance(units, dict) or len(units) > MAX_UNITS:
        raise MessageError(
            f"units {shorten(units)}: give an object of at most {MAX_UNITS} value names and units"
        )
    for name, unit in units.items():
        check_name("value name", name)
        check_name(f"unit of {shorten(name)}", unit, MAX_UNIT_CHARS)
    return units


def _controls(controls):
    if not isinstance(controls, list) or len(controls) > MAX_CONTROLS:
        raise MessageError(
            f"controls {shorten(controls)}: give a list of at most {MAX_CONTROLS} objects"
        )
    checked = [_control(control) for control in controls]
    seen = set()
    for control in checked:
        if control["name"] in seen:
            raise MessageError(f"control {shorten(control['name'])} is there twice: name it once")
        seen.add(control["name"])
    return checked


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
