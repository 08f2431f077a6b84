"""Share links: which ones each room has, and the requests that make, list and revoke them."""

import secrets

from aiohttp import web

from . import headers, links, messages, posting
from .ages import DAY_MS
from .answers import ONLY_READS, Refusal, bad_method, json_answer
from .checks import MessageError, check_name, check_whole, shorten
from .links import Link
from .tokens import MIN_KEY_CHARS

# Of a room, those that have expired not counted.
MAX_LINKS = 100
REVOKED = "the share link was revoked"

_MAX_DAYS = 365
_DAYS = 30
_KEY = "shares"
_NO_TOKEN = "the server has no token, so the room's address alone is enough: give that"
_SHORT = (
    "who has a link can try guesses of the room's token, and it is short: give the server one of"
    f" {MIN_KEY_CHARS} characters or more"
)
_BODY = 'the body: send a JSON object, as {"days": 30, "label": "kitchen tablet"}'


class Shares:
    """The links of all rooms. The ids of a room's links are in the store. Those that were revoked
    are not: a room without its data has no links.
    """

    def __init__(self, settings, store, rooms):
        self._settings = settings
        self._store = store
        self._rooms = rooms

    def link_of(self, party, room, given):
        """Return the Link of one of the `given` tokens, if it opens the room, or None.

        The store is asked only about a signed one: such a link was made for this room.
        """
        key = self._settings.tokens.signing_key(party, room)
        found = [links.check(key, party, room, token) for token in given] if key else []
        here = [link for link in found if link and link.id in self._kept(party, room)]
        return here[0] if here else None

    async def answer(self, request, party, room, only_reads, now):
        """Answer a request about a room's links. Raises Refusal, RoomFull."""
        tokens = self._settings.tokens
        if not tokens:
            raise Refusal(400, _NO_TOKEN)
        if only_reads:
            raise Refusal(403, ONLY_READS)
        key = tokens.signing_key(party, room)
        if key is None:
            raise Refusal(400, _SHORT)
        if request.method in ("GET", "HEAD"):
            return json_answer({"shares": _listed(self._kept(party, room), now)})
        if request.method == "DELETE":
            return self._revoke(party, room, request.query["shares"], now)
        if request.method != "POST":
            raise bad_method(request, "GET, HEAD, POST, DELETE")
        days, label = _wanted(await posting.body_of(request, self._settings))
        await self._rooms.make_place(party, room, now)
        # Refuses a room for which there is no place.
        self._rooms.release(self._rooms.open(party, room))
        return json_answer(self._make(key, party, room, days, label, now))

    def _make(self, key, party, room, days, label, now):
        known = {each["id"]: each for each in _listed(self._kept(party, room), now)}
        if len(known) >= MAX_LINKS:
            raise Refusal(503, f"{MAX_LINKS} links are in the room: revoke one of them first")
        link = Link(secrets.token_urlsafe(9), now + days * DAY_MS)
        made = {"id": link.id, "label": label, "made": now, "expires": link.expires}
        self._keep(party, room, {**known, link.id: made}, now)
        return {**made, "token": links.sign(key, party, room, link)}

    def _revoke(self, party, room, id, now):
        known = self._kept(party, room)
        if id not in known:
            text = f"link {shorten(id)} is not of this room: GET ?shares lists them"
            raise Refusal(404, text)
        self._keep(party, room, {key: known[key] for key in known if key != id}, now)
        for member in self._rooms.members_of(party, room):
            if member.link and member.link.id == id:
                member.close(1008, REVOKED)
        return web.Response(status=204, headers=headers.of_answer())

    def _kept(self, party, room):
        return self._store.kept(party, room, _KEY) or {}

    def _keep(self, party, room, known, now):
        why = self._store.keep(party, room, _KEY, known, now)
        if why is not None:
            raise Refusal(507, f"not stored: {why}")


def _listed(known, now):
    return [each for each in known.values() if each["expires"] > now]


def _wanted(body):
    """Return the days and the label of a POST. Raises Refusal."""
    try:
        text = body.decode()
        if not text.lstrip().startswith("{"):
            raise Refusal(400, _BODY)
        fields = messages.load(text)
        label = fields.get("label", "")
        if label != "":
            check_name("label", label)
        return check_whole("days", fields.get("days", _DAYS), 1, _MAX_DAYS), label
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8: send JSON") from None
    except MessageError as error:
        raise Refusal(400, str(error)) from None
