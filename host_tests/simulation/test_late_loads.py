"""Parts of the library that are loaded late: such a load may fail, for want of memory or of a
file. That costs a call or an error's text, never the socket, and is tried again.
"""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need_micropython

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_late.py")
INTERPRETERS = ("cpython", "micropython")
VARIANTS = ("memory", "missing", "broken")  # MemoryError, ImportError, OSError
_LIMIT_S = 110
# What no odd path loads: of other platforms or other callers, or only to tell of a part that is
# not installed.
_ELSEWHERE = """__init__ clock recorder wifi roots tls core.soft net.entropy net.udp net.wlan
    net.wifi_radio net.tasks net.cpython net.micropython net.circuitpython
    net.circuitpython_clock net.circuitpython_tls""".split()


@functools.cache
def run(interpreter, *arguments):
    command = [sys.executable, "-u"]
    if interpreter == "micropython":
        command = [need_micropython(), "-X", "heapsize=8M"]
    return subprocess.run(
        [*command, str(RUNNER), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
        timeout=_LIMIT_S,
    )


def loaded(done, when="late"):
    found = re.search(rf"^loaded {when}:(.*)", done.stdout, re.M)
    assert found, done.stdout
    return found[1].split()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_load_that_fails_once_costs_no_socket_and_is_tried_again(interpreter, variant):
    done = run(interpreter, variant)
    found = re.search(r"(\d+) odd paths, (\d+) loads failed, (\d+) broken", done.stdout)
    assert done.returncode == 0 and found, done.stdout
    print(done.stdout)
    assert int(found[2]) >= len(loaded(done))
    # Each module of the library was there before the first dial, or has failed to load.
    files = (ROOT / "lib/partysocket").rglob("*.py")
    names = [".".join(file.relative_to(ROOT / "lib/partysocket").parts)[:-3] for file in files]
    names = {name.removesuffix(".__init__") for name in names}
    assert names <= {*loaded(done), *loaded(done, "early"), *_ELSEWHERE}


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_loss_and_the_dials_after_it_load_nothing(interpreter):
    done = run(interpreter, "back")
    assert done.returncode == 0, done.stdout
    assert loaded(done) == []


# What is planted.


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_what_a_loss_loads_is_seen(interpreter):
    assert "wifi" in loaded(run(interpreter, "back", "planted"))


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_load_that_fails_for_ever_is_found(interpreter):
    done = run(interpreter, "memory", "for-ever", "flush")
    assert done.returncode == 1, done.stdout
    assert "it does not work when it is tried again" in done.stdout
