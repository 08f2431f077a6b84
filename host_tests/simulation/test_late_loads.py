"""Parts of the library that are loaded late: such a load may fail, for want of memory or of a
file. That costs a call or an error's text, never the socket, and is tried again.
"""

import functools
import re

import pytest

from interpreters import LIB

from . import start

VARIANTS = ("memory", "missing", "broken")  # MemoryError, ImportError, OSError
# What no odd path loads: of other platforms or other callers, or only to tell of a part that is
# not installed.
ELSEWHERE = """__init__ clock recorder wifi roots tls core.soft net.entropy net.udp net.wlan
    net.wifi_radio net.tasks net.cpython net.micropython net.circuitpython
    net.circuitpython_clock net.circuitpython_tls""".split()

on_both = pytest.mark.parametrize("interpreter", ("cpython", "micropython"))
# On the sources, which are the modules that ELSEWHERE names.
run = functools.partial(start.run, heap="8M", lib=LIB)


def loaded(output, when="late"):
    found = re.search(rf"^loaded {when}:(.*)", output, re.M)
    assert found, output
    return found[1].split()


@pytest.mark.parametrize("variant", VARIANTS)
@on_both
def test_a_load_that_fails_once_costs_no_socket_and_is_tried_again(interpreter, variant):
    status, output = run(interpreter, "late", variant)
    print(output)
    assert status == 0
    failed = int(re.search(r"(\d+) loads failed", output)[1])
    assert failed >= len(loaded(output))
    # Each module of the library was there before the first dial, or has failed to load.
    files = (LIB / "partysocket").rglob("*.py")
    names = [".".join(file.relative_to(LIB / "partysocket").parts)[:-3] for file in files]
    names = {name.removesuffix(".__init__") for name in names}
    assert names <= {*loaded(output), *loaded(output, "early"), *ELSEWHERE}


@on_both
def test_a_loss_and_the_dials_after_it_load_nothing(interpreter):
    status, output = run(interpreter, "back")
    assert status == 0 and loaded(output) == [], output


# What is planted.


@on_both
def test_what_a_loss_loads_is_seen(interpreter):
    assert "wifi" in loaded(run(interpreter, "back", "planted")[1])


@on_both
def test_a_load_that_fails_for_ever_is_found(interpreter):
    status, output = run(interpreter, "late", "for-ever", "flush")
    assert status == 1 and "it does not work when it is tried again" in output
