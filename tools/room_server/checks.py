"""Checks that all kinds of messages need, and the error that they raise."""

import math
import re
import reprlib

MAX_NAME_CHARS = 64
# JavaScript and doubles round larger integers.
MAX_INTEGER = 1 << 53

_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# JSON escapes can make surrogates, but UTF-8 can't encode them.
_SURROGATE = re.compile("[\ud800-\udfff]")


class MessageError(ValueError):
    """The server does not accept a message. The text says what was wrong and what is accepted."""


def check_name(what, name, most=MAX_NAME_CHARS):
    """Return `name`, or raise MessageError if it is not a name of 1 to `most` characters."""
    if not isinstance(name, str) or not 1 <= len(name) <= most:
        raise MessageError(f"{what} {shorten(name)}: give a string of 1 to {most} characters")
    if _NOT_IN_NAMES.search(name):
        raise MessageError(f"{what} {shorten(name)}: leave out control characters")
    return name


def check_scalar(what, value):
    """Raise MessageError for a number or string that some clients or servers can't read."""
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise MessageError(f"{what} has half a surrogate pair: send whole characters")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise MessageError(f"{what} is too large: send finite numbers, integers to 2**53")
    elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise MessageError(f"{what} is {shorten(value)}: integers go from -2**53 to 2**53")


def check_whole(what, value, low, high=MAX_INTEGER):
    """Return `value` as an int; MessageError if it is not a whole number from `low` to `high`."""
    # JavaScript has only one kind of number, so it may write 5 as 5.0.
    is_whole = isinstance(value, int) or isinstance(value, float) and value.is_integer()
    if not is_whole or isinstance(value, bool) or not low <= value <= high:
        raise MessageError(f"{what} {shorten(value)}: give a whole number from {low} to {high}")
    return int(value)


def shorten(value):
    """Return `value` for an error message: printable, and always short."""
    return _shortener.repr(value)


_shortener = reprlib.Repr()
_shortener.maxdict = _shortener.maxlist = 2
_shortener.maxlevel = 2
_shortener.maxstring = 40
