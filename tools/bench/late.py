"""Modules that are loaded late: how much flash and RAM the largest takes, and how long loading it
blocks the loop.
"""

from statistics import median

from library import LATE, PARTS

from .clients import FLASH_ARCH, OURS, PARTYSOCKET, RAW, RELEASE, library_files
from .devices import Missing
from .sizes import import_32, modules

_ECHOES = 1000
_NATIVE = ".native"
# Modules that an application imports itself when it begins.
_BY_HAND = [
    "partysocket." + module.replace("/", ".")
    for part in ("clock", "device", "hooks", "outbox", "portal", "recorder", "wifi")
    for module in PARTS[part]
]


def measure(bench):
    bench.say("late loads")
    found = {client.name: bench.attempt(lambda c: loads(bench, c), client) for client in OURS}
    _row(bench, "largest late load, flash", found, lambda load: load["flash"])
    _row(bench, "largest late load, RAM, 64-bit", found, lambda load: load["ram"])
    _row(bench, "largest late load, RAM, 32-bit", found, ram_32)
    _pace(bench, found)
    bench.note(
        "A late load: a module that the library loads when it is first needed, the parts fetch "
        f"and roots too, with all that it brings; flash for {FLASH_ARCH}. RAM: what it keeps over "
        "what a dial loads. "
        f"The stop: one import, the median of {_times(bench)}, in processes of their own, on this "
        "machine, from files that its system has in memory; a board's flash is slower. Pace is "
        "noisy here: read it against the release and the raw echo (125 B) of the same run."
    )


def loads(bench, client):
    """A dict for each module that can be imported here: "module", "flash", "ram", "us", "client",
    and "first", the modules that are there before it.
    """
    sizes = dict(library_files(client))
    first = modules(bench, client)
    there = [*first, *_BY_HAND]
    ours = [name for name in sizes if name.rpartition(".")[2] not in LATE]  # of the base
    late = [name for name in ours if name not in there and not name.endswith(_NATIVE)]
    found = []
    for name in late:
        runs = []
        for _ in range(_times(bench)):
            run = bench.attempt(
                lambda c, name=name: bench.task("late_load", c, name, *first), client
            )
            if isinstance(run, Missing):
                # It needs something that is not there.
                break
            runs.append(run)
        else:
            new = [module for module in runs[0][2] if module in sizes]
            found.append(
                {
                    "client": client,
                    "module": name,
                    "flash": sum(sizes[module] for module in new),
                    "ram": runs[0][1],
                    "us": median(run[0] for run in runs),
                    "first": first,
                }
            )
    if not found:
        raise run
    return found


def _times(bench):
    return 1 if bench.is_quick else 7


def largest(found):
    return max(found, key=lambda load: load["flash"])


def ram_32(load):
    first = [name for name in load["first"] if not name.endswith(_NATIVE)]
    return import_32(load["client"], [load["module"]], first)


def _row(bench, what, found, figure):
    """A row of bytes, for the largest module of each client."""
    bench.say(what)
    cells = {}
    for name, its in found.items():
        value = its if isinstance(its, Missing) else bench.attempt(figure, largest(its))
        if isinstance(value, Missing):
            cells[name] = _none(value)
        else:
            text = f"{value:,} B ({_short(largest(its))})"
            cells[name] = {"value": value, "text": text}
    bench.table.append({"what": what, "unit": "B", "cells": cells})


def _pace(bench, found):
    """The row with the longest time, and its ratios."""
    what = "longest stop of the loop by a late load"
    bench.say(what)
    raw = bench.attempt(lambda c: bench.task("echoes", c, 125, _ECHOES), RAW)
    longest = {
        name: max(its, key=lambda load: load["us"])
        for name, its in found.items()
        if not isinstance(its, Missing)
    }
    cells = {name: _none(its) for name, its in found.items() if isinstance(its, Missing)}
    for name, load in longest.items():
        cells[name] = told = {"value": load["us"]}
        told["text"] = f"{load['us']:,.0f} us ({_short(load)})"
        if name == PARTYSOCKET.name and RELEASE.name in longest:
            told["x release"] = load["us"] / longest[RELEASE.name]["us"]
            told["text"] += f"; {told['x release']:.2f} x release"
        if not isinstance(raw, Missing) and raw:
            told["raw echoes"] = load["us"] / (raw * 1000 / _ECHOES)
            told["text"] += f"; {told['raw echoes']:.0f} raw echoes"
    bench.table.append({"what": what, "unit": "us", "cells": cells})


def _short(load):
    return load["module"].removeprefix("partysocket.")


def _none(missing):
    return {"value": None, "text": f"n/a: {missing}".replace("|", "/")}
