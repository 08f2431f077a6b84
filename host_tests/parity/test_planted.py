"""Deviations planted in our library. Its traces must differ from the package's, on each
interpreter.
"""

from functools import partial

import pytest

from needs import find_micropython, need_micropython
from parity.planted import DEVIATIONS
from parity.traces import INTERPRETERS, are_same, by_hand, by_hand_of_ours, of_ours, partings
from simulation.start import at_once


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """{(name, interpreter): the result of its traces}."""
    scripts, _ = by_hand()
    jobs = {}
    for deviation in DEVIATIONS:
        lib = deviation.plant(tmp_path_factory.mktemp("planted"))
        for interpreter in INTERPRETERS:
            if interpreter == "cpython" or find_micropython():
                job = partial(of_ours, scripts, interpreter, lib)
                jobs[deviation.name, interpreter] = job
    with at_once(jobs) as begun:
        yield begun


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.name)
@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_planted_deviation_is_caught(deviation, interpreter, traces):
    if interpreter == "micropython":
        need_micropython()
    scripts, mended = by_hand()
    # Without the plant they are equal.
    assert all(map(are_same, mended, by_hand_of_ours(interpreter)))
    own = traces[deviation.name, interpreter].result()
    count, told = partings(scripts, mended, own)
    print(f"caught by {count} of {len(scripts)} scripts\n{told}")
    assert count
