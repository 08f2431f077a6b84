"""The RAM and the time that an outbox takes."""

import json
import tempfile

from . import sizes
from .clients import PARTYSOCKET
from .devices import Missing

_PART = "partysocket.outbox"
MOST_RAM = 7168
MOST_IN_USE = 600
# On a 32-bit heap: each of these steps is measured after the ones before it.
_STEPS = ("partysocket.outbox", "outbox_stages.use( '/outbox')", "outbox_stages.fill( )")
RAM, IN_USE, SEGMENTS = range(3)
_NAMES = {RAM: "import", IN_USE: "one in use, more", SEGMENTS: "readings in segments, more"}
_MOST = {RAM: MOST_RAM, IN_USE: MOST_IN_USE}
_TIMES = {
    "append": "append()",
    "slot": "a reading written to a slot",
    "seal": "a reading written when the slots are full: a seal",
}


def measure(bench):
    table = []
    for step, name in _NAMES.items():
        what = f"RAM of an outbox, 32-bit: {name}"
        _row(bench, table, what, lambda s=step: _bytes(ram_32(bench, PARTYSOCKET, s)), step)
    of_64 = bench.attempt(lambda client: ram_64(bench, client), PARTYSOCKET)
    for step, name in _NAMES.items():
        what = f"RAM of an outbox, 64-bit: {name}"
        _row(bench, table, what, lambda s=step: _bytes(_of(of_64, s)))
    counts = (0, 100, 1000) if bench.is_quick else (0, 1000, 10000)
    took = bench.attempt(lambda client: times(bench, client, counts), PARTYSOCKET)
    openings = {f"open {count}": f"opening, {count:,} waiting" for count in counts}
    for key, name in {**_TIMES, **openings}.items():
        _row(bench, table, f"time: {name}", lambda k=key: _time(_of(took, k), _of(took, "plain")))
    bench.more.append(table)
    bench.note(
        "Outbox, RAM: kept after a collection, over what a dial loads and a socket takes, in "
        "steps that each come on top of the one before. In use: attached to a socket, with one "
        "reading in a slot, the start let go of. 32-bit: MicroPython in WebAssembly, on its own "
        "files. Time: medians, on this machine and MicroPython's littlefs in RAM, whose driver "
        "is Python: a board's flash and processor are slower, each in its own way. x: of an "
        "append of 60 B to a plain file, opened and closed, in the same run. Opening: with the "
        "load of its file from the system's memory."
    )


def ram_32(bench, client, step):
    """Bytes that a step keeps of a 32-bit heap."""
    names = [name for name in sizes.modules(bench, client) if not name.endswith(".native")]
    before = [*names, "import outbox_stages", "outbox_stages.prepare( )", *_STEPS[:step]]
    return sizes.import_32(client, [_STEPS[step]], before)


def ram_64(bench, client):
    """Bytes that all steps keep of a 64-bit heap."""
    with tempfile.TemporaryDirectory() as folder:
        return bench.task("outbox_ram", client, f"{folder}/outbox", *sizes.modules(bench, client))


def times(bench, client, counts):
    """{what: us}"""
    words = [1 if bench.is_quick else 7, *counts]
    tree = [bench.tree(client)]
    return json.loads(bench.micropython.run("outbox_time", words, tree, limit_s=100))


def _row(bench, table, what, measured, step=None):
    bench.say(what)
    found = bench.attempt(lambda _: measured(), PARTYSOCKET)
    if isinstance(found, Missing):
        found = {"value": None, "text": f"n/a: {found}".replace("|", "/")}
    most = {"text": f"{_MOST[step]:,} B" if step in _MOST else "–"}
    table.append({"what": what, "cells": {PARTYSOCKET.title: found, "must": most}})


def _bytes(value):
    return {"value": value, "text": f"{value:,} B"}


def _time(us, plain_us):
    return {
        "value": us,
        "x plain": us / plain_us,
        "text": f"{us:,.0f} us, {us / plain_us:.1f} x",
    }


def _of(found, key):
    if isinstance(found, Missing):
        raise found
    return found[key]
