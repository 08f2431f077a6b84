"""Checks what an application passes in, and says what is wrong with it and how."""

from .presets import DEVICE, PARTYSOCKET  # noqa: F401 (others take it from here)

MOST_MS = 21_600_000  # 6 hours: ten times that is still less than the clock's half period

_MS = (
    "max_reconnection_delay min_uptime initial_spread_ms ping_interval_ms ping_timeout_ms "
    "min_reconnection_delay connection_timeout"
).split()
_PAIRS = ("min_reconnection_delay", "connection_timeout")
_COUNTS = ("max_retries", "max_enqueued_messages")  # None: endless
_SIZES = {
    "queue_bytes": 16,
    "receive_bytes": 128,
    "max_message_bytes": 1,
}  # with the least that makes sense
_FLAGS = ("start_closed", "debug")
_CHOICES = {
    "jitter": ("full", "equal", "none"),
    "overflow": ("drop-oldest", "drop-newest", "error"),
    "retry_rules": ("by-cause", "always"),
    "connection_id": ("stable", "fresh"),
    "resend": ("unconfirmed",),
}
_CALLABLES = ("should_reconnect_on_close", "transport", "debug_logger", "hello", "watchdog")


def checked(given, base=DEVICE):
    """`base` with `given` over it. TypeError: unknown or of the wrong type; ValueError: out of
    range.
    """
    options = dict(base)
    for name in given:
        if name not in DEVICE:
            raise TypeError("unknown option %r" % name)
        options[name] = _check(name, given[name])
    return options


def _check(name, value):
    if name in _MS:
        if name in _PAIRS and isinstance(value, (tuple, list)):
            if len(value) != 2:
                raise ValueError("%s takes ms, or a pair of them, not %r" % (name, value))
            low, high = _whole(name, value[0], 0, MOST_MS), _whole(name, value[1], 0, MOST_MS)
            if low > high:
                raise ValueError("%s: the pair %r begins above its end" % (name, value))
            return (low, high)
        return _whole(name, value, 0, MOST_MS)
    if name in _COUNTS:
        return None if value is None else _whole(name, value, 0, 1 << 29)
    if name in _SIZES:
        return _whole(name, value, _SIZES[name], 1 << 29)
    if name in _CHOICES and (value is not None or name != "resend"):
        if not isinstance(value, str):
            raise TypeError("%s is a str, not %r" % (name, value))
        if value not in _CHOICES[name]:
            raise ValueError("%s is one of %s, not %r" % (name, ", ".join(_CHOICES[name]), value))
    elif name in _FLAGS:
        if not isinstance(value, bool):
            raise TypeError("%s is True or False, not %r" % (name, value))
    elif name in _CALLABLES:
        if not callable(value) and (value is not None or name == "debug_logger"):
            # Only the type: `hello` given as its message may hold a token.
            raise TypeError("%s is a callable, not %s" % (name, type(value).__name__))
    elif name == "reconnection_delay_grow_factor":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError("%s is a number, not %r" % (name, value))
        if not 0 <= value <= 1000:
            raise ValueError("%s lies between 0 and 1000, not %r" % (name, value))
    elif name == "headers" and value is not None and not callable(value):
        if not hasattr(value, "items"):
            raise TypeError("headers is a mapping, or a callable that gives one")
        from .core.headers import check_header

        for header in value:
            check_header(header, value[header])
    elif name == "link" and value is not None:
        if not hasattr(value, "is_up") or not hasattr(value, "wait_up"):
            raise TypeError("link has is_up() and async wait_up(), as partysocket.wifi.WiFi does")
    elif name == "ssl" and not isinstance(value, (bool, str, bytes, bytearray)):
        if not hasattr(value, "wrap_socket"):
            raise TypeError(
                "ssl is an SSLContext, a path, bytes, True or False, not " + type(value).__name__
            )
    return value


def _whole(name, value, least, most):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s is a whole number, not %r" % (name, value))
    if not least <= value <= most:
        raise ValueError("%s lies between %d and %d, not %d" % (name, least, most, value))
    return value


def url_and_protocols(url, protocols):
    """The `protocols` of a socket, checked, as its `url` is."""
    if not isinstance(url, str) and not callable(url):
        raise TypeError("url is a str, or a callable that gives one, not " + type(url).__name__)
    return protocols if callable(protocols) else protocol_list(protocols)


def protocol_list(protocols):
    """None, a str or a list of str, as a sequence of RFC 7230 tokens."""
    if not protocols:
        return ()
    if isinstance(protocols, str):
        protocols = (protocols,)
    if not isinstance(protocols, (tuple, list)):
        raise TypeError("Invalid protocols: not str or a list, %s" % type(protocols).__name__)
    for protocol in protocols:
        if not isinstance(protocol, str) or not protocol:
            raise TypeError("Invalid protocols: one is empty, or no str")
        for c in protocol:
            if not "!" <= c <= "~" or c in '"(),/:;<=>?@[\\]{}':
                raise ValueError("Invalid protocols: %r in one, which is no token then" % c)
    return protocols


def check_close(code, reason):
    """Raise ValueError for what an application can't put in a Close frame (7.4.2, 5.5)."""
    if (
        isinstance(code, bool)
        or not isinstance(code, int)
        or not (code == 1000 or 3000 <= code <= 4999)
    ):
        raise ValueError("a close code is 1000 or 3000 to 4999, not %r" % (code,))
    from .core.utf8 import encoded

    if not isinstance(reason, str) or len(encoded(reason)) > 123:
        raise ValueError("a close reason is a str of at most 123 bytes, not %r" % (reason,))
