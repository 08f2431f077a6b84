"""FACTS.md: each fact is checked on both interpreters, and each proof exists."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tables
from needs import find_micropython, need_micropython

HERE = Path(__file__).resolve().parent
_LIMIT_S = 100


FACTS = sorted(tables.tests_of(HERE / "facts_talk.py"))
FACTS = [name for name in FACTS if name.startswith("fact_")]
# CPython needs six seconds for 32 MiB in pieces of 1 KiB.
_ON_MICROPYTHON = {"fact_a_message_may_have_32_mib_and_from_the_room_any_length"}
CASES = [(name, vm) for vm in ("micropython", "cpython") for name in FACTS]
CASES = [case for case in CASES if case[1] == "micropython" or case[0] not in _ON_MICROPYTHON]


@pytest.fixture(scope="module")
def seen(partyserver):
    """For each interpreter, a future of {fact: traceback, "" if it is true} and of its output.
    Both run at the same time.
    """

    def see(*command):
        names = [name for name, vm in CASES if (vm == "cpython") == (command[0] == sys.executable)]
        done = subprocess.run(
            [*command, str(HERE / "run_facts.py"), partyserver.address, *names],
            env={**os.environ, "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT_S,
            text=True,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"name"')]
        return {one["name"]: one["text"] for one in map(json.loads, lines)}, done.stdout

    with ThreadPoolExecutor() as pool:
        found = {"cpython": pool.submit(see, sys.executable)}
        if find_micropython():
            found["micropython"] = pool.submit(see, find_micropython(), "-X", "heapsize=4M")
        yield found


@pytest.mark.parametrize("name,interpreter", CASES)
def test_fact(name, interpreter, seen):
    if interpreter == "micropython":
        need_micropython()
    results, output = seen[interpreter].result()
    assert name in results, output[-3000:]
    assert not results[name], results[name]


def is_proof(proof):
    path, _, name = proof.rpartition("::")
    return name in tables.tests_of(HERE.parent / (path or "partyserver/facts_talk.py"))


ROWS = tables.rows(HERE / "FACTS.md")
PROOFS = [re.findall("`([^`]+)`", row[2]) for row in ROWS]


def test_each_row_of_the_page_is_proved_and_each_fact_is_there():
    for row, proofs in zip(ROWS, PROOFS):
        assert len(row) == 3 and proofs and all(map(is_proof, proofs)), row
    assert set(FACTS) <= set(sum(PROOFS, []))


def test_the_page_has_the_versions_that_are_installed():
    page = (HERE / "FACTS.md").read_text(encoding="utf-8")
    for folder in (HERE, HERE.parents[1] / "examples" / "party_server"):
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        versions = {**package["dependencies"], **package.get("optionalDependencies", {})}
        del versions["nanoid"]
        assert all(re.search(f" {version}[ ,]", page) for version in versions.values())
