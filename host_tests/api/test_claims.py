"""Each claim of claims_*.py, on both interpreters; of other folders too, by `each_claim_of`."""

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
_INTERPRETERS = ("cpython", "micropython")
_LIMIT_S = 110


def claims(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    named = [node.name for node in body if hasattr(node, "name")]
    return [name for name in named if name.startswith(("claim_", "outside_"))]


@functools.cache
def run(module, interpreter, *names, heap="64M"):
    """{claim: traceback, "" if it holds}, and all that was printed; of all claims, or `names`."""
    command = [sys.executable]
    if interpreter == "micropython":
        command = [need_micropython(), "-X", f"heapsize={heap}"]
    done = subprocess.run(
        [*command, str(HERE / "run_claims.py"), module, *names],
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LIMIT_S,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {one["name"]: one["text"] for one in map(json.loads, lines)}, done.stdout


def each_claim_of(folder):
    """The test of each claim in `folder`."""
    found = [(path, name) for path in sorted(folder.glob("claims_*.py")) for name in claims(path)]

    @pytest.mark.parametrize("interpreter", _INTERPRETERS)
    @pytest.mark.parametrize("path,name", found, ids=[name for _, name in found])
    def test_claim(path, name, interpreter):
        if interpreter == "micropython":
            need_micropython()
        results, output = run(f"{folder.name}.{path.stem}", interpreter)
        assert name in results, output[-3000:]
        assert not results[name], results[name]

    return test_claim


test_claim = each_claim_of(HERE)
