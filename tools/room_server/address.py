"""Finds the room that a request is for, and checks whether its origin is the server's own."""

import re

_SCHEME_AND_HOST = re.compile(r"https?://[^/?]*", re.IGNORECASE)


def room_of(target):
    """Return (party, room) of a raw request target, or None if it names no room.

    Both stay percent-encoded. The path after the room is left out.
    """
    path = _SCHEME_AND_HOST.sub("", target, count=1) if target[:1] != "/" else target
    parts = path.partition("?")[0].split("/")
    if len(parts) < 4 or parts[:2] != ["", "parties"] or not parts[2] or not parts[3]:
        return None
    return parts[2], parts[3]


def is_own_origin(origin, host):
    """True if a browser's `origin` has the host and port to which the request was sent."""
    _, separator, origin_host = origin.partition("://")
    return bool(separator) and bool(host) and origin_host.lower() == host.lower()
