"""`make bench` ends with its table, even if something is broken. The figures are not checked."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need, need_micropython

ROOT = Path(__file__).resolve().parent.parent
ONLY = ["--only", "gaps", "--only", "sizes"]
COLUMNS = ["partysocket", "release 7564cf7", "raw asyncio stream"]


@pytest.fixture
def bench(tmp_path):
    """Runs it with its own build folder, and returns (columns, rows by name, JSON)."""

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
    columns, rows, data = bench("--quick", *ONLY, "--micropython", need_micropython())
    assert columns[:3] == COLUMNS
    assert len(rows) == len(data["rows"])
    for row in data["rows"]:
        assert row["cells"]["partysocket"]["value"] is not None or "32-bit" in row["what"], row
        assert len(rows[row["what"]]) == len(columns)
    assert data["versions"]["MicroPython"]


def test_late_loads_are_told_with_what_was_loaded(bench):
    _, rows, data = bench("--quick", "--only", "late", "--micropython", need_micropython())
    assert rows["largest late load, flash"][0].endswith(" B (fetch)")
    longest = data["rows"][-1]["cells"]["partysocket"]
    assert longest["value"] > 0 and longest["raw echoes"] > 0


def test_what_cannot_be_measured_says_why(bench):
    broken = ["--only", "late", "--only", "outbox", "--micropython", "/no/such/micropython"]
    columns, rows, data = bench("--quick", *ONLY, *broken)
    assert columns[:3] == COLUMNS
    # This one needs no interpreter.
    assert rows["flash: .mpy of the whole library"][0].endswith(" B")
    assert rows["RAM after import, .mpy, 64-bit"][0].startswith("n/a: MicroPython does not run")
    assert data["rows"][-1]["cells"]["partysocket"]["value"] is None
    assert rows["until 500 that wait are acknowledged"][0].startswith("n/a: MicroPython does not")
    assert rows["erases; programmed a record: at most 1 waiting"][0].startswith("n/a: MicroPython")


def test_what_an_outbox_takes_stands_beside_what_it_must(bench):
    arguments = ["--quick", "--only", "outbox", "--micropython", need_micropython()]
    columns, rows, data = bench(*arguments)
    flash, lives, cost, rooms = data["more"]
    assert columns == list(flash[0]["cells"])
    for table in data["more"]:
        for row in table:
            assert len(rows[row["what"]]) == len(row["cells"])
    for row in [*flash, *lives]:
        assert None not in [cell.get("value", "") for cell in row["cells"].values()], row
    assert rows["erases; programmed a record: at most 16 waiting"][1] == "0.06; 4 x"
    taken = next(row for row in flash if row["what"] == "flash that 1,000 records take")
    assert 0 < taken["cells"]["ESP32, 32 B at once"]["value"] < 10
    for row in cost:
        assert row["cells"]["partysocket"]["value"] is not None or "32-bit" in row["what"], row
    found = {row["what"]: row["cells"]["room server"]["value"] for row in rooms}
    assert None not in found.values(), found
    assert found["bytes sent a reading of 60 B without an outbox"] == 66


PACE = ["--quick", "--only", "pace", "--match", "64 B sent"]


def test_the_pace_is_told_beside_the_bare_stream_and_the_release(bench):
    program = need_micropython()
    need("a clone made by git", (ROOT / ".git").exists() and shutil.which("git"))
    _, rows, data = bench(*PACE, "--rounds", "2", "--micropython", program, "--release", "HEAD")
    assert list(rows) == [f"messages of {PACE[-1]} in a second{more}" for more in ("", " of CPU")]
    cells = data["rows"][0]["cells"]
    for name in ("partysocket", "release", "raw"):
        assert len(cells[name]["values"]) == 2, cells
    assert cells["partysocket"]["x raw"] > 0 and cells["partysocket"]["x release"] > 0
    assert set(cells["release"]) == {"value", "values", "text", "x raw"}


def test_a_release_that_this_clone_does_not_have_leaves_the_others_their_figures(bench):
    program = need_micropython()
    columns, rows, data = bench(*PACE, "--micropython", program, "--release", "v0.0.none")
    assert columns[1] == "release v0.0.none"
    assert "n/a: this clone does not have v0.0.none" in list(rows.values())[0]
    assert data["rows"][0]["cells"]["partysocket"]["x raw"] > 0
