"""tools/fleet.py: its servers, its figures, its table, and what it says to bad input."""

import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from fleet import picture
from fleet.figures import Run
from fleet.policies import POLICIES
from fleet.server import Bucket, Queue
from fleet.simulation import Fleet
from partysocket import DEVICE

TOOL = Path(__file__).resolve().parents[2] / "tools" / "fleet.py"


def run_of(dials, back=(), devices=10, down_ms=0):
    return Run(devices, down_ms, list(dials), list(back), 0)


@pytest.mark.parametrize(
    "server, asked, done",
    [
        (Bucket(1000), (0, 102), [0] * 100 + [None] * 2),  # a burst of 100 ms
        (Bucket(2), (0, 2), [0, None]),
        (Queue(10, 0.3), (1000, 6), [100, 200, 300, 400, None, None]),
    ],
)
def test_server_does_what_it_can_at_once(server, asked, done):
    now, n = asked
    assert [server.ask(now) for _ in range(n)] == done


def test_server_is_free_again_at_its_rate():
    bucket, slow, queue = Bucket(1000), Bucket(2), Queue(10, 0.3)
    for server, n in ((bucket, 102), (slow, 2), (queue, 6)):
        for _ in range(n):
            server.ask(1000)
    assert [bucket.ask(1003) for _ in range(4)] == [0] * 3 + [None]
    assert [bucket.ask(11_000) for _ in range(101)] == [0] * 100 + [None]
    assert [slow.ask(now) for now in (1499, 1500, 1500)] == [None, 0, None]
    assert [queue.ask(now) for now in (1100, 1100, 9000)] == [400, None, 100]


def test_peak_is_of_any_second():
    dials = [0] * 300
    dials[150] = dials[249] = 5
    assert run_of(dials).peak() == 10
    dials[250] = 9
    assert run_of(dials).peak() == 14
    dials[249], dials[251] = 0, 1
    assert run_of(dials).peak() == 10


def test_what_came_before_the_server_counts_for_nothing_but_tries():
    run = run_of([50] * 100 + [1] * 1000, down_ms=1000)
    assert run.peak() == 100
    assert run.clumping() == 1
    assert run.tries == (5000 + 1000) / 10
    assert run.per_second(3) == [100] * 3


def test_clumping_is_one_when_even_and_a_hundred_when_all_come_at_once():
    assert run_of([3] * 3000).clumping() == 1
    assert run_of([0] * 1205 + [70] + [0] * 1000).clumping() == 100
    assert run_of([0] * 1000).clumping() == 0


def test_times_count_from_the_servers_return():
    run = run_of([0] * 1000, back=[1100, 1200, 1300, 1400, 1500, 2600], down_ms=1000)
    assert [run.back_s(share) for share in (0.1, 0.5, 0.6, 0.61)] == [0.1, 0.5, 1.6, None]
    assert run.share_back == 0.6


def test_seed_repeats_a_run_and_leaves_the_programs_chance_as_it_was():
    before = random.getstate()
    one, same, other = (Fleet(DEVICE, 200, 20, 1, seed=seed).run(60) for seed in (5, 5, 6))
    assert one == same != other
    assert random.getstate() == before


def test_nobody_is_back_before_the_server_and_all_are_in_the_end():
    run = Fleet(DEVICE, 300, 1000, 20).run(300)
    assert run.back[0] > 20_000
    assert len(run.back) == 300
    assert run.back == sorted(run.back)


def test_server_with_room_for_all_sees_each_once():
    run = Fleet(DEVICE, 300, 100_000, 0).run(60)
    assert run.tries == 1
    assert run.back_s(1) < 6


def test_run_ends_in_time_and_tells_how_it_goes():
    seen = []
    run = Fleet(DEVICE, 500, 1, 0).run(5, lambda now, fleet: seen.append(now))
    assert 3 <= len(seen) <= 6
    assert 0 < len(run.back) < 10


def tool(*words):
    """The tool without site-packages: it needs none but for the picture."""
    return subprocess.run(
        [sys.executable, "-E", "-S", str(TOOL), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def rows_of(done):
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


SMALL = ("--devices", "100", "--for", "30")


def test_table_has_a_row_for_each_setting_and_policy():
    columns, _, *rows = rows_of(tool(*SMALL, "--rate", "50", "1000", "--down", "0", "2.5"))
    assert [row[0] for row in rows] == list(POLICIES) * 4
    settings = [("50", "0 s"), ("50", "2.5 s"), ("1000", "0 s"), ("1000", "2.5 s")]
    assert [tuple(row[1:3]) for row in rows[::3]] == settings
    assert all(len(row) == len(columns) for row in rows)
    assert rows[6][3] == "100"  # all come within a second


def test_queueing_server_has_a_column_more():
    columns, _, *rows = rows_of(tool(*SMALL, "--rate", "5", "--down", "0", "--queue", "10"))
    assert columns[-1] == "wasted"
    assert int(rows[0][-1]) > 0


def test_printed_seed_repeats_the_table():
    first = tool(*SMALL, "--rate", "9", "--down", "0")
    seed = first.stdout.splitlines()[0].split()[-1]
    assert tool(*SMALL, "--rate", "9", "--down", "0", "--seed", seed).stdout == first.stdout
    assert tool(*SMALL, "--rate", "9", "--down", "0").stdout != first.stdout


@pytest.mark.parametrize(
    "words, said",
    [
        ("--devices 0", "'0' is not a whole number from 1 to 1000000"),
        ("--devices 1.5", "'1.5' is not a whole number"),
        ("--rate 0", "'0' is not a whole number from 1"),
        ("--down -1", "'-1' is not a number from 0"),
        ("--down nan", "'nan' is not a number"),
        ("--queue 0", "'0' is not a number"),
        ("--for inf", "'inf' is not a number"),
        ("--seed x", "'x' is not a whole number"),
        ("--png fleet.png", "make fleet PNG=fleet.png` installs it"),
    ],
)
def test_bad_input_is_named_before_any_work(words, said):
    done = tool(*words.split())
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_path_that_takes_no_picture_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: SimpleNamespace(name=name))
    assert picture.trouble(tmp_path / "fleet.png") is None
    (tmp_path / "folder.png").mkdir()
    assert "no folder" in picture.trouble(tmp_path / "folder.png")
    assert "no folder" in picture.trouble(tmp_path / "absent" / "fleet.png")
    assert "must end in .png" in picture.trouble(tmp_path / "fleet.jpg")


def test_picture_shows_each_policys_dials(monkeypatch, tmp_path):
    # by a stand-in: the tests do without matplotlib, and how it draws is its own affair
    figure = MagicMock()
    figure.subplots.return_value = panels = [MagicMock(), MagicMock()]
    module = SimpleNamespace(Figure=lambda **_: figure)
    monkeypatch.setitem(sys.modules, "matplotlib", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "matplotlib.figure", module)
    one = run_of([1] * 500, back=[200] * 10, down_ms=100)
    runs = {"one": one, "other": run_of([2] * 500)}
    picture.draw(runs, 7, tmp_path / "fleet.png")
    for panel, (name, run) in zip(panels, runs.items()):
        _, heights = panel.bar.call_args.args
        assert heights == run.per_second(len(heights))
        assert panel.set_title.call_args.args[0].startswith(name + ": ")
    assert "99 % back after 0 s" in panels[0].set_title.call_args.args[0]
    assert "not 99 % back within 5 s" in panels[1].set_title.call_args.args[0]
    figure.savefig.assert_called_once()
