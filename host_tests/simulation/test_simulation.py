"""Random lives from seeds, on CPython and on MicroPython at once.

    SEED=1234 make test ARGS="-k random_lives"

replays one of them on both; a life that breaks prints the command that replays it by itself.
"""

import functools
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interpreters import lib_of
from needs import find_micropython, need_micropython

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_seeds.py")
_SEED = os.environ.get("SEED")
_INTERPRETERS = ("cpython", "micropython", "compiled")
_LIVES = {"cpython": 250, "micropython": 80, "compiled": 80}
_SOAKED = {"cpython": 5000, "micropython": 2500, "compiled": 2500}  # after those
_LIMIT_S = 110
_SOAK_LIMIT_S = 3600
_LEAST_PLACES = {"iterate": 20, "wait_closed": 5, "main": 10, "loop": 100}


def command(interpreter, *arguments):
    if interpreter == "cpython":
        return [sys.executable, "-u", str(RUNNER), *arguments]
    return [need_micropython(), "-X", "heapsize=32M", str(RUNNER), *arguments]


def start(interpreter, *arguments, **variables):
    """A process that runs lives; what it prints goes to its `stdout`."""
    return subprocess.Popen(
        command(interpreter, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "LIB": str(lib_of(interpreter)), "PYTHONPATH": "", **variables},
    )


def finish(process, limit_s):
    """What it printed, when it has ended."""
    try:
        return process.communicate(timeout=limit_s)[0]
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def lives():
    """The processes, both begun at the first test: a machine has more than one core."""
    begun = {}
    for interpreter in _INTERPRETERS:
        if interpreter == "cpython" or find_micropython():
            begun[interpreter] = start(interpreter, "0", str(_LIVES[interpreter]))
    yield begun
    for process in begun.values():
        process.kill()
        process.communicate()


@pytest.mark.parametrize("interpreter", _INTERPRETERS)
def test_random_lives(interpreter, lives):
    if interpreter != "cpython":
        need_micropython()
    process = lives[interpreter]
    output = finish(process, _LIMIT_S)
    print(output)
    assert process.returncode == 0, output[-4000:]
    assert _SEED or f"all {_LIVES[interpreter]} lives" in output


@pytest.mark.parametrize("interpreter", _INTERPRETERS)
def test_a_task_cancelled_at_each_place_where_it_waits(interpreter):
    process = start(interpreter, "cancel")
    output = finish(process, _LIMIT_S)
    assert process.returncode == 0, output
    places = {who: int(n) for who, n in re.findall(r"(\w+): cancelled at (\d+) places", output)}
    assert min(places.values()) >= 1
    for who, least in _LEAST_PLACES.items():
        if who != "loop" or interpreter == "cpython":
            assert places[who] >= least, output


def follow(name, tell):
    """Run all lives of one interpreter, and tell how many are done; what they printed."""
    process = start(name, str(_LIVES[name]), str(_SOAKED[name]), SEED="")
    limit = threading.Timer(_SOAK_LIMIT_S, process.kill)
    limit.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if match := re.match(r"(\d+) lives", line):
            tell(f"{name}: {match[1]} of {_SOAKED[name]} lives")
    limit.cancel()
    return process.wait(), "".join(lines)


@pytest.mark.soak
def test_ten_thousand_lives(capsys):
    need_micropython()
    with capsys.disabled(), ThreadPoolExecutor(len(_INTERPRETERS)) as pool:
        tell = functools.partial(print, flush=True)
        ends = {name: pool.submit(follow, name, tell) for name in _INTERPRETERS}
    for name, end in ends.items():
        code, output = end.result()
        assert code == 0, output[-4000:]
        assert f"all {_SOAKED[name]} lives" in output
