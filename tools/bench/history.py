"""The history of a room on both servers: how fast readings are stored, in which space, and how
long an answer takes. The readings are sent over WebSocket, with times of the last weeks.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from statistics import median

import websockets

from . import year
from .devices import Missing
from .room_servers import PartyServerUnderLoad, RoomServerUnderLoad
from .rooms import Figures

_VALUES = 8
_EPOCH = "0123456789abcdef"
_DAYS, _FEW_DAYS = 40, 4
# A reading each 10 s for the days that raw readings are kept, each minute before that.
_RAW_DAYS, _GAP_S, _OLD_GAP_S = 3, 10, 60
_BATCH = 40
_POINTS = 2000
_SPANS = {"1 h": 3600, "1 day": 86400, "7 days": 7 * 86400, "30 days": 30 * 86400, "all": None}
_TABLES = {"raw": "a reading", "minutes": "a minute", "hours": "an hour"}
_MIGRATED, _FEW_MIGRATED = 1_000_000, 100_000

STORED = "readings of 8 values stored in a second, sent in batches of 40"
SPACE = "bytes on disk for a number that is kept"
RANGE = "8 series of {span}, at most 2,000 points each: beside the one of 1 h"
HOUR = "8 series of 1 h, at most 2,000 points each"
ROWS = (STORED, SPACE, HOUR, *(RANGE.format(span=span) for span in _SPANS if span != "1 h"))


def measure(bench):
    servers = {}
    for kind in (RoomServerUnderLoad, PartyServerUnderLoad):
        figures = servers[kind.title] = Figures()
        try:
            _ask(kind, figures, bench)
        except (Missing, OSError) as error:
            for row in ROWS:
                figures.miss(row, error)
    for row in ROWS:
        cells = {title: figures.cells[row] for title, figures in servers.items()}
        bench.rooms.append({"what": row, "cells": cells})
    for what, text, value in _alone(bench):
        cells = {RoomServerUnderLoad.title: {"value": value, "text": text}}
        bench.rooms.append({"what": what, "cells": cells})


def _ask(kind, figures, bench):
    days = _FEW_DAYS if bench.is_quick else _DAYS
    bench.say(f"{days} days of {_VALUES} values in a room of the {kind.title}")
    with tempfile.TemporaryDirectory() as folder, kind(Path(folder), 10) as server:
        begun = time.monotonic()
        readings, numbers = asyncio.run(_fill(server.port, days, bench.say))
        took_s = time.monotonic() - begun
        figures.take(STORED, lambda: readings / took_s, "{:,.0f}".format)
        kept = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        figures.take(SPACE, lambda: kept / numbers, "{:,.0f}".format)
        spans = {span: [] for span in _SPANS}
        # Not counted: with the first answers, workerd compiles its JavaScript.
        for seconds in _SPANS.values():
            _time_ms(server.port, seconds)
        for _ in range(bench.tries()):
            for span, seconds in _SPANS.items():
                spans[span].append(_time_ms(server.port, seconds))
        hour = median(spans["1 h"])
        figures.take(HOUR, lambda: hour, "{:,.1f} ms".format)
        for span, each in spans.items():
            if span != "1 h":
                both = median(each), median(each) / hour
                figures.take(RANGE.format(span=span), lambda both=both: both, _beside)


def _beside(both):
    return "{:,.0f} ms, {:.1f} x".format(*both)


async def _fill(port, days, say):
    """Send readings of the last days. Return how many, and how many numbers."""
    url = f"ws://127.0.0.1:{port}/parties/main/year?role=device&name=d&epoch={_EPOCH}"
    now = int(time.time())
    begin = now - days * 86400
    raw = now - _RAW_DAYS * 86400
    times = [*range(begin, raw, _OLD_GAP_S), *range(raw, now, _GAP_S)]
    async with websockets.connect(url, compression=None, max_queue=None) as socket:
        acknowledged = json.loads(await socket.recv())["n"]
        told = time.monotonic()
        for first in range(0, len(times), _BATCH):
            some = times[first : first + _BATCH]
            message = {"type": "batch", "epoch": _EPOCH, "after": first}
            message["readings"] = [
                {"n": n, "at": at * 1000, "values": _values(at)}
                for n, at in enumerate(some, first + 1)
            ]
            await socket.send(json.dumps(message))
            # A few messages on their way.
            while acknowledged < first - 100 * _BATCH:
                acknowledged = _acknowledged(await socket.recv())
            if time.monotonic() > told + 5:
                told = time.monotonic()
                say(f"{first / len(times):.0%} of the readings")
        while acknowledged < len(times):
            acknowledged = _acknowledged(await socket.recv())
    return len(times), len(times) * _VALUES


def _acknowledged(text):
    message = json.loads(text)
    if message["type"] != "ack":
        raise Missing(str(message)[:100])
    return message["n"]


def _values(at):
    return {
        f"v{n}": round(20 + 5 * ((at // 60 + n * 97) % 1440) / 1440, 2) for n in range(_VALUES)
    }


def _time_ms(port, seconds):
    url = f"http://127.0.0.1:{port}/parties/main/year?points={_POINTS}"
    if seconds is not None:
        url += f"&since={int((time.time() - seconds) * 1000)}"
    begun = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        [device] = json.loads(answer.read())["devices"]
    took_ms = (time.perf_counter() - begun) * 1000
    lengths = [len(points) for points in device["history"].values()]
    if len(lengths) != _VALUES or not all(0 < length <= _POINTS for length in lengths):
        raise Missing(f"the answer has {lengths} points")
    return took_ms


def _alone(bench):
    """Yield (what, text, value) of the room server's database alone."""
    for readings in (1, 50):
        with tempfile.TemporaryDirectory() as folder:
            written = year.log_bytes(Path(folder) / "rooms.db", readings, _VALUES)
        what = f"bytes written for a reading of {_VALUES} values, one of {readings} in a commit"
        yield what, f"{written:,.0f}", written
    days = 1 if bench.is_quick else 35
    bench.say(f"a database of {days} days, without a server")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rooms.db"
        points, seconds = year.make(path, int(time.time() * 1000), days, _VALUES)
        yield (
            "numbers saved in a second, without a server",
            f"{points / seconds:,.0f}",
            points / seconds,
        )
        with closing(sqlite3.connect(path)) as db:
            for table, what in _TABLES.items():
                count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                query = "SELECT sum(pgsize) FROM dbstat WHERE name = ?"
                try:
                    size = db.execute(query, (table,)).fetchone()[0]
                except sqlite3.OperationalError:
                    # SQLite was built without it.
                    continue
                yield f"bytes of {what} in the file", f"{size / count:.1f}", size / count
        count = _FEW_MIGRATED if bench.is_quick else _MIGRATED
        bench.say(f"a file of the version before, with {count:,} points")
        seconds = year.time_conversion(Path(folder) / "old.db", count)
        each = seconds / count * 1_000_000
        yield "conversion of a million points of the version before", f"{each:.1f} s", each
