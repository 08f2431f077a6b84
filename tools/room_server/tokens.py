"""Tokens: who may enter which room. Neither an answer nor its duration shows which rooms exist."""

import hashlib
import hmac
import re
from typing import NamedTuple

# May see a room's state and messages, but not send any.
READ = "read"
WRITE = "write"
# The place of a token that opens every room.
EVERYWHERE = "*"
# Each of them is compared for every request.
MAX_TOKENS = 1000
# Of a token that signs: what it has signed lets others try guesses of it, as fast as they can.
MIN_KEY_CHARS = 16

_TOKEN = re.compile(r"[!-~]{1,256}")
_PLACE = re.compile(r"\*|(?:[a-z0-9_.-]{1,64}/)?[!-.0-~]{1,256}")


class TokenError(ValueError):
    """A token or its place is invalid. The text never contains a token."""


class _Entry(NamedTuple):
    place: str
    digest: bytes
    access: str
    is_long: bool


class Tokens:
    """The tokens and their rooms. Without any token every room is open. Else a room is closed
    unless a token opens it.
    """

    def __init__(self, entries=()):
        """`entries` are (place, token, access): EVERYWHERE, `ROOM` or `PARTY/ROOM`; READ or WRITE.

        Raises TokenError.
        """
        self._entries = [_checked(*entry) for entry in entries]
        if len(self._entries) > MAX_TOKENS:
            raise TokenError(f"{len(self._entries)} tokens: at most {MAX_TOKENS}")

    def __bool__(self):
        return bool(self._entries)

    def access(self, party, room, given):
        """Return the most that the `given` tokens allow in a room: WRITE, READ or None."""
        if not self._entries:
            return WRITE
        return self._access((EVERYWHERE, room, f"{party}/{room}"), given)

    def access_everywhere(self, given):
        """Return the most that the `given` tokens allow in all rooms at once, or None."""
        return self._access((EVERYWHERE,), given) if self._entries else WRITE

    def signing_key(self, party, room):
        """Return the key for links to a room: of all tokens that may write there, so that a change
        of any of them makes another key. None if there is none, or all are short.
        """
        places = (EVERYWHERE, room, f"{party}/{room}")
        writing = [e for e in self._entries if e.place in places and e.access == WRITE]
        if not any(entry.is_long for entry in writing):
            return None
        digests = sorted({entry.digest for entry in writing})
        return hashlib.sha256(b"".join([b"partysocket share", *digests])).digest()

    def _access(self, places, given):
        digests = [_digest(token) for token in given]
        allowed = set()
        # Every token is compared, so that the time is the same for every room.
        for entry in self._entries:
            is_known = False
            for digest in digests:
                is_known |= hmac.compare_digest(entry.digest, digest)
            if is_known and entry.place in places:
                allowed.add(entry.access)
        return WRITE if WRITE in allowed else READ if READ in allowed else None


def is_token(text):
    """Whether a text can be a token."""
    return _TOKEN.fullmatch(text) is not None


def tokens_of(authorization, query_token):
    """Return the tokens of a request: from its Authorization header and its query."""
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    return [token for token in (bearer, query_token) if token]


def read_file(path):
    """Return the entries of a file with `PLACE TOKEN` or `PLACE TOKEN read` on each line.

    Empty lines and lines that begin with `#` are skipped. Raises TokenError.
    """
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read(1 << 20).splitlines()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise TokenError(f"{path} cannot be read: {reason}") from None
    entries = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) not in (2, 3) or words[2:] not in ([], [READ]):
            raise TokenError(f"{path}, line {number}: write PLACE TOKEN, or PLACE TOKEN read")
        try:
            entry = (words[0], words[1], READ if words[2:] else WRITE)
            _checked(*entry)
        except TokenError as error:
            raise TokenError(f"{path}, line {number}: {error}") from None
        entries.append(entry)
    return entries


def _checked(place, token, access):
    if not _PLACE.fullmatch(place):
        raise TokenError("the place of a token: give ROOM, PARTY/ROOM or *")
    if not is_token(token):
        raise TokenError("token: give 1 to 256 ASCII characters without spaces")
    return _Entry(place, _digest(token), access, len(token) >= MIN_KEY_CHARS)


def _digest(token):
    # All digests have one length, because the time of compare_digest depends on the length.
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
