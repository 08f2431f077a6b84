"""Wherever an allocation fails, the connection may be lost, but never the socket. In virtual time;
run.py explains the modes.

    WEATHER_SEED=7 make test ARGS="-k want_of_memory"

draws the same points again. A life that breaks prints the command that replays it.
"""

import functools
import os
import random
import re

import pytest

from interpreters import LIB
from needs import find_micropython, need_micropython

from . import start

SEED = int(os.environ.get("WEATHER_SEED") or random.SystemRandom().randrange(1000))

# (kind of life, mode): one point in so many. It runs on MicroPython, unless "cpython" follows the
# mode.
LIVES = {
    ("plain", "raise"): 20,
    ("rich", "raise"): 80,
    ("plain", "raise cpython"): 20,
    ("rich", "raise cpython"): 40,
    ("plain", "lock"): 20,
    ("plain", "lock:40"): 64,
    ("plain", "lock:400"): 128,
    ("plain", "fill:100:20"): 256,
    ("rich", "lock"): 80,
    ("rich", "lock:40"): 240,
}
SOAKED = {
    **{(kind, mode): 1 for kind in ("plain", "rich") for mode in ("raise", "raise cpython")},
    **{("plain", mode): 1 for mode in ("lock", "lock:3", "lock:40", "lock:400")},
    **{("plain", f"fill:{n}"): 2 for n in (0, 64, 200, 700, 3000)},
    **{("plain", f"fill:{n}:40"): 16 for n in (0, 200, 700, 3000)},
    **{("rich", mode): 2 for mode in ("lock", "lock:3", "lock:40", "lock:400", "fill:200")},
}


def run(kind, mode, every, **limit):
    mode, _, interpreter = mode.partition(" ")
    interpreter = interpreter or "micropython"
    arguments = ("weather", kind, mode, every, SEED % every)
    status, output = start.run(interpreter, *arguments, heap=start.SMALL_HEAP, lib=LIB, **limit)
    return status, f"WEATHER_SEED={SEED}\n{output}"


def expect_well(status, output):
    lives = re.search(r"(\d+) lives, 0 broken", output)
    reached = re.search(r"(\d+) had weather", output)
    # Of the lines with the current position only the last one is shown: the process may hang
    # there.
    assert status == 0 and lives and reached, re.sub(r"^at .*\n(?=at )", "", output, flags=re.M)
    assert int(reached[1]) > int(lives[1]) // 2, output


@pytest.fixture(scope="module")
def runs():
    jobs = {
        (kind, mode): functools.partial(run, kind, mode, every)
        for (kind, mode), every in LIVES.items()
        if mode.endswith("cpython") or find_micropython()
    }
    with start.at_once(jobs) as begun:
        yield begun


@pytest.mark.parametrize("kind,mode", LIVES)
def test_a_life_that_wants_for_memory_goes_on(kind, mode, runs):
    if "cpython" not in mode:
        need_micropython()
    expect_well(*runs[kind, mode].result())


@pytest.mark.soak
@pytest.mark.parametrize("kind,mode", SOAKED)
def test_a_life_that_wants_for_memory_at_each_point_goes_on(kind, mode):
    expect_well(*run(kind, mode, SOAKED[kind, mode], limit_s=start.SOAK_LIMIT_S))
