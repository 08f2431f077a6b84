"""Bugs planted in the library: the lives have to find each of them."""

import re
from functools import partial

import pytest

from needs import need_micropython

from .planted import BUGS
from .start import SMALL_HEAP, at_once, run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{name of a bug: what becomes of its run}"""

    def find(bug):
        copy = bug.plant(tmp_path_factory.mktemp("planted"))
        if bug.found_by[0] == "weather":
            return run("micropython", *bug.found_by, lib=copy, heap=SMALL_HEAP)
        return run("cpython", *bug.found_by, lib=copy)

    with at_once({bug.name: partial(find, bug) for bug in BUGS}) as begun:
        yield begun


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug, runs):
    if bug.found_by[0] == "weather":
        need_micropython()
    status, output = runs[bug.name].result()
    found = re.search(rf"^BROKEN {bug.found_by[0]}.*", output, re.M)
    assert status == 1 and found, output[-2000:]
    print(found[0])
