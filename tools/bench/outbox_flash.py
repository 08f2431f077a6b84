"""Erases and writes of an outbox, counted on a littlefs in RAM. They are the same in each run."""

import json
from functools import cache

from .clients import PARTYSOCKET
from .devices import Missing

PAYLOAD_BYTES = 60
# How many bytes each board's flash programs at once.
BOARDS = {"ESP32, 32 B at once": 32, "RP2040, 256 B at once": 256}
ALONE, FEW, FILLING, FULL = "alone", "few", "filling", "full"
STATES = {
    ALONE: "at most 1 waiting",
    FEW: "at most 16 waiting",
    FILLING: "filling to {:,}",
    FULL: "full and dropping",
}
# {state: {bytes that flash programs at once: (erases a record, bytes programmed, in payloads)}}
MOST = {
    ALONE: {32: (0.06, 4), 256: (0.15, 10)},
    FEW: {32: (0.06, 4), 256: (0.15, 10)},
    FILLING: {32: (0.10, 6), 256: (0.25, 14)},
}
# The most flash that records may take, as a multiple of their payloads, from `_MOST_FROM` records
# on.
MOST_TAKEN = 1.3
_MOST_FROM = 1000
# Kinds of payloads.
KINDS = {"sensor": "", "noise": " that share nothing"}
BATCHES = (1, 16)
BLOCK_BYTES = 4096


def measure(bench):
    """The table of counts."""
    table = []
    for batch in BATCHES:
        for state in STATES:
            what = "erases; programmed a record: " + named(bench, state, batch)
            _row(bench, table, what, _writes(bench, state, batch))
    counts = counts_of(bench)
    for kind, more in KINDS.items():
        for count in counts[1:]:
            what = f"flash that {count:,} records{more} take"
            _row(bench, table, what, _taken(bench, kind, count))
    size = f"{full_bytes(bench) // 1024} KiB"
    what = f"flash that is taken of {size} when they are full of records{KINDS['noise']}"
    _row(bench, table, what, _taken_when_full(bench))
    for i, count in enumerate(counts):
        what = f"read by a record with {count:,} waiting: median / mean / most"
        _row(bench, table, what, _read(bench, i))
    bench.more.append(table)
    bench.note(
        "Outbox, flash: MicroPython's own littlefs over 2 MiB of RAM in blocks of 4 KiB; "
        "readings of 60 B of JSON, one a minute by the clock, from a seed, so the counts are "
        "the same in each run. Erases and bytes programmed are those of a record, with the "
        "outbox's own bookkeeping; one record is on flash before the next comes, with "
        "batch_count=16 sixteen. At most 1 waiting: each is acknowledged at once; at most 16: "
        "each 16th acknowledgement frees all; filling: the mean on the way there; full and "
        f"dropping: drop-oldest, of half of {size}, from the first drop on. "
        "Flash taken: blocks in use, of the folder too; two less than os.statvfs says, which "
        "counts a folder's two blocks twice (a file that fills the rest finds as many). The log "
        "keeps once what a reading begins with as the first of its chunk does; of those that "
        "share nothing only their first two bytes are the same. The most that a record reads is "
        "littlefs in search of free blocks."
    )


def full_bytes(bench):
    """The size of an outbox that gets full."""
    return 131072 if bench.is_quick else 262144


def counts_of(bench):
    """The numbers of waiting records at which it is measured."""
    return (20, 100, 1000) if bench.is_quick else (100, 1000, 10000)


def writes(bench, client, program_bytes, state, batch=1):
    """The figures of device/outbox_log.py for so many records in this state."""
    many = 1000 if bench.is_quick else 4000
    if state == FILLING:
        return _filling(bench, client, program_bytes, batch, "sensor")[-1]
    if state == FULL:
        return of(
            bench, client, "full", program_bytes, batch, "sensor", full_bytes(bench) // 2, many
        )
    return of(bench, client, "few", program_bytes, batch, 16 if state == FEW else 1, many)


def taken(bench, client, program_bytes, kind, count):
    """The bytes of flash that so many records take."""
    found = _filling(bench, client, program_bytes, 1, kind)
    return found[counts_of(bench).index(count)]["used"]


def taken_when_full(bench, client, program_bytes):
    """(bytes of flash, size_bytes) of a full outbox whose readings share nothing."""
    size = full_bytes(bench)
    return of(bench, client, "full", program_bytes, 1, "noise", size, 1000)["used"], size


def of(bench, client, *words):
    """The answer of device/outbox_log.py."""
    answer = _answer(bench.micropython, bench.tree(client), words)
    if isinstance(answer, Missing):
        raise answer
    return answer


@cache
def _answer(micropython, tree, words):
    try:
        return json.loads(micropython.run("outbox_log", words, [tree], limit_s=100))
    except Missing as error:
        return error


def _filling(bench, client, program_bytes, batch, kind):
    return of(bench, client, "filling", program_bytes, batch, kind, *counts_of(bench))


def named(bench, state, batch):
    what = STATES[state].format(counts_of(bench)[-1])
    return what + (f", batch_count={batch}" if batch > 1 else "")


def _writes(bench, state, batch):
    def measured(program_bytes):
        told = writes(bench, PARTYSOCKET, program_bytes, state, batch)
        erases = told["erases"] / told["count"]
        size = told["programmed"] / told["count"]
        text = f"{erases:.3f}; {size:,.0f} B, {size / PAYLOAD_BYTES:.1f} x"
        return {"value": erases, "programmed": size, "text": text}

    def most(program_bytes):
        erases, payloads = MOST[state][program_bytes]
        return f"{erases:.2f}; {payloads} x"

    return measured, most if state in MOST and batch == 1 else None


def _taken(bench, kind, count):
    def measured(program_bytes):
        size = taken(bench, PARTYSOCKET, program_bytes, kind, count)
        payloads = size / (count * PAYLOAD_BYTES)
        text = f"{size // BLOCK_BYTES} blocks, {payloads:.2f} x"
        return {"value": payloads, "bytes": size, "text": text}

    most = (lambda _: f"{MOST_TAKEN} x") if count >= _MOST_FROM else None
    return measured, most


def _taken_when_full(bench):
    def measured(program_bytes):
        used, _ = taken_when_full(bench, PARTYSOCKET, program_bytes)
        return {"value": used, "text": f"{used // BLOCK_BYTES} blocks"}

    return measured, lambda _: f"{full_bytes(bench) // BLOCK_BYTES} blocks"


def _read(bench, i):
    def measured(program_bytes):
        found = _filling(bench, PARTYSOCKET, program_bytes, 1, "sensor")[i]["read"]
        text = " / ".join(f"{size / 1024:,.0f}" for size in found)
        return {"value": found, "text": text + " KiB"}

    return measured, None


def _row(bench, table, what, how):
    """A row with a cell and its limit for each board. `how`: (function that measures, function for
    the limit); both get the bytes that flash programs at once.
    """
    bench.say(what)
    measured, most = how
    cells = {}
    for board, program_bytes in BOARDS.items():
        found = bench.attempt(lambda _, n=program_bytes: measured(n), PARTYSOCKET)
        if isinstance(found, Missing):
            found = {"value": None, "text": f"n/a: {found}".replace("|", "/")}
        cells[board] = found
        cells[f"must, {program_bytes} B"] = {"text": most(program_bytes) if most else "–"}
    table.append({"what": what, "cells": cells})
