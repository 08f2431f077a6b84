"""Room messages from clients, checked and reduced to the known fields."""

import json
import math

from .alert_checks import check_alerts
from .checks import MessageError, check_json, check_name, check_scalar, check_whole, shorten
from .hello import check_hello
from .readings import MAX_STRING_CHARS, check_batch, check_reading

# Levels in the value of a command or result.
MAX_NESTING = 8
_LAYOUT_NESTING = 16

_ACCEPTED = "'hello', 'reading', 'batch', 'command', 'result', 'layout' or 'alerts'"
_OF_THE_SERVER = ("snapshot", "presence", "ack", "storage", "alert", "error")
_JSON_SPACE = " \t\r\n"
# Of an integer. int() refuses 4,301 digits, with an error text about itself.
_MAX_DIGITS = 400


def parse(text):
    """Return the room message in `text` with only its known fields, or None if it is not one.

    Raises MessageError if the text begins like a JSON object but is not JSON, or breaks a rule.
    """
    if not text.lstrip(_JSON_SPACE).startswith("{"):
        return None
    message = load(text)
    if "type" not in message:
        return None
    kind = message["type"]
    if kind == "hello":
        about, left_out = check_hello(message)
        return {"type": "hello", "about": about, "left_out": left_out}
    if kind == "reading":
        return {"type": "reading", **check_reading(message)}
    if kind == "batch":
        return {"type": "batch", **check_batch(message)}
    if kind == "command":
        return _command(message)
    if kind == "result":
        return _result(message)
    if kind == "layout":
        return _layout(message)
    if kind == "alerts":
        return {"type": "alerts", **check_alerts(message)}
    if kind in _OF_THE_SERVER:
        raise MessageError(f"type {kind!r} comes from the server alone: send {_ACCEPTED}")
    raise MessageError(f"unknown type {shorten(kind)}: send {_ACCEPTED}, or leave type out")


def encode(message):
    """Return `message` as compact JSON in UTF-8."""
    # Without ASCII escapes, because MicroPython's json does not join escaped surrogate pairs.
    text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def error(text, status):
    """Return an `error` message as bytes. `status` is as in HTTP."""
    return encode({"type": "error", "error": text, "status": status})


def load(text):
    """Return the JSON of a text that begins with {. Raises MessageError."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError:
        raise MessageError("nested too deeply: send flat JSON") from None
    except json.JSONDecodeError as error:
        raise MessageError(
            f"a text that begins with {{ has to be JSON: {error.msg} at character {error.pos}"
        ) from None


def _refuse_constant(name):
    raise MessageError(f"{name} is not JSON: send finite numbers")


def _integer(digits):
    return int(digits) if len(digits) <= _MAX_DIGITS else math.inf


def _command(message):
    command = {
        "type": "command",
        "device": check_name("device", message.get("device")),
        "name": check_name("name", message.get("name")),
    }
    return _with_value(command, message)


def _result(message):
    result = {"type": "result", "name": check_name("name", message.get("name"))}
    if not isinstance(message.get("ok"), bool):
        raise MessageError(f"ok {shorten(message.get('ok'))}: give true or false")
    result["ok"] = message["ok"]
    if "error" in message:
        error = message["error"]
        if not isinstance(error, str) or len(error) > MAX_STRING_CHARS:
            raise MessageError(
                f"error {shorten(error)}: give a string of at most {MAX_STRING_CHARS} characters"
            )
        check_scalar("error", error)
        result["error"] = error
    return _with_value(result, message)


def _layout(message):
    layout = message.get("layout")
    if not isinstance(layout, dict):
        raise MessageError(f"layout {shorten(layout)}: give a JSON object")
    check_json("layout", layout, _LAYOUT_NESTING)
    version = check_whole("version", message.get("version"), 0)
    return {"type": "layout", "version": version, "layout": layout}


def _with_value(checked, message):
    if "value" in message:
        check_json("value", message["value"], MAX_NESTING)
        checked["value"] = message["value"]
    return checked
