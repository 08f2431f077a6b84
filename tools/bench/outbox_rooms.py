"""How fast rooms acknowledge numbered readings, and how many bytes these take on the wire."""

import asyncio
import json
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import websockets

from .clients import PARTYSOCKET
from .devices import Missing
from .room_servers import PartyServerUnderLoad, RoomServerUnderLoad

MOST_S = 60  # until 10,000 are acknowledged
MOST_LATE_S = 1  # a live value meanwhile
_EPOCH = "9f0c2ab1d4e65c37"
_BATCH = 15  # readings in a message
_LIVE_MS = 200
_WITHIN_S = 100
# How long to wait after the device has ended.
_PATIENCE_S = 10

ALONE = "numbered readings acknowledged in a second, one by one, each when the last is"
PACED = "the same from {count:,} that wait, at the outbox's own pace (MicroPython)"
RAW = "the same in batches of {batch}, as fast as they go (websockets)"
BACKLOG = "until {count:,} that wait are acknowledged"
LATE = "slowest live value meanwhile"
PLAIN_BYTES = "bytes sent a reading of 60 B without an outbox"
ALONE_BYTES = "with an outbox, one by one: bytes sent / received a reading"
BATCH_BYTES = "of a backlog, in batches, live values too: bytes sent / received a reading"
ROWS = {
    ALONE: "–",
    PACED: "–",
    RAW: "–",
    BACKLOG: f"{MOST_S} s",
    LATE: f"{MOST_LATE_S:.1f} s",
    PLAIN_BYTES: "–",
    ALONE_BYTES: "–",
    BATCH_BYTES: "–",
}


def measure(bench):
    servers = {}
    for kind in (RoomServerUnderLoad, PartyServerUnderLoad):
        servers[kind.title] = found = {}
        with tempfile.TemporaryDirectory() as folder:
            try:
                with kind(Path(folder), 10) as server:
                    _measure_one(bench, server, found)
            except (Missing, OSError) as error:
                found.update({row: error for row in ROWS if row not in found})
    table = []
    facts = {"count": _count(bench), "batch": _BATCH}
    for row, most in ROWS.items():
        cells = {title: _cell(found[row]) for title, found in servers.items()}
        table.append({"what": row.format(**facts), "cells": {**cells, "must": {"text": most}}})
    bench.more.append(table)
    bench.note(
        "Outbox, rooms: each server with its database on this computer's disk, its rates "
        "raised. A device in a process of its own, MicroPython with a littlefs in RAM, has "
        f"{_count(bench):,} readings of 60 B when it comes, and sends {1000 // _LIVE_MS} live "
        "ones a second; how late one is: from its `at` until it first comes to another client, "
        "live or in its turn. Bytes: of frames with their masks, without TCP's and the "
        "handshake. One by one: a server may wait up to 250 ms for more before it acknowledges."
    )


def _count(bench):
    return 500 if bench.is_quick else 10000


def _measure_one(bench, server, found):
    """Fill in the rows of one server: a cell, or what is missing."""
    port, count = server.port, _count(bench)
    few = 4 if bench.is_quick else 40

    def take(rows, what, measured):
        bench.say(f"{server.title}: {what}")
        cells = bench.attempt(lambda _: measured(), PARTYSOCKET)
        for i, row in enumerate(rows):
            found[row] = cells if isinstance(cells, Missing) else cells[i]

    take([ALONE], "one by one", lambda: [_rate(asyncio.run(_alone(port, few)))])
    take([RAW], "in batches", lambda: [_rate(asyncio.run(_raw(port, count)))])
    take([PACED, BACKLOG, LATE, BATCH_BYTES], "a backlog", lambda: _backlog(bench, port, count))
    for row, has_outbox in ((PLAIN_BYTES, 0), (ALONE_BYTES, 1)):
        take(
            [row],
            "bytes",
            lambda more=has_outbox: [_bytes(_device(bench, port, "alone", f"b{more}", few, more))],
        )


def _device(bench, port, task, room, *words):
    tree = [bench.tree(PARTYSOCKET)]
    words = [task, port, room, *words]
    return json.loads(bench.micropython.run("outbox_room", words, tree, limit_s=_WITHIN_S))


def _backlog(bench, port, count):
    told, late_s = asyncio.run(_watched(bench, port, count))
    return [
        _rate((count + told["lives"]) / told["s"]),
        {"value": told["s"], "text": f"{told['s']:,.1f} s"},
        {"value": late_s, "text": f"{late_s:.2f} s"},
        _bytes({way: told[way] / (count + told["lives"]) for way in ("sent", "received")}),
    ]


async def _watched(bench, port, count):
    """The device's answer, and how late the slowest live value came to another client."""
    late_ms = {}
    loop = asyncio.get_running_loop()
    async with _client(port, "backlog") as watcher:
        device = loop.run_in_executor(
            None, _device, bench, port, "backlog", "backlog", count, _LIVE_MS
        )

        async def watch():
            async for text in watcher:
                now_ms = time.time() * 1000
                for number, at in _lives(json.loads(text)):
                    late_ms.setdefault(number, now_ms - at)

        watching = asyncio.create_task(watch())
        try:
            told = await device
            deadline = time.monotonic() + _PATIENCE_S
            while len(late_ms) < told["lives"] and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
        finally:
            watching.cancel()
    if len(late_ms) < told["lives"]:
        raise Missing(f"of {told['lives']} live values {len(late_ms)} came")
    return told, max(late_ms.values()) / 1000


def _lives(message):
    """(number, time) of each live value in a message, whether it was sent ahead or in order."""
    for reading in message.get("readings", [message]):
        number = (reading.get("values") or {}).get("live")
        if number is not None:
            yield number, reading["at"]


def _client(port, room, more=""):
    return websockets.connect(
        f"ws://127.0.0.1:{port}/parties/main/{room}?_pk=bench{more}",
        compression=None,
        max_size=None,
        max_queue=None,
        proxy=None,
    )


@asynccontextmanager
async def _numbering(port, room):
    """Join as a device whose readings are acknowledged. The room has said that it has none yet."""
    async with _client(port, room, f"&role=device&name=d&epoch={_EPOCH}") as device:
        first = json.loads(await asyncio.wait_for(device.recv(), _PATIENCE_S))
        if first.get("n") != 0:
            raise Missing(f"it was greeted by {first}"[:120])
        yield device


async def _until(device, number):
    while json.loads(await asyncio.wait_for(device.recv(), _PATIENCE_S)).get("n") != number:
        pass


async def _alone(port, count):
    """Readings in a second if each waits for the acknowledgement of the one before."""
    async with _numbering(port, "alone") as device:
        begun = time.perf_counter()
        for n in range(1, count + 1):
            message = {"type": "reading", "epoch": _EPOCH, "after": n - 1, **_entry(n)}
            await device.send(json.dumps(message, separators=(",", ":")))
            await _until(device, n)
        return count / (time.perf_counter() - begun)


async def _raw(port, count):
    """Readings in a second if none waits for an acknowledgement."""
    async with _numbering(port, "raw") as device:
        hearing = asyncio.create_task(_until(device, count))
        begun = time.perf_counter()
        for after in range(0, count, _BATCH):
            entries = [_entry(n) for n in range(after + 1, min(after + _BATCH, count) + 1)]
            message = {"type": "batch", "epoch": _EPOCH, "after": after, "readings": entries}
            await device.send(json.dumps(message, separators=(",", ":")))
        await hearing
        return count / (time.perf_counter() - begun)


def _entry(n):
    at = int(time.time() * 1000)
    return {"n": n, "at": at, "values": {"temperature": 21 + n % 100 / 100, "hPa": 1016}}


def _rate(value):
    return {"value": value, "text": f"{value:,.0f}" if value >= 20 else f"{value:.1f}"}


def _bytes(told):
    text = f"{told['sent']:,.0f} / {told['received']:,.0f} B"
    return {"value": told["sent"], "received": told["received"], "text": text}


def _cell(found):
    if isinstance(found, Exception):
        return {"value": None, "text": f"n/a: {found}"[:120].replace("|", "/")}
    return found
