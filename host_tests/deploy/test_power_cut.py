"""The power fails at any write to the flash during a deploy. Afterwards the board runs the old or
the new version, complete, and the next deploy finishes. From one ROMFS to the next there may be no
version in between: then nothing runs, and the deploy has said so.
"""

import random
import shutil
from contextlib import contextmanager
from typing import NamedTuple

import pytest
import toys

from deploy import transfer
from deploy.board import Board
from deploy.rom import Rom
from deploy.words import SILENT, Failure
from pty_board import PtyBoard

NEWER = "print('newer, in the room')\nprint('in the room')\n"


class Way(NamedTuple):
    """A way to version B."""

    # The board whose ROM it has. None: it has no ROM, and B goes into /lib.
    rom: str
    # The versions that may run, from cut to cut. "-" means none.
    runs: str

    @property
    def was_in_rom(self):
        return self.runs == "A-B"


WAYS = {
    "files": Way(None, "AB"),
    "an empty board": Way(None, "-B"),
    "rp2 from /lib": Way("rp2", "AB"),
    "rp2 from its ROM": Way("rp2", "A-B"),
    "esp8266 from /lib": Way("esp8266", "AB"),
    "esp8266 from its ROM": Way("esp8266", "A-B"),
}


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def way(request):
    return request.param


ROM_WAYS = {name: way for name, way in WAYS.items() if way.rom}
of_roms = pytest.mark.parametrize("way", ROM_WAYS.values(), indirect=True, ids=ROM_WAYS)
of_files = pytest.mark.parametrize("way", [WAYS["files"]], indirect=True, ids=["files"])


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("versions")
    a = toys.make(folder / "A", "A", ("one", "old"))
    b = toys.make(folder / "B", "B", ("one", "new"))
    return a, b


@pytest.fixture(scope="module")
def with_a(way, versions, tmp_path_factory):
    """The folder of a board with version A, or with nothing yet."""
    folder = tmp_path_factory.mktemp("with_a")
    with PtyBoard(folder, rom=way.rom) as board:
        if way.runs[0] == "A":
            toys.put(board, versions[0], romfs=way.was_in_rom)
    return folder


@pytest.fixture(scope="module")
def writes(way, versions, with_a, tmp_path_factory):
    """How many writes it takes to make it version B: those before the ROM, those up to its end,
    and all.
    """
    counts = []
    real = Rom.write

    def counted(*arguments):
        counts.append(board.writes())
        real(*arguments)
        counts.append(board.writes())

    with pytest.MonkeyPatch.context() as counting:
        counting.setattr(Rom, "write", counted)
        with PtyBoard(copied(with_a, tmp_path_factory.mktemp("counted")), rom=way.rom) as board:
            toys.put(board, versions[1], romfs=bool(way.rom))
            return *counts, board.writes()


def copied(source, folder):
    folder.mkdir(exist_ok=True)
    for path in source.glob("*.img"):
        shutil.copy(path, folder)
    return folder


@contextmanager
def broken_off(folder, cut_at, rom=None):
    """A board whose power fails, and the failure of the deploy."""
    print(f"cut at write {cut_at}")
    with PtyBoard(folder, rom=rom, cut_at=cut_at) as board:
        with pytest.raises(Failure, match="broke off") as failure:
            yield board, failure
        assert board.has_died.wait(30)
    assert failure.value.status == SILENT


def version_that_runs(folder, rom=None):
    """Turn the power on. Returns the version that the board says it runs, or "-"."""
    with PtyBoard(folder, rom=rom) as board:
        board.wait_for(lambda: "in the room" in board.output() or ">>> " in board.output())
        output = board.output()
    assert "MIXED [" not in output, output
    other_errors = output.count("Traceback") - output.count("no module named 'partysocket'")
    assert not other_errors, output
    return output.partition("whole ['")[2][:1] or "-"


def cut_and_look(way, folder, new, cut_at):
    """Deploy `new`, with a power cut at that write. Returns what the board runs after that."""
    with broken_off(folder, cut_at, way.rom) as (board, failure):
        toys.put(board, new, romfs=bool(way.rom))
    ran = version_that_runs(folder, way.rom)
    assert ran in way.runs
    if ran == "-" and way.was_in_rom:
        assert "gone until the next deploy" in str(failure.value)
    with PtyBoard(folder, rom=way.rom) as board:
        toys.put(board, new, romfs=None if way.was_in_rom else bool(way.rom))
        assert "whole ['B'" in board.output()
        assert toys.put(board, new)[2].startswith("Nothing to send")
    return ran


def drawn(writes, strata):
    """A random write in each part of the writes."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed} of {writes} writes")
    draw = random.Random(seed)
    edges = [1 + writes * i // strata for i in range(strata + 1)]
    return [draw.randrange(*pair) for pair in zip(edges, edges[1:])]


def test_after_a_cut_a_whole_version_or_none_runs_and_the_next_deploy_completes(
    way, versions, with_a, writes, tmp_path
):
    for cut_at in drawn(writes[-1], 4):
        cut_and_look(way, copied(with_a, tmp_path / str(cut_at)), versions[1], cut_at)


@of_roms
def test_a_cut_while_the_rom_is_written_leaves_no_half_library(
    way, versions, with_a, writes, tmp_path
):
    begin, end, _ = writes
    assert end - begin >= 3
    for cut_at in range(begin + 1, end + 1):
        folder = copied(with_a, tmp_path / str(cut_at))
        ran = cut_and_look(way, folder, versions[1], cut_at)
        assert ran == ("-" if way.was_in_rom else "A")


@pytest.mark.soak
def test_a_cut_at_every_write(way, versions, with_a, writes, tmp_path):
    ran = []
    for cut_at in range(1, writes[-1] + 1):
        folder = copied(with_a, tmp_path / str(cut_at))
        ran.append(cut_and_look(way, folder, versions[1], cut_at))
        shutil.rmtree(folder)
    assert ran == sorted(ran, key=way.runs.index), "from one write on it is the new version"
    assert set(ran) == set(way.runs)


@of_files
def test_a_cut_while_files_take_their_places_is_finished_at_the_next_start_whatever_comes(
    versions, with_a, writes, tmp_path
):
    """Also if the power fails again, at each write of that start."""
    folder = copied(with_a, tmp_path)
    with broken_off(folder, writes[-1] - 3) as (board, _):
        toys.put(board, versions[1])
    again = 1
    while True:
        with PtyBoard(folder, cut_at=again) as board:
            board.wait_for(lambda: board.has_died.is_set() or "in the room" in board.output())
            if not board.has_died.is_set():
                break
        again += 1
    assert again > 1
    assert version_that_runs(folder) == "B"


@of_files
def test_a_version_that_removes_nothing_does_not_remove_what_it_replaces(
    versions, with_a, tmp_path
):
    """During the last writes, which rename the files, there is always a main.py."""
    newer = toys.copied(versions[0], tmp_path / "newer", NEWER)
    with PtyBoard(copied(with_a, tmp_path / "counted")) as board:
        toys.put(board, newer)
        writes = board.writes()
    for back in range(3):
        folder = copied(with_a, tmp_path / str(back))
        with broken_off(folder, writes - back) as (board, _):
            toys.put(board, newer)
        with PtyBoard(folder) as board:
            board.wait_output("in the room")


def unplug(*arguments):
    raise KeyboardInterrupt


@of_files
def test_a_deploy_that_was_stopped_while_files_take_their_places_is_finished_first(
    versions, with_a, tmp_path, monkeypatch
):
    """The cable is pulled, but the power stays. The next deploy is of another version."""
    with PtyBoard(copied(with_a, tmp_path)) as board:
        with monkeypatch.context() as pulled:
            pulled.setattr(transfer, "finish", unplug)
            pulled.setattr(Board, "start_program", lambda self: None)
            with pytest.raises(KeyboardInterrupt):
                toys.put(board, versions[1])
        begun = len(board.output())
        said = toys.put(board, versions[0])
        assert said[1].startswith("An earlier deploy was cut off") and said[2] == "  finished"
        assert "whole ['A'" in board.output()[begun:] and "MIXED [" not in board.output()
