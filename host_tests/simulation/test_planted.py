"""Bugs planted in the library: the lives have to find each of them."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from .planted import BUGS
from .test_simulation import finish, start

_LIMIT_S = 110


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """All of them at once, as many at a time as there are cores: {name: future output}."""

    def run(bug):
        copy = bug.plant(tmp_path_factory.mktemp("planted"))
        arguments = ("cancel",) if bug.within is None else ("0", str(bug.within))
        process = start("cpython", *arguments, LIB=str(copy), SEED="")
        return process, finish(process, _LIMIT_S)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {bug.name: pool.submit(run, bug) for bug in BUGS}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug, runs):
    process, output = runs[bug.name].result()
    assert process.returncode == 1, output[-2000:]
    if bug.within is None:
        assert "cancelled at" in output
        print(output.strip().splitlines()[-1])
    else:
        found = re.search(r"BROKEN at SEED=(\d+) after .*", output)
        assert found and int(found[1]) < bug.within, output[-2000:]
        print(found[0])
