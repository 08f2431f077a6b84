"""Random lives from seeds, on CPython and on MicroPython at once. Tasks of the application's are
cancelled where they wait, and loops are ended on the way.

    SEED=1234 make test ARGS="-k random_lives"

replays one of them on each; a life that breaks prints the command that replays it by itself.
"""

import pytest

from needs import need_micropython

from .start import Lives, run

COUNTS = {"cpython": 250, "micropython": 80, "compiled": 80}
SOAKED = {"cpython": 5000, "micropython": 2500, "compiled": 2500}  # after those
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
