"""How much of a board the library may take, and how much it takes: `make footprint` prints it.

.venv/bin/python tools/musts.py

Each must is a limit that was set before the code for it was written. host_tests/test_footprint.py
checks what was reached. Nothing here was measured on a real board.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from bench import clients, device_cost, memory, outbox_cost, outbox_flash, portal_cost, sizes
from bench.clients import FLASH_ARCH, OURS, PARTYSOCKET
from bench.devices import Missing, server
from bench.run import Bench


@dataclass(frozen=True)
class Must:
    what: str
    most: int
    unit: str
    # Called with (Bench, Client).
    measure: Callable


def _smallest(form, what):
    return lambda bench, client: memory.smallest(bench, client, form, what=what)


def _on_flash(state, program_bytes):
    """The musts of an outbox in one state, by name."""
    erases, payloads = outbox_flash.MOST[state][program_bytes]
    where = f"outbox, {state}, {program_bytes} B"

    def counted(key, count):
        def measure(bench, client):
            told = outbox_flash.writes(bench, client, program_bytes, state)
            return round(told[key] * count / told["count"])

        return measure

    return {
        f"erases: {where}": Must(
            f"erases by 1,000 readings: {where} programmed at once",
            round(erases * 1000),
            "",
            counted("erases", 1000),
        ),
        f"programmed: {where}": Must(
            f"programmed by a reading of 60 B: {where} at once",
            payloads * outbox_flash.PAYLOAD_BYTES,
            "B",
            counted("programmed", 1),
        ),
    }


def _flash_of_readings(kind):
    return Must(
        f"of flash, 1,000 readings of 60 B{outbox_flash.KINDS[kind]}",
        round(outbox_flash.MOST_TAKEN * 1000 * outbox_flash.PAYLOAD_BYTES),
        "B",
        lambda bench, client: outbox_flash.taken(bench, client, 32, kind, 1000),
    )


MUSTS = {
    "flash": Must(
        f"flash of a PartySocket's ws dial and redial, {FLASH_ARCH} with native code",
        26_000,
        "B",
        sizes.loaded,
    ),
    "littlefs": Must(
        "of a littlefs, all of the base, Pico W",
        80,
        "KiB",
        lambda bench, client: sizes.littlefs(bench, client, "rp2"),
    ),
    "littlefs of an ESP32": Must(
        "of a littlefs, all of the base, ESP32",
        80,
        "KiB",
        lambda bench, client: sizes.littlefs(bench, client, "esp32"),
    ),
    "RAM32": Must(
        "RAM of a dial and all later ones, 32-bit, native code counted",
        35_000,
        "B",
        sizes.with_native,
    ),
    "echoes": Must(
        "smallest heap, 64-bit: 200 echoes of 125 B", 68, "KiB", _smallest("mpy", "echoes")
    ),
    "reconnects": Must(
        "smallest heap, 64-bit: 200 reconnects", 84, "KiB", _smallest("mpy", "reconnects")
    ),
    "RAM32 from ROMFS": Must(
        "from ROMFS: RAM, 32-bit, native code counted",
        15_000,
        "B",
        lambda bench, client: sizes.with_native(bench, client, from_rom=True),
    ),
    "echoes from ROMFS": Must(
        "from ROMFS: smallest heap, 64-bit: 200 echoes of 125 B",
        52,
        "KiB",
        _smallest("rom", "echoes"),
    ),
    "flash of a device": Must("flash of a Device", device_cost.MOST_FLASH, "B", device_cost.flash),
    "RAM32 of a device": Must(
        "RAM of a Device, 32-bit, over that of its PartySocket",
        device_cost.MOST_RAM,
        "B",
        device_cost.ram_32,
    ),
    "RAM32 of an outbox": Must(
        "RAM of an outbox, 32-bit",
        outbox_cost.MOST_RAM,
        "B",
        lambda bench, client: outbox_cost.ram_32(bench, client, outbox_cost.RAM),
    ),
    "RAM32 of an outbox in use": Must(
        "and of one in use, on top of that",
        outbox_cost.MOST_IN_USE,
        "B",
        lambda bench, client: outbox_cost.ram_32(bench, client, outbox_cost.IN_USE),
    ),
    "RAM32 of a portal": Must(
        "RAM of a portal, 32-bit, in the middle of an answer",
        portal_cost.MOST_OPEN,
        "B",
        lambda bench, client: portal_cost.ram_32(bench, client, portal_cost.ANSWERED),
    ),
    **_on_flash(outbox_flash.FEW, 32),
    **_on_flash(outbox_flash.FEW, 256),
    **_on_flash(outbox_flash.FILLING, 32),
    **_on_flash(outbox_flash.FILLING, 256),
    "flash of readings": _flash_of_readings("sensor"),
    "flash of readings that share nothing": _flash_of_readings("noise"),
}


def bench_of(ports, root, quick=False):
    """A Bench without a command line."""
    chosen = SimpleNamespace(micropython=None, quick=quick, clients=None, rounds=None, match="")
    return Bench(ports, root, chosen)


def lines(bench):
    """The lines of the table."""
    titles = [client.title for client in OURS]
    yield "| | must | " + " | ".join(titles) + " | |"
    yield "|---|---|" + "---|" * len(titles) + "---|"
    for must in MUSTS.values():
        bench.say(must.what)
        found = [bench.attempt(lambda c, m=must: m.measure(bench, c), client) for client in OURS]
        cells = [_shown(value, must.unit) for value in found]
        mine = found[OURS.index(PARTYSOCKET)]
        yield (
            f"| {must.what} | {must.most:,} {must.unit} | "
            + " | ".join(cells)
            + f" | {_verdict(mine, must)} |"
        )


def _shown(value, unit):
    return f"n/a: {value}".replace("|", "/") if isinstance(value, Missing) else f"{value:,} {unit}"


def _verdict(value, must):
    if isinstance(value, Missing):
        return "not measured"
    over = value - must.most
    return f"{over:,} {must.unit} too much" if over > 0 else "kept"


def main():
    argparse.ArgumentParser(description=__doc__.partition("\n\n")[0]).parse_args()
    try:
        with server() as (ports, root):
            for line in lines(bench_of(ports, root)):
                print(line, flush=True)
    finally:
        clients.remove_trees()
    print(
        "littlefs: " + sizes.footprint.LITTLEFS + "\n"
        "Heaps: of MicroPython's unix port, with the options queue_bytes and max_retries. 32-bit: "
        "of MicroPython in WebAssembly,\nwith the bytes of the native code added. How each is "
        "measured: `make bench` says it below its table."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
