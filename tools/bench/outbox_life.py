"""How long flash lasts with an outbox, computed from the erases that outbox_flash counts."""

from .clients import PARTYSOCKET
from .devices import Missing
from .outbox_flash import BATCHES, BLOCK_BYTES, BOARDS, STATES, named, writes

_READINGS_A_YEAR = 60 * 24 * 365  # one a minute
_ERASES_OF_A_BLOCK = 100000
_PARTITIONS_KIB = (512, 1024, 2048)


def measure(bench):
    table = []
    for batch in BATCHES:
        for state in STATES:
            what = "years of a partition half free: " + named(bench, state, batch)
            bench.say(what)
            cells = {}
            for board, program_bytes in BOARDS.items():
                told = bench.attempt(
                    lambda c, p=program_bytes, s=state, b=batch: writes(bench, c, p, s, b),
                    PARTYSOCKET,
                )
                for kib in _PARTITIONS_KIB:
                    cells[f"{board}: {kib} KiB"] = _cell(told, kib)
            table.append({"what": what, "cells": cells})
    bench.more.append(table)
    bench.note(
        "Outbox, life of the flash: a reading a minute for ever in this state, as often as it "
        f"was erased above, and {_ERASES_OF_A_BLOCK:,} erases of each block: what typical data "
        "sheets of NOR flash say (Winbond's W25Q: at least 100,000 program-erase cycles a "
        "sector). littlefs spreads the erases over the free blocks, half of the partition here: "
        "after 100 erases it moves a folder to another block (the block_cycles of MicroPython's "
        "ports). Seen once, on 64 blocks: 150,000 readings erased a block 130 times in the "
        "mean, none more than 202 times."
    )


def _cell(told, kib):
    if isinstance(told, Missing):
        return {"value": None, "text": f"n/a: {told}".replace("|", "/")}
    years = life_years(told["erases"] / told["count"], kib)
    return {"value": years, "text": f"{years:,.0f}"}


def life_years(erases, kib):
    """Years that a partition of `kib` KiB lasts, if half of it is free, with so many erases for
    each record.
    """
    free = kib * 1024 // BLOCK_BYTES // 2
    return free * _ERASES_OF_A_BLOCK / (erases * _READINGS_A_YEAR)
