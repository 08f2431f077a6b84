"""Runs lives, on the interpreter that runs it.

    python host_tests/simulation/run_seeds.py FIRST COUNT
    SEED=1234 python host_tests/simulation/run_seeds.py
    python host_tests/simulation/run_seeds.py cancel

The second form replays one, twice, and prints its trace. The third cancels each task of one life
at each place where it waits. MicroPython's unix port takes the same.
LIB=folder runs them with the library there. Each life that breaks prints its seed and the command
that replays it; then the run ends.
"""

import gc
import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")
sys.path.insert(0, os.getenv("LIB") or _HERE + "/../../lib")

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from simulation.clock import clock  # noqa: E402
from simulation.life import Life  # noqa: E402

_TOLD_EVERY = 100
_TWICE_EVERY = 50
_LAST_LINES = 60
_COMMANDS = {"cpython": ".venv/bin/python", "micropython": ".venv/bin/micropython -X heapsize=32M"}


def replay(seed):
    life = Life(seed)
    hashed = None
    try:
        hashed = life.run()
    finally:
        print("\n".join(life.trace))
    again = Life(seed).run()
    print("hash %08x, again %08x" % (hashed, again))
    return 0 if hashed == again else 1


def run(first, count):
    for seed in range(first, first + count):
        life = Life(seed)
        try:
            hashed = life.run()
            if seed % _TWICE_EVERY == 0 and Life(seed).run() != hashed:
                raise AssertionError("the same seed took another way")
        except Exception as e:
            told(life, e)
            return 1
        if (seed - first + 1) % _TOLD_EVERY == 0:
            print("%d lives" % (seed - first + 1))
            gc.collect()
    print("all %d lives" % count)
    return 0


def told(life, error):
    print("\n".join(life.trace[-_LAST_LINES:]))
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)
    else:
        import traceback

        traceback.print_exception(error)
    print(
        "BROKEN at SEED=%d after %d ms: %s\nSEED=%d %s host_tests/simulation/run_seeds.py"
        % (life.seed, clock.now(), error, life.seed, _COMMANDS[sys.implementation.name]),
        "replays it",
    )


def cancel():
    from simulation.busy import CALLERS, cancel_everywhere

    ends = CALLERS  # on MicroPython nothing is told of its loop's end
    if sys.implementation.name == "cpython":
        ends = CALLERS + ("loop",)
    for who in ends:
        print("%s: cancelled at %d places" % (who, cancel_everywhere(who)))
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["cancel"]:
        sys.exit(cancel())
    if os.getenv("SEED"):
        sys.exit(replay(int(os.getenv("SEED"))))
    sys.exit(run(int(sys.argv[1]), int(sys.argv[2])))
