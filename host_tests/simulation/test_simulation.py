"""Random lives from seeds, on CPython and on MicroPython at once. Tasks of the application's are
cancelled where they wait, and loops are ended on the way.

    SEED=1234 make test ARGS="-k random_lives"

replays one of them on each; a life that breaks prints the command that replays it by itself.
"""

import os
from functools import partial

import pytest

from needs import find_micropython, need_micropython

from .start import SOAK_LIMIT_S, at_once, run

SEED = os.environ.get("SEED")
LIVES = {"cpython": 250, "micropython": 80, "compiled": 80}
SOAKED = {"cpython": 5000, "micropython": 2500, "compiled": 2500}  # after those


@pytest.fixture(scope="module")
def lives():
    """All begun at the first test: a machine has more than one core."""
    here = [name for name in LIVES if name == "cpython" or find_micropython()]
    given = {name: (SEED, 1) if SEED else (0, LIVES[name]) for name in here}
    with at_once({name: partial(run, name, "lives", *given[name]) for name in here}) as begun:
        yield begun


@pytest.mark.parametrize("interpreter", LIVES)
def test_random_lives(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    status, output = lives[interpreter].result()
    print(output)
    assert status == 0 and f"{1 if SEED else LIVES[interpreter]} lives, 0 broken" in output


@pytest.mark.soak
def test_ten_thousand_lives():
    need_micropython()
    soak = partial(run, limit_s=SOAK_LIMIT_S)
    jobs = {name: partial(soak, name, "lives", LIVES[name], SOAKED[name]) for name in LIVES}
    with at_once(jobs) as begun:
        for name, life in begun.items():
            status, output = life.result()
            assert status == 0 and f"{SOAKED[name]} lives, 0 broken" in output, output[-4000:]
