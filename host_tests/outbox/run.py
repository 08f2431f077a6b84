"""Runs the random tests of this folder on this interpreter.

    run.py cuts FIRST COUNT EVERY    lives on flash with power cuts; COUNT 1 prints what happens
    run.py room FIRST COUNT READINGS [early]    devices and a room that fail; early: a room that
                                     acknowledges readings that are not on disk
    run.py claims MODULE [NAME...]   the claims of a module

LIB=folder uses the library there. A run that breaks prints the command that replays it.
"""

import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")
sys.path.insert(0, os.getenv("LIB") or _HERE + "/../../lib")

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from api.world import in_loop  # noqa: E402
from simulation.clock import play  # noqa: E402
from simulation.lives import play_all  # noqa: E402


def cuts(first, count, every):
    from outbox.life import Life

    figures = [0, 0, 0]
    for seed in range(int(first), int(first) + int(count)):
        life = Life(seed, int(every), count == "1")
        yield "cuts %d 1 %s" % (seed, every), lambda life=life: play(life.live)
        figures[0] += life.cuts
        figures[1] += life.looks
        figures[2] += life.writes
    print("%d cuts, and %d looked at, of %d writes" % tuple(figures))


def room(first, count, readings, *faults):
    from outbox.delivery import Delivery

    figures = [0, 0, 0, 0]
    for seed in range(int(first), int(first) + int(count)):
        life = Delivery(seed, int(readings), count == "1", "early" in faults)
        name = "room %d 1 %s %s" % (seed, readings, " ".join(faults))
        yield name, lambda life=life: play(life.live)
        figures[0] += life.cuts
        figures[1] += life.faults
        figures[2] += len(life.room.table)
        figures[3] += life.room.messages
    print("%d cuts, %d faults; %d readings stored, by %d messages" % tuple(figures))


def claims(module, *names):
    module = getattr(__import__("outbox." + module), module)
    for name in names or sorted(dir(module)):
        if name.startswith("claim_"):
            claim = getattr(module, name)
            yield "claims %s %s" % (module.__name__, name), lambda claim=claim: in_loop(claim)


_KINDS = {"cuts": cuts, "room": room, "claims": claims}


if __name__ == "__main__":
    lives = _KINDS[sys.argv[1]](*sys.argv[2:])
    sys.exit(play_all(lives, "outbox/run.py", os.getenv("GO_ON")))
