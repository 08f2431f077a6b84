"""Lives that want for memory; see storm.py. On MicroPython, "raise" on CPython too.

    run_weather.py KIND MODE EVERY OFFSET     each EVERY-th point, from OFFSET on
    run_weather.py KIND MODE POINT            one life, with its trace

KIND is "plain" or "rich". MODE is "lock" (from a point until the library calls something of the
world, or waits), "lock:N" (for N points), "fill:N" (N bytes are left), "fill:N:M" (for M points),
or what is planted: "drop", "spin", "freeze". LIB=folder runs them with the library there.
"""

import gc
import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/..")
sys.path.insert(0, os.getenv("LIB") or _HERE + "/../../lib")

from simulation import storm, weather  # noqa: E402

_REPLAY = ".venv/bin/micropython -X heapsize=700K host_tests/simulation/run_weather.py"
_PLANTED = {"drop": weather.DROPPED, "spin": weather.SPINNING, "freeze": weather.FROZEN}
_PLANTED["raise"] = weather.RAISES


def mode_of(text):
    """(points, bytes that are free)"""
    name, _, numbers = text.partition(":")
    numbers = [int(n) for n in numbers.split(":")] if numbers else []
    if name == "lock":
        return (numbers[0] if numbers else 1), weather.LOCKED
    if name == "fill":
        return (numbers[1] if len(numbers) > 1 else 1), numbers[0]
    return 1, _PLANTED[name]


def main(kind, mode, *numbers):
    numbers = [int(n) for n in numbers]
    span, free = mode_of(mode)
    storm.Storm(kind).run()  # loads whatever is loaded late
    calm = storm.Storm(kind)
    calm.run()
    count = weather.points()
    if len(numbers) == 1:
        told = storm.judged(kind, numbers[0], span, free, calm, True)
        print("BROKEN: " + told if told else "it holds")
        return 1 if told else 0
    every, offset = numbers
    tried = reached = 0
    broken = {}
    for point in range(offset, count, every):
        print("at %d of %d" % (point, count))
        told = storm.judged(kind, point, span, free, calm)
        tried += 1
        reached += weather.reached > 0
        if told:
            print("BROKEN at %d: %s" % (point, told))
            print("  %s %s %s %d" % (_REPLAY, kind, mode, point))
            broken[point] = told
        gc.collect()
    print("%d lives, %d had weather, %d broken" % (tried, reached, len(broken)))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
