"""Readings from clients, alone or in a batch: checked, and reduced to the known fields."""

import re

from .checks import MAX_INTEGER, MessageError, check_name, check_text, check_whole, shorten

# In one reading.
MAX_VALUES = 32
# In a reading's value, or in a result's error.
MAX_STRING_CHARS = 256

_EPOCH = re.compile("[0-9a-f]{16}")
_OF_A_NUMBERED_ONE = ("n", "after", "epoch")


def check_epoch(epoch):
    """Return `epoch`, or raise MessageError. It is a secret, so error texts do not contain it."""
    if not isinstance(epoch, str) or not _EPOCH.fullmatch(epoch):
        raise MessageError("epoch: give 16 hexadecimal digits in lower case")
    return epoch


def check_reading(message):
    """Return the fields of a `reading`. Raises MessageError.

    A numbered reading becomes a batch of one reading.
    """
    if any(name in message for name in _OF_A_NUMBERED_ONE):
        return _numbered(message, [message])
    reading = _measured(message)
    if not isinstance(message.get("live", False), bool):
        raise MessageError(f"live {shorten(message['live'])}: give true or false")
    if message.get("live"):
        reading["live"] = True
    if "device" in message:
        # Only used in a POST, and checked there.
        reading["device"] = message["device"]
    return reading


def check_batch(message):
    """Return the `epoch`, `after` and `readings` of a `batch`. Raises MessageError.

    A reading that breaks a rule has only its `n` and `refused`, which says what is wrong.
    """
    items = message.get("readings")
    if not isinstance(items, list) or not items:
        raise MessageError(f"readings {shorten(items)}: give a list of one or more")
    return _numbered(message, items)


def _numbered(message, items):
    epoch = check_epoch(message.get("epoch"))
    after = before = check_whole("after", message.get("after"), 0)
    readings = []
    for item in items:
        if not isinstance(item, dict):
            raise MessageError(f"reading {shorten(item)}: give an object with n and values")
        n = check_whole("n", item.get("n"), 1)
        if n <= before:
            raise MessageError(f"n {n} does not come after {before}: numbers have to grow")
        before = n
        try:
            readings.append({"n": n, **_measured(item)})
        except MessageError as error:
            readings.append({"n": n, "refused": str(error)})
    return {"epoch": epoch, "after": after, "readings": readings}


def _measured(reading):
    """Return the `values` of a reading, and its `at` if it has one. Raises MessageError."""
    checked = {"values": _values(reading.get("values"))}
    if "at" in reading:
        checked["at"] = check_whole("at", reading["at"], -MAX_INTEGER)
    return checked


def _values(values):
    if not isinstance(values, dict) or not 1 <= len(values) <= MAX_VALUES:
        raise MessageError(
            f"values {shorten(values)}: give an object of 1 to {MAX_VALUES} names and values"
        )
    for name, value in values.items():
        check_name("value name", name)
        if not isinstance(value, (int, float, str)):
            raise MessageError(
                f"value {shorten(name)} is {shorten(value)}: give a number, string or bool"
            )
        check_text(f"value {shorten(name)}", value, MAX_STRING_CHARS)
    return values
