"""`make bench` ends with its table, also where things are broken. No figure is looked at."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need_micropython

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ["partysocket", "raw asyncio stream", "chumicro-websockets"]


@pytest.fixture
def bench(tmp_path):
    """Runs it with a build folder of its own, and gives (columns, rows by name, JSON)."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / "bench.py"), *arguments, "--build", tmp_path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=110,
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "bench.md").read_text() == done.stdout
        lines = [cells(line) for line in done.stdout.splitlines() if line.startswith("| ")]
        rows = {line[0]: line[1:] for line in lines[1:]}
        return lines[0][1:], rows, json.loads((tmp_path / "bench.json").read_text())

    return run


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_ends_with_a_table_of_what_was_measured(bench):
    columns, rows, data = bench(
        "--quick", "--only", "gaps", "--only", "sizes", "--micropython", need_micropython()
    )
    assert columns[:3] == COLUMNS
    assert len(rows) == len(data["rows"])
    for row in data["rows"]:
        assert row["cells"]["partysocket"]["value"] is not None or "32-bit" in row["what"], row
        assert len(rows[row["what"]]) == len(columns)
    assert data["versions"]["MicroPython"]


def test_what_cannot_be_measured_says_why(bench):
    columns, rows, data = bench(
        "--quick", "--only", "gaps", "--only", "sizes", "--micropython", "/no/such/micropython"
    )
    assert columns[:3] == COLUMNS
    assert rows["flash: .mpy of the whole library"][0].endswith(" B")  # this needs none
    assert rows["RAM after import, .mpy, 64-bit"][0].startswith("n/a: MicroPython does not run")
    assert data["rows"][-1]["cells"]["partysocket"]["value"] is None
