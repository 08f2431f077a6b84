"""FACTS.md: each fact is seen on both interpreters, each proof exists."""

import ast
import functools
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from needs import find_micropython, need_micropython

HERE = Path(__file__).resolve().parent
_SLOW = "facts_slow"
_LIMIT_S = 100
# 32 MiB in pieces of 1 KiB take CPython six seconds.
_ON_MICROPYTHON = {"fact_big_messages_are_taken_up_to_32_mib"}


@functools.cache
def functions_in(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, kinds)]


FACTS = {
    name: path.stem
    for path in sorted(HERE.glob("facts_*.py"))
    for name in functions_in(path)
    if name.startswith("fact_")
}


def see(module, interpreter, address):
    """{fact: traceback, "" if it is so}, and all that was printed."""
    command = [sys.executable]
    names = [name for name, home in FACTS.items() if home == module]
    if interpreter == "micropython":
        command = [find_micropython(), "-X", "heapsize=4M"]
    else:
        names = [name for name in names if name not in _ON_MICROPYTHON]
    done = subprocess.run(
        [*command, str(HERE / "run_facts.py"), module, address, *names],
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_LIMIT_S,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return {one["name"]: one["text"] for one in map(json.loads, lines)}, done.stdout


@pytest.fixture(scope="module")
def seen(partyserver):
    """`see` of (module, interpreter), each once, as many at a time as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        begun = {}

        def result(module, interpreter):
            homes = [_SLOW] if module == _SLOW else sorted({*FACTS.values()} - {_SLOW})
            for home in homes:
                for vm in ("micropython", "cpython"):
                    if (home, vm) not in begun and (vm == "cpython" or find_micropython()):
                        begun[home, vm] = pool.submit(see, home, vm, partyserver.address)
            return begun[module, interpreter].result()

        yield result


def check(name, interpreter, seen):
    if interpreter == "micropython":
        need_micropython()
    results, output = seen(FACTS[name], interpreter)
    assert name in results, output[-3000:]
    assert not results[name], results[name]


def cases(is_slow):
    return [
        (name, interpreter)
        for name, module in FACTS.items()
        for interpreter in ("micropython", "cpython")
        if (module == _SLOW) is is_slow
        and (interpreter == "micropython" or name not in _ON_MICROPYTHON)
    ]


@pytest.mark.parametrize("name,interpreter", cases(False))
def test_fact(name, interpreter, seen):
    check(name, interpreter, seen)


@pytest.mark.soak
@pytest.mark.parametrize("name,interpreter", cases(True))
def test_slow_fact(name, interpreter, seen):
    check(name, interpreter, seen)


# The page.


def rows():
    lines = (HERE / "FACTS.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return cells[1:]


def is_proof(proof):
    path, mark, name = proof.partition("::")
    if not mark:
        return proof in FACTS
    file = HERE.parent / path
    return file.is_file() and name in functions_in(file)


def proofs(row):
    return re.findall("`([^`]+)`", row[2])


def test_the_page_has_each_fact():
    named = {proof for row in rows() for proof in proofs(row)}
    assert set(FACTS) - named == set()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_row(row):
    assert len(row) == 3 and proofs(row), row
    assert [proof for proof in proofs(row) if not is_proof(proof)] == []


def test_the_versions_are_those_that_are_installed():
    page = (HERE / "FACTS.md").read_text(encoding="utf-8")
    package = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    wanted = {package["dependencies"]["partyserver"], *package["optionalDependencies"].values()}
    assert all(f" {version} " in page or f" {version}," in page for version in wanted)
