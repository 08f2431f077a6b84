"""Mutated streams into a socket, on CPython and on MicroPython.

SEED=n replays one stream. Without it each run begins at a random seed, and prints it.
"""

import os
import random
import subprocess
from pathlib import Path

import pytest

from needs import in_ci

from . import mutants

_RUN = 12_000
_MICROPYTHON_RUN = 1_000
_SOAK = 200_000
_FIRST = 0 if in_ci() else random.SystemRandom().randrange(1 << 29)


def _range(count):
    """(the first seed, the number of streams)."""
    if os.environ.get("SEED"):
        return int(os.environ["SEED"]), 1
    print(f"seeds from {_FIRST}")
    return _FIRST, count


def _expect_variety(errors, messages, count):
    """Otherwise the mutants test nothing."""
    if count > 1:
        assert errors > count // 10 and messages > count // 4


@pytest.mark.parametrize("part", range(4))
def test_mutants_are_read_alike_however_cut_and_hold_little(part):
    first, count = _range(_RUN // 4)
    first += part * count if count > 1 else 0
    _expect_variety(*mutants.run(first, count), count)


def test_mutants_on_micropython(micropython):
    first, count = _range(_MICROPYTHON_RUN)
    output = _run_there(micropython, first, count)
    errors, messages = [int(word) for word in output.split()[-2:]]
    _expect_variety(errors, messages, count)
    assert (errors, messages) == mutants.run(first, count), "the two interpreters disagree"


def _run_there(micropython, first, count):
    program = str(Path(mutants.__file__))
    run = subprocess.run(
        [micropython, "-X", "heapsize=8M", program, str(first), str(count)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.soak
def test_two_hundred_thousand_mutants(micropython):
    first, count = _range(_SOAK)
    _expect_variety(*mutants.run(first, count), count)
    _run_there(micropython, first, min(count, _SOAK // 10))
