"""Ten thousand readings, or a million in `make soak`, of devices whose links, rooms and power
fail, in virtual time. None is lost, none is doubled, all are in order.

    SEED=1234 make test ARGS="-k ten_thousand"

replays one device on each interpreter. A device that breaks prints the command that replays it.
"""

import pytest

from needs import need_micropython
from simulation.start import SOAK_LIMIT_S, Lives

from .start import run

# Of each device.
READINGS = 1000
DEVICES = {"cpython": 1, "micropython": 4, "compiled": 5}
# Ten times as many readings each.
SOAKED = {"cpython": 10, "micropython": 40, "compiled": 50}
LIVES = Lives(run, "room", DEVICES, (READINGS,))


@pytest.fixture(scope="module")
def devices():
    with LIVES.begun() as begun:
        yield begun


# The first test waits for all of them. Their processes have time limits.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("interpreter", DEVICES)
def test_ten_thousand_readings(interpreter, devices):
    if interpreter != "cpython":
        need_micropython()
    LIVES.check(interpreter, devices[interpreter].result())


@pytest.mark.soak
def test_a_million_readings():
    need_micropython()
    LIVES.soak(100, SOAKED, (10 * READINGS,), 2 * SOAK_LIMIT_S)


def test_a_room_that_acknowledges_what_is_not_on_disk_is_found():
    need_micropython()
    status, output = run("micropython", "room", 0, 3, READINGS, "early")
    print(output)
    assert status == 1 and "BROKEN room" in output and "is lost" in output
