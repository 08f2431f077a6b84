"""Deviations planted in our library: its traces must part from the package's, wherever it runs."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from needs import find_micropython, need_micropython
from parity.npm import need_partysocket
from parity.planted import DEVIATIONS
from parity.traces import INTERPRETERS, are_same, by_hand, by_hand_of_ours, of_ours, partings


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """All of them, as many at a time as there are cores: {(name, interpreter): future traces}."""
    need_partysocket()
    scripts, _ = by_hand()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = {}
        for deviation in DEVIATIONS:
            lib = deviation.plant(tmp_path_factory.mktemp("planted"))
            for interpreter in INTERPRETERS:
                if interpreter == "cpython" or find_micropython():
                    found[deviation.name, interpreter] = pool.submit(
                        of_ours, scripts.values(), interpreter, lib
                    )
        yield found


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.name)
@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_planted_deviation_is_caught(deviation, interpreter, traces):
    if interpreter == "micropython":
        need_micropython()
    scripts, mended = by_hand()
    assert all(map(are_same, mended, by_hand_of_ours(interpreter)))  # so that it is the plant
    own = traces[deviation.name, interpreter].result()
    count, told = partings(scripts, mended, own, most=1)
    print(f"caught by {count} of {len(scripts)} scripts\n{told}")
    assert count
