"""Bugs planted in the library. The lives must find each of them."""

import re
from functools import partial

import pytest

from needs import find_micropython, need_micropython

from .planted import BUGS
from .start import SMALL_HEAP, at_once, run

# The interpreter for each kind of life, and its heap.
ON = {
    "lives": {"cpython": ""},
    "weather": {"micropython": SMALL_HEAP},
    "late": {"cpython": "", "micropython": "8M"},
}
EACH = [(bug, on) for bug in BUGS for on in ON[bug.found_by[0]]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """{(a bug, an interpreter): its result}."""

    jobs = {}
    for bug, on in EACH:
        if on == "cpython" or find_micropython():
            # Made here and not in the threads: the factory is not thread-safe.
            copy = bug.plant(tmp_path_factory.mktemp("planted"))
            heap = ON[bug.found_by[0]][on]
            jobs[bug, on] = partial(run, on, *bug.found_by, lib=copy, heap=heap)
    with at_once(jobs) as begun:
        yield begun


@pytest.mark.parametrize("bug,on", EACH, ids=lambda each: getattr(each, "name", each))
def test_a_planted_bug_is_found(bug, on, runs):
    if on != "cpython":
        need_micropython()
    status, output = runs[bug, on].result()
    found = re.search(rf"^BROKEN {bug.found_by[0]}.*", output, re.M)
    assert status == 1 and found, output[-2000:]
    print(found[0])
