"""The tokens of share links. Each is signed, and says for which room it is, and until when."""

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass

EXPIRED = "the share link has expired"

# What is signed has at most 64 + 256 + 64 + 15 characters, and 3 between them.
_TOKEN = re.compile(r"share\.([A-Za-z0-9_-]{1,600})\.([A-Za-z0-9_-]{43})")
_ID_AND_TIME = re.compile(r"([A-Za-z0-9_-]{1,64})/([0-9]{1,15})")


@dataclass(frozen=True)
class Link:
    id: str
    expires: int  # ms since 1970

    def has_expired(self):
        return self.expires <= time.time() * 1000


def sign(key, party, room, link):
    """Return the token of a Link for a room. `key` is Tokens.signing_key()."""
    body = _encode(f"{party}/{room}/{link.id}/{link.expires}".encode())
    return f"share.{body}.{_signature(key, body)}"


def check(key, party, room, token):
    """Return the Link of a token. None if it is not signed, not for this room, or has expired."""
    found = _TOKEN.fullmatch(token)
    # Compared as texts, because several texts stand for the same bytes.
    if not found or not hmac.compare_digest(_signature(key, found[1]), found[2]):
        return None
    before, _, rest = _decode(found[1]).partition(f"{party}/{room}/")
    said = _ID_AND_TIME.fullmatch(rest)
    if before or not said:
        return None
    link = Link(said[1], int(said[2]))
    return None if link.has_expired() else link


def _signature(key, body):
    return _encode(hmac.digest(key, body.encode(), hashlib.sha256))


def _encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(body):
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("ascii")
    except ValueError:
        # Who knows the key can sign anything.
        return ""
