"""The list of rooms, for clients that may see them all: as JSON, and as a page for people."""

import html
from urllib.parse import quote, unquote, urlencode

from aiohttp import web

from . import headers
from .answers import json_answer

# So many are listed at once: their devices may be about ten thousand.
ROOMS = 200

_STORED = """
SELECT party, room, count(*), max(at) FROM devices
WHERE (party, room) > (?, ?) AND party IN ({}) GROUP BY party, room ORDER BY party, room LIMIT ?
"""
# With the style sheets of the dashboard.
_BEGIN = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>Rooms</title>'
    '<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/dashboard.css">'
    '<link rel="stylesheet" href="/dark.css" media="(prefers-color-scheme: dark)">'
    '<main><section class="panel rooms"><h1>Rooms</h1>'
)
_HEAD = (
    '<thead><tr><th scope="col">Room<th scope="col">Party<th scope="col">Online'
    '<th scope="col">Clients'
)
# Characters that a browser does not encode in a path, in addition to those that quote() keeps.
_BROWSER_SAFE = "!$%&'()*+,:;=@[]|"


def answer(request, rooms, store, parties):
    """Return a page of the list: the rooms after `?after=party/room`."""
    party, _, room = request.query.get("after", "").partition("/")
    listed, after = page(rooms, store, parties, (party, room))
    token = request.query.get("token")
    if "text/html" in request.headers.get("Accept", ""):
        return web.Response(
            text=_page(listed, after, token),
            headers={**headers.of_page(None), "Cache-Control": "no-store", "Vary": "Accept"},
            content_type="text/html",
            charset="utf-8",
        )
    return json_answer({"rooms": listed, "after": after}, more_headers={"Vary": "Accept"})


def page(rooms, store, parties, after=("", ""), count=ROOMS):
    """Return ([room], the `after` of the next page or None), sorted by party and name."""
    found = {
        (party, room): {"devices": {"online": 0, "known": known}, "at": at}
        for party, room, known, at in store.rows(
            _STORED.format(", ".join("?" * len(parties))), (*after, *parties, count + 1)
        )
    }
    for room in rooms.in_use():
        key = (room.party, room.name)
        if key > after:
            found[key] = {"devices": room.count_devices(), "at": room.heard_at()}
            found[key]["clients"] = room.count_clients()
    keys = sorted(found)
    nobody = {"device": 0, "dashboard": 0, "other": 0}
    listed = [
        {"party": key[0], "room": key[1], "clients": nobody, **found[key]} for key in keys[:count]
    ]
    return listed, "/".join(keys[count - 1]) if len(keys) > count else None


def _page(listed, after, token):
    rows = "".join(_row(room, token) for room in listed)
    more = ""
    if after is not None:
        address = "/rooms?" + urlencode(_with_token({"after": after}, token))
        more = f'<p><a href="{html.escape(address)}">More rooms</a></p>'
    table = f"<table>{_HEAD}<tbody>{rows}</table>" if rows else "<p>No room yet.</p>"
    return f"{_BEGIN}{table}{more}</section></main>\n"


def _row(room, token):
    cell = html.escape(room["room"])
    name = unquote(room["room"])
    # A browser can't reach a room whose name is encoded in another way than its own.
    if quote(name, safe=_BROWSER_SAFE) == room["room"] and name not in (".", ".."):
        query = _with_token({"room": name, "party": room["party"]}, token)
        cell = f'<a href="{html.escape("/?" + urlencode(query))}">{html.escape(name)}</a>'
    devices, clients = room["devices"], sum(room["clients"].values())
    numbers = f"<td>{devices['online']} of {devices['known']}<td>{clients}"
    return f"<tr><td>{cell}<td>{html.escape(room['party'])}{numbers}"


def _with_token(query, token):
    return {**query, "token": token} if token else query
