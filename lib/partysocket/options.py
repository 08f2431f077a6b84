"""Checks of the arguments that an application passes."""

from .presets import DEVICE, PARTYSOCKET  # noqa: F401 (others take it from here)

MOST_MS = 21_600_000  # 6 hours: ten times that is still less than the clock's half period

_MS = (
    "max_reconnection_delay min_uptime initial_spread_ms ping_interval_ms ping_timeout_ms "
    "min_reconnection_delay connection_timeout"
).split()
_PAIRS = ("min_reconnection_delay", "connection_timeout")
_COUNTS = ("max_retries", "max_enqueued_messages")
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
# Options that are not listed above take a callable.
_MAY_BE_NONE = (
    "max_retries max_enqueued_messages resend should_reconnect_on_close headers hello link "
    "watchdog transport outbox"
).split()


def checked(given, base=DEVICE):
    """Return `base` with `given` over it. Raise TypeError for an unknown option or a wrong type,
    and ValueError for a value out of range.
    """
    options = dict(base)
    for name in given:
        value = given[name]
        if name not in DEVICE or not _is_right(name, value):
            from .wrong import of_option

            raise of_option(name, value, _limits(name))
        if name in _PAIRS and isinstance(value, list):
            value = tuple(value)
        elif name == "headers" and hasattr(value, "items"):
            from .core.headers import check_header

            for header in value:
                check_header(header, value[header])
        options[name] = value
    return options


def _limits(name):
    """The limits of an option's value, or its possible values. None: neither."""
    if name in _MS:
        return (0, MOST_MS)
    if name in _COUNTS:
        return (0, 1 << 29)
    if name in _SIZES:
        return (_SIZES[name], 1 << 29)
    return _CHOICES.get(name)


def _is_right(name, value):
    if value is None and name in _MAY_BE_NONE:
        return True
    limits = _limits(name)
    if name in _CHOICES:
        return isinstance(value, str) and value in limits
    if limits:
        if name in _PAIRS and isinstance(value, (tuple, list)):
            if len(value) != 2 or not _is_right(name, value[0]) or not _is_right(name, value[1]):
                return False
            return isinstance(value[0], int) and isinstance(value[1], int) and value[0] <= value[1]
        return _is_number(value, int) and limits[0] <= value <= limits[1]
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == "reconnection_delay_grow_factor":
        return _is_number(value, (int, float)) and 0 <= value <= 1000
    if name == "headers":
        return callable(value) or hasattr(value, "items")
    if name == "link":
        return hasattr(value, "is_up") and hasattr(value, "wait_up")
    if name == "outbox":
        return hasattr(value, "attach")
    if name == "ssl":
        return isinstance(value, (bool, str, bytes, bytearray)) or hasattr(value, "wrap_socket")
    return callable(value)


def _is_number(value, types):
    return isinstance(value, types) and not isinstance(value, bool)


def url_and_protocols(url, protocols):
    """Check the `url` and the `protocols` of a socket. Return the protocols."""
    if not isinstance(url, str) and not callable(url):
        from .wrong import of_url

        raise of_url(url)
    return protocols if callable(protocols) else protocol_list(protocols)


def protocol_list(protocols):
    """Return None, a str or a list of str as a sequence of RFC 7230 tokens."""
    if not protocols:
        return ()
    if isinstance(protocols, str):
        protocols = (protocols,)
    is_list = isinstance(protocols, (tuple, list))
    for protocol in protocols if is_list else (None,):
        is_text = isinstance(protocol, str) and protocol
        for c in protocol if is_text else " ":
            if not "!" <= c <= "~" or c in '"(),/:;<=>?@[\\]{}':
                from .wrong import of_protocols

                raise of_protocols(protocols, is_list, is_text, c)
    return protocols


def check_close(code, reason):
    """Raise ValueError if an application may not send this in a Close frame (7.4.2, 5.5)."""
    from .core.utf8 import encoded

    is_code = _is_number(code, int) and (code == 1000 or 3000 <= code <= 4999)
    if not is_code or not isinstance(reason, str) or len(encoded(reason)) > 123:
        from .wrong import of_closing

        raise of_closing(code, reason, is_code)
