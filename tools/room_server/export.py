"""Sends a room's history as a file, CSV or JSON. It goes in pieces, so it needs little memory,
and other clients do not wait.
"""

import asyncio
import csv
import heapq
import io
import itertools
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from operator import itemgetter
from typing import Any

from aiohttp import web

from . import headers
from .answers import Refusal
from .asked import Chosen, chosen, range_of
from .checks import shorten
from .tiers import UNITS

# Points read in one go, which takes about 1 ms.
_POINTS = 500
# Characters sent in one go.
_PIECE_CHARS = 32768
_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)
# What a spreadsheet reads as the start of a formula. This includes the characters after a `;`,
# which separates cells in countries with a decimal comma, and their full-width forms.
_FORMULA = re.compile("(^|[;|])(\\s*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_FIELDS = {
    "raw": ("value",),
    "minutes": ("mean", "min", "max", "count"),
    "hours": ("mean", "min", "max", "count"),
}


@dataclass(frozen=True)
class Source:
    """A room, and the Oldest: what is before it is not shown."""

    store: Any
    party: str
    room: str
    oldest: Any


@dataclass(frozen=True)
class Wanted(Chosen):
    """The part of their history that a client asks for: `since` <= at < `until`, in ms since
    1970.
    """

    format: str
    tier: str
    since: int
    until: int


def wanted_of(query):
    """Return what a request's query asks for, or None if it is not an export. Raises Refusal."""
    format = query.get("format")
    if format is None:
        if "tier" in query:
            raise Refusal(400, "tier: it is for files, give format=csv or format=json too")
        return None
    if format not in _WRITERS:
        raise Refusal(400, f"format {shorten(format)}: give csv or json")
    tier = query.get("tier", "raw")
    if tier not in _FIELDS:
        raise Refusal(400, f"tier {shorten(tier)}: give raw, minutes or hours")
    if "points" in query:
        raise Refusal(400, "points: a file has all of them, leave it out or give a tier")
    return Wanted(*chosen(query), format, tier, *range_of(query))


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
            for piece in writer(source.room, _FIELDS[wanted.tier], _pieces(source, wanted)):
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
    """Yield (device, name, [(at, number, ...)]), some empty: each as much as is read at once."""
    store, place = source.store, (source.party, source.room)
    since = max(wanted.since, getattr(source.oldest, wanted.tier))
    since_change = max(wanted.since, source.oldest.changes)
    for (device,) in store.rows(_DEVICES, place):
        if not wanted.has_device(device):
            continue
        name = ""
        while found := store.rows(_NEXT_NAME, (*place, device, name)):
            name = found[0][0]
            yield device, name, []
            if not wanted.has_name(name):
                continue
            key = (*place, device, name)
            if wanted.tier == "raw":
                numbers = _readings(store, "raw", key, since, wanted.until)
                changes = _readings(store, "changes", key, since_change, wanted.until)
                changes = ((at, json.loads(value)) for at, value in changes)
                # A name may have had both.
                pieces = _lists(heapq.merge(numbers, changes, key=itemgetter(0)))
            else:
                pieces = _means(store, wanted.tier, key, since, wanted.until)
            for points in pieces:
                yield device, name, points


def _readings(store, table, key, since, until):
    """Yield (at, value). `_POINTS` of them are read at once."""
    last, rows = (since, -1), [None] * _POINTS
    while len(rows) == _POINTS:
        rows = store.rows(_READINGS.format(table), (*key, *last, until, _POINTS))
        last = rows[-1][:2] if rows else last
        yield from ((at, value) for at, _, value in rows)


def _lists(points):
    """Yield the points in lists of `_POINTS`."""
    while some := list(itertools.islice(points, _POINTS)):
        yield some


def _means(store, tier, key, since, until):
    """Yield lists of (at, mean, min, max, count)."""
    unit = UNITS[tier]
    last, rows = -(-since // unit) - 1, [None] * _POINTS
    while len(rows) == _POINTS:
        rows = store.rows(_MEANS.format(tier), (*key, last, -(-until // unit), _POINTS))
        last = rows[-1][0] if rows else last
        points = [(at * unit, *means) for at, *means in rows]
        if len(rows) < _POINTS:
            # And what is not closed yet. It is read at once, before more readings come.
            points += [
                point for point in store.unfinished(*key, unit) if last * unit < point[0] < until
            ]
        yield points


# A series is looked up each time: it may go, and its number be another's.
_DEVICES = "SELECT device FROM devices WHERE party = ? AND room = ? ORDER BY device"
_ONE = "(SELECT id FROM devices WHERE party = ? AND room = ? AND device = ?)"
_NEXT_NAME = f"""
SELECT name FROM all_series WHERE device = {_ONE} AND name > ? ORDER BY name LIMIT 1
"""
_FOUND = f"series = (SELECT id FROM all_series WHERE device = {_ONE} AND name = ?)"
_READINGS = f"""
SELECT at, n, value FROM {{}} WHERE {_FOUND} AND (at, n) > (?, ?) AND at < ?
ORDER BY at, n LIMIT ?
"""
_MEANS = f"""
SELECT at, mean, low, high, count FROM {{}} WHERE {_FOUND} AND at > ? AND at < ?
ORDER BY at LIMIT ?
"""


def _csv(_room, fields, pieces):
    """Yield pieces of CSV (RFC 4180). A piece is empty when there is nothing to send yet."""
    text = io.StringIO(newline="")
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(("device", "name", "at", "time", *fields))
    for device, name, points in pieces:
        names = harmless(device), harmless(name)
        for at, *values in points:
            write((*names, at, _iso(at), *map(_cell, values)))
        yield _taken(text)
    yield _taken(text, True)


def _json(room, fields, pieces):
    """Yield pieces of one JSON object, with one point in each line."""
    text = io.StringIO()
    text.write(f'{{"room":{json.dumps(room)},"points":[')
    separator = "\n"
    for device, name, points in pieces:
        names = f'"device":{json.dumps(device)},"name":{json.dumps(name)}'
        for at, *values in points:
            pairs = ",".join(f'"{key}":{json.dumps(value)}' for key, value in zip(fields, values))
            text.write(f'{separator}{{{names},"at":{at},{pairs}}}')
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


def _cell(value):
    return json.dumps(harmless(value) if isinstance(value, str) else value, ensure_ascii=False)


def _iso(at):
    try:
        time = _BEGINNING + timedelta(milliseconds=at)
    except OverflowError:
        return ""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _file(room, wanted):
    name = re.sub(r"[^A-Za-z0-9._-]", "_", room)[:64].lstrip(".") or "room"
    return f"{name}.{wanted.format}"
