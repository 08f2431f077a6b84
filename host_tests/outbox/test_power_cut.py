"""The power goes at any write to a littlefs on which an outbox lives: what it has promised is
there afterwards, in order, and no number is given twice. On CPython, whose files are the
computer's, the board starts anew between two calls.

    SEED=1234 make test ARGS="-k power_cut"

replays one life on each interpreter; one that breaks prints the command that replays it by itself.
"""

import pytest

from needs import need_micropython
from simulation.start import Lives

from .start import run

COUNTS = {"cpython": 20, "micropython": 10, "compiled": 10}
SOAKED = {"cpython": 3000, "micropython": 300, "compiled": 300}
LIVES = Lives(run, "cuts", COUNTS, (9,), (1,))  # each so many-th write is looked at


@pytest.fixture(scope="module")
def lives():
    with LIVES.begun() as begun:
        yield begun


# The first test waits for all, whose processes have limits.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("interpreter", COUNTS)
def test_power_cut(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    LIVES.check(interpreter, lives[interpreter].result())


@pytest.mark.soak
def test_a_cut_at_each_write():
    need_micropython()
    LIVES.soak(COUNTS, SOAKED, (1,))
