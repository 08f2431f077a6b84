"""Checks that all kinds of messages need, and the error that they raise."""

import math
import re
import reprlib

MAX_NAME_CHARS = 64
# JavaScript and doubles round larger integers.
MAX_INTEGER = 1 << 53

# Two names that look alike must not be two devices. So no character that shows nothing, or turns
# the direction of the text. But some scripts need joiners, and many emoji have one inside.
_SCRIPTS = "\u0600-\u1dff\ua800-\uabff\U00010a00-\U00011fff"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_INVISIBLE = (
    "\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_NOT_IN_NAMES = re.compile(
    f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_INVISIBLE}]"
    f"|(?<![{_SCRIPTS}])(?!(?<=[{_EMOJI}\ufe0f])\u200d[{_EMOJI}])[\u180e\u200c\u200d]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON escapes can make them; UTF-8 can't hold them


class MessageError(ValueError):
    """The server does not accept a message. The text says what was wrong and what is accepted."""


def check_name(what, name, most=MAX_NAME_CHARS):
    """Return `name`, or raise MessageError if it is not a name of 1 to `most` characters."""
    if not isinstance(name, str) or not 1 <= len(name) <= most:
        raise MessageError(f"{what} {shorten(name)}: give a string of 1 to {most} characters")
    if _NOT_IN_NAMES.search(name):
        raise MessageError(
            f"{what} {shorten(name)}: leave out control characters and invisible ones"
        )
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


def check_json(what, value, levels):
    """Raise MessageError for JSON with more `levels`, or what check_scalar refuses."""
    if not isinstance(value, (dict, list)):
        check_scalar(what, value)
        return
    if levels == 0:
        raise MessageError(f"{what} is nested too deeply: send fewer levels")
    for item in value.values() if isinstance(value, dict) else value:
        check_json(what, item, levels - 1)
    for key in value if isinstance(value, dict) else ():
        check_scalar(what, key)


def check_text(what, value, most):
    """Like check_scalar; and a string has at most so many characters."""
    check_scalar(what, value)
    if isinstance(value, str) and len(value) > most:
        raise MessageError(f"{what} has {len(value)} characters: at most {most}")


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
