"""Which room a request is for, and whether it may come in: path, token and origin."""

import hmac
import re

_SCHEME_AND_HOST = re.compile(r"https?://[^/?]*", re.IGNORECASE)


def room_of(target):
    """Return (party, room) of a raw request target, or None if it names no room.

    Both stay as they came, percent-encoded. What follows the room is left out.
    """
    path = _SCHEME_AND_HOST.sub("", target, count=1) if target[:1] != "/" else target
    parts = path.partition("?")[0].split("/")
    if len(parts) < 4 or parts[:2] != ["", "parties"] or not parts[2] or not parts[3]:
        return None
    return parts[2], parts[3]


def has_token(token, authorization, query_token):
    """True if either the Authorization header or the query's token is the server's `token`."""
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    # No short cut between the two: both comparisons always run, each in constant time.
    return _same(token, bearer) | _same(token, query_token or "")


def _same(token, given):
    return hmac.compare_digest(token.encode(), given.encode(errors="backslashreplace"))


def is_own_origin(origin, host):
    """True if a browser's `origin` has the host and port that the request was sent to."""
    _, separator, origin_host = origin.partition("://")
    return bool(separator) and bool(host) and origin_host.lower() == host.lower()
