"""Runs lives on this interpreter. MicroPython's unix port takes the same arguments.

    run.py lives FIRST COUNT                from seeds; COUNT 1: with its trace
    run.py weather KIND MODE EVERY OFFSET   each EVERY-th point, from OFFSET on, has no memory
    run.py weather KIND MODE POINT          one such life, with its trace
    run.py late VARIANT [NAME...]           loads fail once, in all rare paths, or in some

LIB=folder uses the library there. A life that breaks prints the command that replays it.

KIND is "plain" or "rich", see storm.py. MODE is what happens at a point: "lock" (nothing can be
allocated until the library calls the world, or waits), "lock:N" (for N points), "fill:N" (N bytes
are left), "fill:N:M" (for M points), "raise" (the world's calls raise MemoryError). VARIANT is
"memory", "missing" or "broken".
"""

import os
import sys

_HERE = __file__[: __file__.rfind("/")] if "/" in __file__ else "."
_LIB = os.getenv("LIB") or _HERE + "/../../lib"
sys.path.insert(0, _HERE + "/..")

from simulation import late  # noqa: E402

if sys.argv[1] == "late":
    late.begin(_LIB)
else:
    sys.path.insert(0, _LIB)

import partysocket  # noqa: E402, F401  (supplies `micropython` on CPython)
from simulation.clock import play  # noqa: E402
from simulation.lives import play_all  # noqa: E402

_TWICE_EVERY = 50


# Each kind gives lives: (the arguments that replay it, the function that runs it).


def lives(first, count):
    from simulation.life import Life

    for seed in range(int(first), int(first) + int(count)):

        def live(seed=seed):
            hashed = Life(seed, count == "1").run()
            if count == "1" or seed % _TWICE_EVERY == 0:
                assert Life(seed).run() == hashed, "the same seed took another way"

        yield "lives %d 1" % seed, live


def weather(kind, mode, *numbers):
    from simulation import weather
    from simulation.storm import Storm

    # This loads all modules that are loaded late.
    Storm(kind).run()
    calm = Storm(kind)
    calm.run()
    points = [int(numbers[0])]
    if len(numbers) > 1:
        points = range(int(numbers[1]), weather.points(), points[0])
    reached = 0
    for point in points:
        storm = Storm(kind, len(numbers) == 1)
        yield (
            "weather %s %s %d" % (kind, mode, point),
            lambda storm=storm, point=point: storm.run_in(mode, point, calm),
        )
        reached += weather.reached > 0
    print("%d had weather" % reached)


def late_loads(variant, *names):
    from simulation import odd_paths

    late.variant = variant
    for name in names or odd_paths.NAMES:
        yield "late %s %s" % (variant, name), lambda name=name: play(lambda: odd_paths.do(name))
    print("\n".join(odd_paths.told))
    print("loaded early: %s" % " ".join(late.early))
    print("loaded late: %s\n%d loads failed" % (" ".join(late.loads), late.failures))


_KINDS = {"lives": lives, "weather": weather, "late": late_loads}


if __name__ == "__main__":
    kind = sys.argv[1]
    # A soak of weather reports all broken lives.
    sys.exit(play_all(_KINDS[kind](*sys.argv[2:]), "simulation/run.py", kind == "weather"))
