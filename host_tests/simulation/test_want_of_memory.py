"""Want of memory is weather: wherever an allocation fails, the connection may be lost, the socket
never. In virtual time; `run_weather.py` says what a mode is.

    WEATHER_SEED=7 make test ARGS="-k want_of_memory"

draws the same points again. A life that breaks prints the command that replays it.
"""

import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from needs import find_micropython, need_micropython

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_weather.py")
SEED = int(os.environ.get("WEATHER_SEED") or random.SystemRandom().randrange(1000))
_HEAP = "700K"  # small, so that it is soon full
_LIMIT_S = 110
_SOAK_LIMIT_S = 3600

# (kind of life, mode): one point in so many. On MicroPython; "cpython" stands behind the mode.
LIVES = {
    ("plain", "raise"): 20,
    ("rich", "raise"): 80,
    ("plain", "raise cpython"): 20,
    ("rich", "raise cpython"): 40,
    ("plain", "lock"): 20,
    ("plain", "lock:40"): 64,
    ("plain", "lock:400"): 128,
    ("plain", "fill:100:20"): 256,
    ("rich", "lock"): 80,
    ("rich", "lock:40"): 240,
}
SOAKED = {
    **{(kind, mode): 1 for kind in ("plain", "rich") for mode in ("raise", "raise cpython")},
    **{("plain", mode): 1 for mode in ("lock", "lock:3", "lock:40", "lock:400")},
    **{("plain", f"fill:{n}"): 2 for n in (0, 64, 200, 700, 3000)},
    **{("plain", f"fill:{n}:40"): 16 for n in (0, 200, 700, 3000)},
    **{("rich", mode): 2 for mode in ("lock", "lock:3", "lock:40", "lock:400", "fill:200")},
}
# What is planted, one point in so many, and what has to be said of it.
PLANTED = {
    "drop": (20, "nothing passes|it is not open again|ready_state|waits for ever"),
    "spin": (20, "it turns without end"),
    "freeze": (20, "lets nobody else run"),
}


def run(kind, mode, every, limit_s):
    """(exit status, what it printed). A process that stands still is ended, with status None."""
    mode, _, is_cpython = mode.partition(" ")
    command = [sys.executable, "-u"]
    if not is_cpython:
        command = [need_micropython(), "-X", f"heapsize={_HEAP}"]
    process = subprocess.Popen(
        [*command, str(RUNNER), kind, mode, str(every), str(SEED % every)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        output = process.communicate(timeout=limit_s)[0]
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0]
        status = None
    return status, f"WEATHER_SEED={SEED}\n{output}"


def told(status, output):
    """The failures, and how to see one of them."""
    lines = [line for line in output.splitlines() if not line.startswith("at ")]
    if status is None:
        lines.append("it stands still " + re.findall(r"^at .*", output, re.M)[-1])
    return "\n".join(lines)


def expect_well(status, output):
    found = re.search(r"(\d+) lives, (\d+) had weather, (\d+) broken", output)
    assert status == 0 and found, told(status, output)
    lives, reached, broken = map(int, found.groups())
    assert reached > lives // 2 and not broken, output


@pytest.fixture(scope="module")
def runs():
    """All of them at once, as many at a time as there are cores."""
    jobs = {key: (*key, every) for key, every in LIVES.items()}
    jobs.update({what: ("plain", what, every) for what, (every, _) in PLANTED.items()})
    if not find_micropython():
        jobs = {key: job for key, job in jobs.items() if job[1].endswith("cpython")}
    pool = ThreadPoolExecutor(os.cpu_count())
    yield {key: pool.submit(run, *job, _LIMIT_S) for key, job in jobs.items()}
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("kind,mode", LIVES)
def test_a_life_that_wants_for_memory_goes_on(kind, mode, runs):
    if "cpython" not in mode:
        need_micropython()
    status, output = runs[kind, mode].result()
    expect_well(status, output)


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_end_is_found(what, runs):
    need_micropython()
    status, output = runs[what].result()
    found = re.findall(r"BROKEN at \d+: (.*)", output)
    assert status == 1 and found, output
    assert any(re.search(PLANTED[what][1], line) for line in found), output


@pytest.mark.soak
@pytest.mark.parametrize("kind,mode", SOAKED)
def test_a_life_that_wants_for_memory_at_each_point_goes_on(kind, mode):
    status, output = run(kind, mode, SOAKED[kind, mode], _SOAK_LIMIT_S)
    expect_well(status, output)
