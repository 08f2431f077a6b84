"""Decides who may come in: by the tokens of a request, and by the origin of a browser's page."""

from dataclasses import dataclass

from . import address
from .answers import Refusal
from .checks import shorten
from .links import Link
from .tokens import READ, tokens_of

_WANTS_TOKEN = "give the room's token: `Authorization: Bearer <token>` or `?token=<token>`"
_WRONG_TOKEN = "your token does not open this: " + _WANTS_TOKEN


@dataclass(frozen=True)
class Visit:
    """What a request may do."""

    only_reads: bool
    # The share link by which it came, or None.
    link: Link | None = None


class Admission:
    def __init__(self, settings, shares):
        self._settings = settings
        self._shares = shares

    def to_room(self, request, party, room):
        """Return the Visit; raise Refusal if no token opens this room."""
        given = _tokens(request)
        access = self._settings.tokens.access(party, room, given)
        link = None
        if access is None:
            link = self._shares.link_of(party, room, given)
            access = READ if link else None
        _check_token(access, given)
        self._check_origin(request)
        return Visit(access == READ, link)

    def to_all_rooms(self, request):
        """Raise Refusal if no token opens all rooms at once."""
        given = _tokens(request)
        _check_token(self._settings.tokens.access_everywhere(given), given)
        self._check_origin(request)

    def _check_origin(self, request):
        origin = request.headers.get("Origin")
        if origin is None or origin in self._settings.allowed_origins:
            return
        if not address.is_own_origin(origin, request.headers.get("Host")):
            text = f"origin {shorten(origin)} is not this server: let it in with --allow-origin"
            raise Refusal(403, text)


def _check_token(access, given):
    if access is None:
        text = _WRONG_TOKEN if given else _WANTS_TOKEN
        raise Refusal(401, text, {"WWW-Authenticate": "Bearer"})


def _tokens(request):
    return tokens_of(request.headers.get("Authorization"), request.query.get("token"))
