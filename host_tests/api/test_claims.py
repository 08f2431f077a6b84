"""Each claim of claims_*.py, on both interpreters, or on the one that its name begins with."""

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need_micropython

HERE = Path(__file__).resolve().parent
_LIMIT_S = 50  # of one process; a claim that hangs takes a process with it
_INTERPRETERS = {
    "claim_": ("cpython", "micropython"),
    "outside_": ("cpython", "micropython"),
    "cpython_": ("cpython",),
    "micropython_": ("micropython",),
}


def claims(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    named = [node.name for node in body if hasattr(node, "name")]
    return [name for name in named if name.startswith(tuple(_INTERPRETERS))]


def interpreters(name):
    return _INTERPRETERS[name[: name.index("_") + 1]]


ALL = [
    (path.stem, name, interpreter)
    for path in sorted(HERE.glob("claims_*.py"))
    for name in claims(path)
    for interpreter in interpreters(name)
]


@functools.cache
def run(module, interpreter):
    """{claim: traceback, "" if it holds}, and all that was printed."""
    left = sorted([name for m, name, i in ALL if (m, i) == (module, interpreter)])
    results, output = {}, ""
    while left:
        printed = run_process(module, interpreter, left)
        output += printed
        lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"')]
        results.update({one["name"]: one["text"] for one in lines if "name" in one})
        missing = [name for name in left if name not in results]
        if not missing or missing == left and not lines:
            break
        # It hung there, or took the process with it: the others have one of their own.
        results[missing[0]] = f"the process did not come through: {printed[-3000:]}"
        left = missing[1:]
    return results, output


def run_process(module, interpreter, names):
    """What it printed, until its end or for as long as it may take."""
    command = [sys.executable, "-u"]
    if interpreter == "micropython":
        command = [need_micropython(), "-X", "heapsize=8M"]
    try:
        return subprocess.run(
            [*command, str(HERE / "run_claims.py"), module, *names],
            env={**os.environ, "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            text=True,
        ).stdout
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode() + "\nit hung"


@pytest.mark.timeout(0)  # the first test waits for the whole module, whose processes have limits
@pytest.mark.parametrize("module,name,interpreter", ALL, ids=[f"{n}-{i}" for _, n, i in ALL])
def test_claim(module, name, interpreter):
    if interpreter == "micropython":
        need_micropython()
    results, output = run(module, interpreter)
    assert name in results, output[-3000:]
    assert not results[name], results[name]
