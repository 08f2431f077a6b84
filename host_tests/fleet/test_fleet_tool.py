"""tools/fleet.py: its servers, its figures, its table, and its messages about bad arguments."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from fleet import picture
from fleet.cases import CASES
from fleet.figures import Run
from fleet.report import Result
from fleet.server import CLOSED, LET_IN, REFUSED, Bucket, Queue

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "fleet.py"
DELAY = '"max_reconnection_delay": 180000'


def run_of(dials, back=(), devices=10, down_ms=0, before=0):
    return Run(devices, down_ms, list(dials), list(back), 0, before)


@pytest.mark.parametrize(
    "server, asked, done",
    [
        # A burst of 100 ms.
        (Bucket(1000), (0, 102), [(0, LET_IN)] * 100 + [(0, REFUSED)] * 2),
        (Bucket(2, CLOSED), (0, 2), [(0, LET_IN), (0, CLOSED)]),
        (
            Queue(10, 0.3),
            (1000, 5),
            [(ms, LET_IN) for ms in (100, 200, 300, 400)] + [(0, REFUSED)],
        ),
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
    assert [bucket.ask(1003)[1] for _ in range(4)] == [LET_IN] * 3 + [REFUSED]
    assert [bucket.ask(11_000)[1] for _ in range(101)] == [LET_IN] * 100 + [REFUSED]
    assert [slow.ask(now)[1] for now in (1499, 1500, 1500)] == [REFUSED, LET_IN, REFUSED]
    assert [queue.ask(now)[0] for now in (1100, 1100, 9000)] == [400, 0, 100]


def test_peak_is_of_any_second():
    dials = [0] * 300
    dials[150] = dials[249] = 5
    assert run_of(dials).peak() == 10
    dials[250] = 9
    assert run_of(dials).peak() == 14
    dials[249], dials[251] = 0, 1
    assert run_of(dials).peak() == 10


def test_clumping_is_one_when_even_and_a_hundred_when_all_come_at_once():
    assert run_of([3] * 3000).clumping() == 1
    assert run_of([0] * 1205 + [70] + [0] * 1000).clumping() == 100
    assert run_of([0] * 1000).clumping() == 0


def test_times_count_from_the_servers_return_and_tries_apart():
    run = run_of([1] * 1000, back=[1100, 1200, 1300, 1400, 1500, 2600], down_ms=1000, before=50)
    assert [run.back_s(share) for share in (0.1, 0.5, 0.6, 0.61)] == [0.1, 0.5, 1.6, None]
    assert (run.tries, run.tries_before, run.per_second(3)) == (100, 5, [100] * 3)


def tool(*words, path=TOOL):
    """Run the tool without site-packages, which only the picture needs."""
    return subprocess.run(
        [sys.executable, "-E", "-S", str(path), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )


def rows_of(done):
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


SMALL = ("--devices", "20000", "--seed", "5")


def test_table_has_a_row_for_each_case_and_set_of_rules_and_a_seed_repeats_it():
    asked = (*SMALL, "--only", "fast", "lost", "--rules", "ours", "PARTYSOCKET")
    done = tool(*asked)
    columns, _, *rows = rows_of(done)
    assert [(row[0], row[2]) for row in rows] == [
        (case, rules) for case in ("fast", "lost") for rules in ("ours", "PARTYSOCKET")
    ]
    assert all(len(row) == len(columns) for row in rows)
    assert "seed 5" in done.stdout.splitlines()[0]
    assert tool(*asked).stdout == done.stdout
    assert tool(*asked, "--seed", "6").stdout != done.stdout


def test_rules_of_another_commit_stand_beside_ours(tmp_path):
    # Given a repository whose commit has a fleet that waits for at most three minutes, not one.
    for folder in ("tools/fleet", "lib/partysocket"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(TOOL, tmp_path / "tools")
    presets = tmp_path / "lib/partysocket/presets.py"
    ours = presets.read_text()
    presets.write_text(ours.replace('"max_reconnection_delay": 60000', DELAY))
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    for words in (["init", "-q"], ["add", "lib"], ["commit", "-qm", "before"]):
        subprocess.run([*git, *words], check=True)
    presets.write_text(ours)
    beside = ("--only", "fast-600", "--beside", "HEAD")
    _, _, now, before = rows_of(tool(*SMALL, *beside, path=tmp_path / "tools/fleet.py"))
    assert (now[2], before[2]) == ("ours", "before")
    assert 20 < float(now[6].split()[0]) < 40 < 80 < float(before[6].split()[0])


@pytest.mark.parametrize(
    "words, said",
    [
        ("--devices 0", "'0' is not a whole number from 20000 to 2000000"),
        ("--devices 1.5", "'1.5' is not a whole number"),
        ("--only nothing", "invalid choice: 'nothing'"),
        ("--rules mine", "invalid choice: 'mine'"),
        ("--seed x", "'x' is not a whole number"),
        ("--jobs 0", "'0' is not a whole number"),
        ("--beside no-such-tag", "--beside no-such-tag: no commit of this repository"),
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


def test_picture_shows_the_dials_of_each_case_and_set_of_rules(monkeypatch, tmp_path):
    # With a fake: the tests run without matplotlib.
    figure = MagicMock()
    panels = [MagicMock() for _ in range(3)]
    figure.subplots.return_value = SimpleNamespace(flat=panels)
    module = SimpleNamespace(Figure=lambda **_: figure)
    monkeypatch.setitem(sys.modules, "matplotlib", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "matplotlib.figure", module)
    one = Result.of("busy", "ours", "one", run_of([1] * 500, [200] * 10, down_ms=100), 5)
    two = Result.of("busy", "npm", "one", run_of([2] * 500), 5)
    picture.draw({("busy", "ours"): one, ("busy", "npm"): two}, tmp_path / "fleet.png")
    drawn = [call.args[1] for call in panels[0].step.call_args_list]
    assert drawn == [one.per_second, two.per_second]
    labels = [call.kwargs["label"] for call in panels[0].step.call_args_list]
    assert labels == ["ours: 99 % after 0 s", "npm: 99 % never"]
    figure.savefig.assert_called_once()


def test_cases_have_names_of_their_own():
    assert len({case.name for case in CASES}) == len(CASES)
