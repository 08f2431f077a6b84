"""Commands from the broker, checked against the controls of the device's hello."""

import json
import math

from .discovery import OFF, ON, PRESS

# The longest number that is a value.
_MOST_BYTES = 64
# A value may be so much of a step beside one, because of rounding.
_BESIDE = 1e-6


class Refusal(Exception):
    """A command is not passed on. The text says why, and what is accepted."""


def order_of(about, device, name, payload):
    """Return the room's command for what came from the broker. `about`: the device's hello.

    Raises Refusal.
    """
    controls = {control["name"]: control for control in about.get("controls", ())}
    if name not in controls:
        known = ", ".join(map(repr, controls)) or "none"
        raise Refusal(f"no control {name!r}: the device has {known}")
    control = controls[name]
    command = {"type": "command", "device": device, "name": name}
    text = payload.decode(errors="replace") if len(payload) <= _MOST_BYTES else ""
    kind = control["type"]
    if kind == "button":
        if text != PRESS:
            raise Refusal(f"{name!r} is a button: send {PRESS}")
        return command
    if kind == "switch":
        if text not in (ON, OFF):
            raise Refusal(f"{name!r} is a switch: send {ON} or {OFF}")
        return {**command, "value": text == ON}
    return {**command, "value": _number(control, text)}


def _number(control, text):
    low, high, step = control["min"], control["max"], control.get("step")
    accepted = f"{control['name']!r} is a slider: send a number from {low} to {high}"
    if step is not None:
        accepted += f", in steps of {step}"
    try:
        value = json.loads(text, parse_constant=float)
    except (ValueError, RecursionError):
        raise Refusal(accepted) from None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise Refusal(accepted)
    if step is not None:
        steps = (value - low) / step
        # The end of the range is always one.
        is_beside = not math.isfinite(steps) or abs(steps - round(steps)) > _BESIDE
        if is_beside and value != high:
            raise Refusal(accepted)
    return value
