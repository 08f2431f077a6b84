"""Runs each claim of claims_*.py on both interpreters (or on the one in its name), and on
MicroPython with the compiled form. Other folders use `each_claim_of`.
"""

import ast
import functools
import json
import subprocess
from pathlib import Path

import pytest

from interpreters import command_of, lib_of
from needs import need_micropython

HERE = Path(__file__).resolve().parent
# Of one process. A claim that hangs blocks its process.
_LIMIT_S = 100
_INTERPRETERS = {
    "claim_": ("cpython", "micropython", "compiled"),
    "outside_": ("cpython", "micropython", "compiled"),
    "cpython_": ("cpython",),
    "micropython_": ("micropython", "compiled"),
}


def claims(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    named = [node.name for node in body if hasattr(node, "name")]
    return [name for name in named if name.startswith(tuple(_INTERPRETERS))]


def interpreters(name):
    return _INTERPRETERS[name[: name.index("_") + 1]]


@functools.cache
def run(path, interpreter):
    """{claim: traceback, or "" if it holds}, and the whole output."""
    left = sorted([name for name in claims(path) if interpreter in interpreters(name)])
    results, output = {}, ""
    while left:
        printed = run_process(path, interpreter, left)
        output += printed
        lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"')]
        results.update({one["name"]: one["text"] for one in lines if "name" in one})
        missing = [name for name in left if name not in results]
        if not missing or missing == left and not lines:
            break
        # This claim hung, or the process died in it. The other claims get another process.
        results[missing[0]] = f"the process did not come through: {printed[-3000:]}"
        left = missing[1:]
    return results, output


def run_process(path, interpreter, names, heap="64M"):
    """The output of a process, until its end or its time limit."""
    command, env = command_of(interpreter, heap)
    module = f"{path.parent.name}.{path.stem}"
    try:
        return subprocess.run(
            [*command, str(HERE / "run_claims.py"), module, *names],
            env={**env, "LIB": str(lib_of(interpreter)), "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            text=True,
        ).stdout
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode() + "\nit hung"


def each_claim_of(folder):
    """Make the test for each claim in `folder`."""
    found = [
        (path, name, interpreter)
        for path in sorted(folder.glob("claims_*.py"))
        for name in claims(path)
        for interpreter in interpreters(name)
    ]

    # The first test waits for the whole module, whose processes have time limits.
    @pytest.mark.timeout(0)
    @pytest.mark.parametrize(
        "path,name,interpreter", found, ids=[f"{name}-{where}" for _, name, where in found]
    )
    def test_claim(path, name, interpreter):
        if interpreter != "cpython":
            need_micropython()
        results, output = run(path, interpreter)
        assert name in results, output[-3000:]
        assert not results[name], results[name]

    return test_claim


test_claim = each_claim_of(HERE)
