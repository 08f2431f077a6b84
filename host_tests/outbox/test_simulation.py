"""Ten thousand readings, or a million in `make soak`, of devices whose links, rooms and power
fail, in virtual time: none is lost, none is there twice, all in order.

    SEED=1234 make test ARGS="-k ten_thousand"

replays one device on each interpreter; one that breaks prints the command that replays it by
itself.
"""

import os
from functools import partial

import pytest

from needs import find_micropython, need_micropython
from simulation.start import SOAK_LIMIT_S, at_once

from .start import run

SEED = os.environ.get("SEED")
READINGS = 1000  # of each device
DEVICES = {"cpython": 1, "micropython": 4, "compiled": 5}
SOAKED = {"cpython": 10, "micropython": 40, "compiled": 50}  # of ten times as many


@pytest.fixture(scope="module")
def devices():
    here = [name for name in DEVICES if name == "cpython" or find_micropython()]
    given = {name: (SEED, 1) if SEED else (0, DEVICES[name]) for name in here}
    jobs = {name: partial(run, name, "room", *given[name], READINGS) for name in here}
    with at_once(jobs) as begun:
        yield begun


# The first test waits for all, whose processes have limits.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("interpreter", DEVICES)
def test_ten_thousand_readings(interpreter, devices):
    if interpreter != "cpython":
        need_micropython()
    status, output = devices[interpreter].result()
    print(output)
    assert status == 0 and f"{1 if SEED else DEVICES[interpreter]} lives, 0 broken" in output


@pytest.mark.soak
def test_a_million_readings():
    need_micropython()
    jobs = {
        name: partial(
            run, name, "room", 100, SOAKED[name], 10 * READINGS, limit_s=2 * SOAK_LIMIT_S
        )
        for name in DEVICES
    }
    with at_once(jobs) as begun:
        for name, life in begun.items():
            status, output = life.result()
            assert status == 0 and f"{SOAKED[name]} lives, 0 broken" in output, output[-4000:]


def test_a_room_that_acknowledges_what_is_not_on_disk_is_found():
    need_micropython()
    status, output = run("micropython", "room", 0, 3, READINGS, "early")
    print(output)
    assert status == 1 and "BROKEN room" in output and "is lost" in output
