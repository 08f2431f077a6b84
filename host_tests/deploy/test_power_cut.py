"""The power goes at any write to the flash while a deploy is under way: afterwards the board runs
the old version or the new one, whole, and the next deploy completes.
"""

import random
import shutil

import pytest
import toys

from deploy import transfer
from deploy.board import Board
from deploy.words import SILENT, Failure
from pty_board import PtyBoard

NEWER = "print('newer, in the room')\nprint('in the room')\n"
STRATA = 5  # in `make test`: a cut in each fifth of the writes


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("versions")
    a = toys.make(folder / "A", "A", ("one", "old"))
    b = toys.make(folder / "B", "B", ("one", "new"))
    return a, b


@pytest.fixture(scope="module")
def with_a(versions, tmp_path_factory):
    """The folder of a board that has version A."""
    folder = tmp_path_factory.mktemp("with_a")
    with PtyBoard(folder) as board:
        toys.put(board, versions[0])
    return folder


@pytest.fixture(scope="module")
def writes(versions, with_a, tmp_path_factory):
    """How many writes it takes to make version B of it."""
    folder = copied(with_a, tmp_path_factory.mktemp("counted"))
    with PtyBoard(folder) as board:
        toys.put(board, versions[1])
        return board.writes()


def copied(source, folder):
    shutil.copy(source / "flash.img", folder)
    return folder


def version_that_runs(folder):
    """Power on; the version that the board says it runs."""
    with PtyBoard(folder) as board:
        board.wait_output("in the room")
        output = board.output()
    assert "MIXED [" not in output and "Traceback" not in output, output
    return output.partition("whole ['")[2][0]


def cut_and_look(folder, new, cut_at):
    """Deploy `new`, the power going at that write; return what the board then ran."""
    with PtyBoard(folder, cut_at=cut_at) as board:
        with pytest.raises(Failure) as failure:
            toys.put(board, new)
        assert board.has_died.wait(30)
    assert failure.value.status == SILENT and "broke off" in str(failure.value)
    ran = version_that_runs(folder)
    with PtyBoard(folder) as board:
        toys.put(board, new)
        assert "whole ['B'" in board.output()
    with PtyBoard(folder) as board:
        assert toys.put(board, new)[2].startswith("Nothing to send")
    return ran


def drawn(tmp_path, writes, strata):
    """(a write, a new folder) in each part of the writes."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    edges = [1 + writes * i // strata for i in range(strata + 1)]
    for pair in zip(edges, edges[1:]):
        yield cut_in(tmp_path, draw.randrange(*pair), writes)


def cut_in(tmp_path, cut_at, writes):
    print(f"cut at write {cut_at} of {writes}")
    folder = tmp_path / str(cut_at)
    folder.mkdir()
    return cut_at, folder


def test_after_a_cut_a_whole_version_runs_and_the_next_deploy_completes(
    versions, with_a, writes, tmp_path
):
    for cut_at, folder in drawn(tmp_path, writes, STRATA):
        cut_and_look(copied(with_a, folder), versions[1], cut_at)


def test_a_cut_while_files_take_their_places_is_finished_at_the_next_start_whatever_comes(
    versions, with_a, writes, tmp_path
):
    """Also if the power goes again, at each write of that start."""
    folder = copied(with_a, tmp_path)
    with PtyBoard(folder, cut_at=writes - 3) as board, pytest.raises(Failure):
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


def test_a_cut_of_the_first_deploy_leaves_a_board_that_the_next_one_completes(versions, tmp_path):
    with PtyBoard(tmp_path) as board:
        toys.put(board, versions[0])
        writes = board.writes()
    for cut_at, folder in drawn(tmp_path, writes, 2):
        with PtyBoard(folder) as board:  # it is formatted
            pass
        with PtyBoard(folder, cut_at=cut_at) as board:
            with pytest.raises(Failure):
                toys.put(board, versions[0])
        with PtyBoard(folder) as board:
            toys.put(board, versions[0])
            assert "whole ['A'" in board.output() and "MIXED [" not in board.output()


def test_a_version_that_removes_nothing_does_not_remove_what_it_replaces(
    versions, with_a, tmp_path
):
    """In the last writes, with which files take their places, there is always a main.py."""
    library, kind = versions[0]
    newer = library, toys.copied(versions[0], tmp_path / "newer", NEWER)[1]
    with PtyBoard(copied(with_a, made(tmp_path / "counted"))) as board:
        toys.put(board, newer)
        writes = board.writes()
    for back in range(3):
        folder = copied(with_a, made(tmp_path / str(back)))
        with PtyBoard(folder, cut_at=writes - back) as board, pytest.raises(Failure):
            toys.put(board, newer)
        with PtyBoard(folder) as board:
            board.wait_output("in the room")


def made(folder):
    folder.mkdir()
    return folder


def unplug(*arguments):
    raise KeyboardInterrupt


def test_a_deploy_that_was_stopped_while_files_take_their_places_is_finished_first(
    versions, with_a, tmp_path, monkeypatch
):
    """The cable is pulled, the power stays, and the next deploy is of another version."""
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


@pytest.mark.soak
def test_a_cut_at_every_write(versions, with_a, writes, tmp_path):
    ran = []
    for at in range(1, writes + 1):
        cut_at, folder = cut_in(tmp_path, at, writes)
        ran.append(cut_and_look(copied(with_a, folder), versions[1], cut_at))
        shutil.rmtree(folder)
    assert ran == sorted(ran), "from one write on it is the new version"
    assert set(ran) == {"A", "B"}
