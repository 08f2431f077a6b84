"""The power fails at any write to the littlefs of an outbox. Afterwards its promises are kept: the
readings are there in order, and no number is used twice. On CPython, where the files are the
computer's, the board starts again between two calls.

    SEED=1234 make test ARGS="-k power_cut"

replays one life on each interpreter. A life that breaks prints the command that replays it.
"""

import pytest

from needs import need_micropython
from simulation.start import Lives

from .start import run

COUNTS = {"cpython": 20, "micropython": 10, "compiled": 10}
SOAKED = {"cpython": 3000, "micropython": 300, "compiled": 300}
# Each so-many-th write is checked.
LIVES = Lives(run, "cuts", COUNTS, (9,), (1,))


@pytest.fixture(scope="module")
def lives():
    with LIVES.begun() as begun:
        yield begun


# The first test waits for all of them. Their processes have time limits.
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
