"""The power goes at any write to a littlefs on which an outbox lives: what it has promised is
there afterwards, in order, and no number is given twice. On CPython, whose files are the
computer's, the board starts anew between two calls.

    SEED=1234 make test ARGS="-k power_cut"

replays one life on each interpreter; one that breaks prints the command that replays it by itself.
"""

import os
from functools import partial

import pytest

from needs import find_micropython, need_micropython
from simulation.start import SOAK_LIMIT_S, at_once

from .start import run

SEED = os.environ.get("SEED")
LIVES = {"cpython": 20, "micropython": 10, "compiled": 10}
EVERY = 9  # write is looked at
SOAKED = {"cpython": 3000, "micropython": 300, "compiled": 300}


@pytest.fixture(scope="module")
def lives():
    here = [name for name in LIVES if name == "cpython" or find_micropython()]
    given = {name: (SEED, 1, 1) if SEED else (0, LIVES[name], EVERY) for name in here}
    with at_once({name: partial(run, name, "cuts", *given[name]) for name in here}) as begun:
        yield begun


# The first test waits for all, whose processes have limits.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("interpreter", LIVES)
def test_power_cut(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    status, output = lives[interpreter].result()
    print(output)
    assert status == 0 and f"{1 if SEED else LIVES[interpreter]} lives, 0 broken" in output


@pytest.mark.soak
def test_a_cut_at_each_write():
    need_micropython()
    jobs = {
        name: partial(run, name, "cuts", LIVES[name], SOAKED[name], 1, limit_s=SOAK_LIMIT_S)
        for name in LIVES
    }
    with at_once(jobs) as begun:
        for name, life in begun.items():
            status, output = life.result()
            assert status == 0 and f"{SOAKED[name]} lives, 0 broken" in output, output[-4000:]
