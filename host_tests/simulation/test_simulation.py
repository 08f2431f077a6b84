"""Random lives from seeds, on CPython and on MicroPython at the same time. Tasks of the
application are cancelled where they wait, and loops are ended on the way.

    SEED=1234 make test ARGS="-k random_lives"

replays one of them on each interpreter. A life that breaks prints the command that replays it.
"""

import pytest

from needs import need_micropython

from .start import Lives, run

COUNTS = {"cpython": 250, "micropython": 80, "compiled": 80}
# After those.
SOAKED = {"cpython": 5000, "micropython": 2500, "compiled": 2500}
LIVES = Lives(run, "lives", COUNTS)


@pytest.fixture(scope="module")
def lives():
    with LIVES.begun() as begun:
        yield begun


@pytest.mark.parametrize("interpreter", COUNTS)
def test_random_lives(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    LIVES.check(interpreter, lives[interpreter].result())


@pytest.mark.soak
def test_ten_thousand_lives():
    need_micropython()
    LIVES.soak(COUNTS, SOAKED, ())
