"""Sends a room's history as a file, CSV or JSON. It goes in pieces, so it needs little memory,
and other clients do not wait.
"""

import asyncio
import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from . import headers
from .answers import Refusal
from .checks import shorten

# Points read in one go, which takes about 1 ms.
_POINTS = 500
_FOREVER = 1 << 62  # ms
# Characters sent in one go.
_PIECE_CHARS = 32768
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)
# What a spreadsheet reads as the start of a formula. This includes the characters after a `;`,
# which separates cells in countries with a decimal comma, and their full-width forms.
_FORMULA = re.compile("(^|[;|])(\\s*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Source:
    """A room, and the time before which its points are too old."""

    store: Any
    party: str
    room: str
    oldest: int


@dataclass(frozen=True)
class Wanted:
    """The part of a room's history that a client asks for: `since` <= at < `until`, in ms since
    1970.
    """

    format: str
    device: str | None = None
    name: str | None = None
    since: float = -float("inf")
    until: float = float("inf")


def wanted_of(query):
    """Return what a request's query asks for, or None if it is not an export. Raises Refusal."""
    format = query.get("format")
    if format is None:
        return None
    if format not in _WRITERS:
        raise Refusal(400, f"format {shorten(format)}: give csv or json")
    times = {key: _time(key, query[key]) for key in ("since", "until") if key in query}
    return Wanted(format, query.get("device"), query.get("name"), **times)


async def send(request, source, wanted, settle, timeout_s):
    """Answer with the `wanted` part of a Source, and return the response.

    `settle` is called before anything is sent. A client that does not read a piece within
    `timeout_s` is dropped. If reading from the store fails, the connection is dropped too, so
    that the client does not take an incomplete file as complete.
    """
    content_type, writer = _WRITERS[wanted.format]
    response = web.StreamResponse(headers=headers.of_answer())
    response.content_type = content_type
    response.charset = "utf-8"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{_file(source.room, wanted)}"'
    )
    try:
        await response.prepare(request)
        if request.method != "HEAD":
            for piece in writer(source.room, _pieces(source, wanted)):
                if piece:
                    settle()
                    await asyncio.wait_for(response.write(piece.encode()), timeout_s)
                await asyncio.sleep(0)
        await asyncio.wait_for(response.write_eof(), timeout_s)
    except BaseException as error:
        # The head is already sent. Only an end without the last chunk shows that data is missing.
        if request.transport is not None:
            request.transport.abort()
        if not isinstance(error, asyncio.TimeoutError):
            raise
    return response


def _pieces(source, wanted):
    """Yield (device, name, [(at, value)]), some empty: each as much as is read at once."""
    store, place = source.store, (source.party, source.room)
    since = max(wanted.since, source.oldest)
    for (device,) in store.rows(_DEVICES, place):
        if wanted.device in (None, device):
            name = ""
            while found := store.rows(_NEXT_NAME, (*place, device, name)):
                name = found[0][0]
                yield device, name, []
                if wanted.name in (None, name):
                    yield from _series(store, (*place, device, name), since, wanted.until)


def _series(store, key, since, until):
    last, rows = (-_FOREVER, 0), [None] * _POINTS
    while len(rows) == _POINTS:
        rows = store.rows(_NEXT_POINTS, (*key, *last, _POINTS))
        yield *key[2:], [(at, value) for at, _, value in rows if since <= at < until]
        last = rows[-1][:2] if rows else last


# A device is looked up each time: it may go, and its number be another's.
_DEVICES = "SELECT device FROM devices WHERE party = ? AND room = ? ORDER BY device"
_ONE = "(SELECT id FROM devices WHERE party = ? AND room = ? AND device = ?)"
_NEXT_NAME = f"SELECT name FROM history WHERE device = {_ONE} AND name > ? ORDER BY name LIMIT 1"
_NEXT_POINTS = (
    f"SELECT at, id, value FROM history WHERE device = {_ONE} AND name = ? AND (at, id) > (?, ?)"
    " ORDER BY at, id LIMIT ?"
)


def _csv(_room, pieces):
    """Yield pieces of CSV (RFC 4180). A piece is empty when there is nothing to send yet."""
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(("device", "name", "at", "time", "value"))
    for device, name, points in pieces:
        names = harmless(device), harmless(name)
        for at, value in points:
            write((*names, at, _iso(at), json.dumps(value)))
        yield _taken(text)
    yield _taken(text, True)


def _json(room, pieces):
    """Yield pieces of one JSON object, with one point in each line."""
    text = io.StringIO()
    text.write(f'{{"room":{json.dumps(room)},"points":[')
    separator = "\n"
    for device, name, points in pieces:
        names = f'"device":{json.dumps(device)},"name":{json.dumps(name)}'
        for at, value in points:
            text.write(f'{separator}{{{names},"at":{at},"value":{json.dumps(value)}}}')
            separator = ",\n"
        yield _taken(text)
    text.write("\n]}\n")
    yield _taken(text, True)


_WRITERS = {"csv": ("text/csv", _csv), "json": ("application/json", _json)}


def _taken(text, is_last=False):
    """Return the text and clear it, if it is long enough for a piece. Else return an empty one."""
    if text.tell() < _PIECE_CHARS and not is_last:
        return ""
    piece = text.getvalue()
    text.seek(0)
    text.truncate()
    return piece


def harmless(cell):
    """Return `cell` with a `'` in each place where a spreadsheet would begin a formula."""
    return _FORMULA.sub(r"\1\2'", cell)


def _iso(at):
    try:
        time = _BEGINNING + timedelta(milliseconds=at)
    except OverflowError:
        return ""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(key, text):
    if not re.fullmatch(r"-?[0-9]{1,16}", text):
        raise Refusal(400, f"{key} {shorten(text)}: give ms since 1970")
    return int(text)


def _file(room, wanted):
    name = re.sub(r"[^A-Za-z0-9._-]", "_", room)[:64].lstrip(".") or "room"
    return f"{name}.{wanted.format}"
