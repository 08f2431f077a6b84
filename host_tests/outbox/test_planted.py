"""Bugs planted in the library. The random tests of this folder must find each of them."""

import re
from functools import partial

import pytest

from needs import find_micropython, need_micropython
from simulation.start import at_once

from .planted import BUGS
from .start import run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    jobs = {}
    for bug in BUGS if find_micropython() else ():
        # Made here and not in the threads: the factory is not thread-safe.
        copy = bug.plant(tmp_path_factory.mktemp("planted"))
        jobs[bug] = partial(run, "micropython", *bug.found_by, lib=copy)
    with at_once(jobs) as begun:
        yield begun


# The first test waits for all of them. Their processes have time limits.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug, runs):
    need_micropython()
    status, output = runs[bug].result()
    found = re.search(rf"^BROKEN {bug.found_by[0]}.*", output, re.M)
    assert status == 1 and found, output[-2000:]
    print(f"{bug.name}: {found[0]}")
