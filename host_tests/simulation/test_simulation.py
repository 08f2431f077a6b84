"""Random lives from seeds, on CPython and on MicroPython at once.

    SEED=1234 make test ARGS="-k random_lives"

replays one of them on each; a life that breaks prints the command that replays it by itself.
"""

import os
import re

import pytest

from needs import find_micropython, need_micropython

from .start import SOAK_LIMIT_S, at_once, run

SEED = os.environ.get("SEED")
LIVES = {"cpython": 250, "micropython": 80, "compiled": 80}
SOAKED = {"cpython": 5000, "micropython": 2500, "compiled": 2500}  # after those
LEAST_PLACES = {"iterate": 20, "wait_closed": 5, "main": 10, "loop": 100}

on_each = pytest.mark.parametrize("interpreter", LIVES)


def here():
    return [name for name in LIVES if name == "cpython" or find_micropython()]


@pytest.fixture(scope="module")
def lives():
    """All begun at the first test: a machine has more than one core."""
    numbers = {name: (SEED, 1) if SEED else (0, count) for name, count in LIVES.items()}
    with at_once(
        {name: lambda name=name: run(name, "lives", *numbers[name]) for name in here()}
    ) as begun:
        yield begun


@on_each
def test_random_lives(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    status, output = lives[interpreter].result()
    print(output)
    assert status == 0 and f"{1 if SEED else LIVES[interpreter]} lives, 0 broken" in output


@on_each
def test_a_task_cancelled_at_each_place_where_it_waits(interpreter):
    status, output = run(interpreter, "cancel")
    assert status == 0, output
    places = {who: int(n) for who, n in re.findall(r"(\w+): cancelled at (\d+) places", output)}
    assert min(places.values()) >= 1
    if interpreter != "cpython":  # there nothing is told of the loop's end
        places["loop"] = 100
    assert all(places[who] >= least for who, least in LEAST_PLACES.items()), output


@pytest.mark.soak
def test_ten_thousand_lives():
    need_micropython()
    jobs = {
        name: lambda name=name: run(name, "lives", LIVES[name], SOAKED[name], limit_s=SOAK_LIMIT_S)
        for name in LIVES
    }
    with at_once(jobs) as begun:
        for name, life in begun.items():
            status, output = life.result()
            assert status == 0 and f"{SOAKED[name]} lives, 0 broken" in output, output[-4000:]
