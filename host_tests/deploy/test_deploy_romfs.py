"""`make deploy ROMFS=1`: the library into a board's ROMFS partition, as rp2 and as ESP8266 have it
(pty_board/rom.py), and back.
"""

import re
import shutil

import pytest
import toys
from test_power_cut import drawn

from conftest import PASSWORD, deploy_to, pico, run_tool
from deploy.forms import FORMS
from deploy.rom import PIECE, Rom
from deploy.words import FULL, SILENT, UNFIT, Failure
from pty_board import ROM_BYTES, PtyBoard, mpremote

KINDS = ["rp2", "esp8266"]
IN_ROM = "/rom/lib/partysocket/"


@pytest.fixture(params=KINDS)
def board(request, tmp_path):
    with PtyBoard(tmp_path, rom=request.param) as board:
        yield board


@pytest.fixture
def newer(tmp_path):
    return toys.make(tmp_path / "B", "B", ("one", "new"))


def home(board):
    """The folder from which the board imports the library; "" if there is none."""
    code = "try:\n import partysocket as p\n print(p.__file__)\nexcept ImportError: print('/')"
    return mpremote(board, "exec", code).strip().rpartition("/")[0] + "/"


def listed(board, folder):
    """The names in a folder of the board; None if there is no such folder."""
    code = f"import os\ntry: print(os.listdir({folder!r}))\nexcept OSError: print('None')"
    return eval(mpremote(board, "exec", code))


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_board_moves_into_its_rom_and_ends_in_its_room(kind, deployed):
    with pico(deployed, rom=kind) as board:
        assert "/lib/partysocket/" in home(board)
        done = run_tool(board.port, "--romfs=1")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith("  | in the room\n") and PASSWORD not in done.stdout
        assert home(board) == IN_ROM
        assert listed(board, "/lib") == []
        said = done.stdout
    files, saved = re.search(r"(\d+) files of /lib/partysocket make way", said)[1], said
    assert int(files) > 3
    saved = int(re.search(r"The file system has ([\d,]+) bytes more", said)[1].replace(",", ""))
    assert saved >= int(files) * 1024
    now, before = re.search(r"takes ([\d,]+) bytes of the heap; before: ([\d,]+)", said).groups()
    assert int(now.replace(",", "")) < int(before.replace(",", ""))


def test_it_stays_in_the_rom_and_what_is_there_is_not_sent_again(toy, board):
    toys.put(board, toy, romfs=True)
    assert "whole ['A'" in board.output() and home(board) == IN_ROM
    writes = board.writes()
    assert toys.put(board, toy)[2].startswith("Nothing to send")
    assert toys.put(board, toy, romfs=True)[2].startswith("Nothing to send")
    assert board.writes() == writes


def test_a_newer_version_takes_its_place_in_the_rom(toy, newer, board):
    toys.put(board, toy, romfs=True)
    said = toys.put(board, newer)
    assert any(line.startswith("The ROM gets the library, ") for line in said)
    assert "whole ['B'" in board.output() and home(board) == IN_ROM
    assert listed(board, "/lib") is None
    assert {name.partition(".")[0] for name in listed(board, IN_ROM)} == {"__init__", "one", "new"}


def test_it_goes_back_to_the_file_system_when_told_so(toy, newer, board):
    toys.put(board, toy, romfs=True)
    said = toys.put(board, newer, romfs=False)
    assert "The ROM is emptied" in said
    assert "whole ['B'" in board.output() and home(board) == "/lib/partysocket/"
    assert toys.put(board, newer)[-1] == "  | in the room" and home(board) == "/lib/partysocket/"
    toys.put(board, newer, romfs=True)
    assert home(board) == IN_ROM


def test_a_board_that_could_is_told_of_it_and_others_are_not(toy, board, tmp_path):
    hint = f"a partition of {ROM_BYTES:,} bytes for a ROMFS: with ROMFS=1"
    assert any(hint in line for line in toys.put(board, toy))
    assert home(board) == "/lib/partysocket/"
    assert not any("ROMFS" in line for line in toys.put(board, toy, romfs=False))
    (tmp_path / "stock").mkdir()
    with PtyBoard(tmp_path / "stock") as stock:
        assert not any("ROM" in line for line in toys.put(stock, toy))


def refused(status, text, board, toy, **order):
    writes, starts = board.writes(), board.output().count("soft reboot")
    with pytest.raises(Failure, match=text) as failure:
        toys.put(board, toy, **order)
    assert failure.value.status == status and board.writes() == writes

    # It was interrupted, and starts again: until it has, the port may still be locked.
    def has_started():
        *before, last = board.output().split("soft reboot")
        return len(before) == starts + 2 and last.endswith(">>> ")

    board.wait_for(has_started, "prompt")


def test_a_board_without_a_partition_is_told_so(toy, tmp_path):
    with PtyBoard(tmp_path) as board:
        refused(UNFIT, "ROMFS=1: the board's firmware has no partition", board, toy, romfs=True)


def test_a_partition_that_is_too_small_is_told_and_no_hint_is_given(board, tmp_path):
    padding = ROM_BYTES // 2  # in three modules
    large = toys.make(tmp_path / "large", "L", ("one", "two"), padding)
    text = f"as a ROMFS, and the board's partition has {ROM_BYTES:,}"
    refused(FULL, text, board, large, romfs=True)
    assert not any("ROMFS" in line for line in toys.put(board, large, is_dry=True))


def test_files_of_others_in_the_rom_are_not_lost(toy, board, tmp_path):
    tree = tmp_path / "tree"
    (tree / "lib").mkdir(parents=True)
    (tree / "lib/theirs.py").write_text("X = 1\n")
    mpremote(board, "romfs", "--no-mpy", "deploy", tree)
    refused(UNFIT, "not of this library.*: /rom/lib/theirs.py. Not", board, toy, romfs=True)
    toys.put(board, toy)
    assert "whole ['A'" in board.output() and home(board) == "/lib/partysocket/"
    assert listed(board, "/rom/lib") == ["theirs.py"]


def test_a_library_that_mpremote_put_into_the_rom_is_the_one_that_is_renewed(toy, newer, board):
    """It would hide one in /lib."""
    library, _ = toy
    tree = library.parent / "tree"
    shutil.copytree(library / "partysocket", tree / "lib/partysocket", dirs_exist_ok=True)
    mpremote(board, "romfs", "deploy", tree)
    toys.put(board, newer)
    assert "whole ['B'" in board.output() and home(board) == IN_ROM
    assert listed(board, "/lib") is None


def test_parts_that_are_on_the_board_come_along_and_stay(deployed):
    with pico(deployed, rom="rp2") as board:
        mpremote(board, "mip", "install", "--no-mpy", FORMS / "recorder.json")
        assert any(", with recorder" in line for line in deploy_to(board.port, {}, romfs=True))
        assert any(", with recorder" in line for line in deploy_to(board.port, {}))
        mpremote(board, "exec", "import partysocket.recorder")
        assert listed(board, "/lib") == []


def test_parts_outlive_a_power_cut_that_took_the_rom(deployed):
    with pico(deployed, rom="rp2") as board:
        mpremote(board, "mip", "install", "--no-mpy", FORMS / "recorder.json")
        deploy_to(board.port, {}, romfs=True)
        mpremote(board, "exec", f"import vfs; vfs.rom_ioctl(2, 0).writeblocks(0, bytes({PIECE}))")
        assert home(board) == "/"
        assert any(", with recorder" in line for line in deploy_to(board.port, {}))
        mpremote(board, "exec", "import partysocket.recorder")


def test_a_dry_run_changes_nothing(toy, board):
    toys.put(board, toy)
    writes = board.writes()
    said = toys.put(board, toy, romfs=True, is_dry=True)
    assert any(line.startswith("The ROM gets the library, ") for line in said)
    assert board.writes() == writes and home(board) == "/lib/partysocket/"


def test_flash_that_keeps_nothing_is_told(toy, board, monkeypatch):
    monkeypatch.setattr("deploy.board.Board.write_rom", lambda self, begin, data: None)
    with pytest.raises(Failure, match="does not hold what was written into it, twice.*ROMFS=0"):
        toys.put(board, toy, romfs=True)


# The power goes.


@pytest.fixture(params=[False, True], ids=["from /lib", "from the ROM"])
def start(request):
    return request.param


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def old(toy, start, kind, tmp_path):
    """The folder of a board with version A; `start`: it is in the ROM."""
    folder = tmp_path / "old"
    folder.mkdir()
    with PtyBoard(folder, rom=kind) as board:
        toys.put(board, toy, romfs=start)
    return folder


@pytest.fixture
def writes(old, newer, kind, tmp_path, monkeypatch):
    """(writes before those into the ROM, with those, all) that version B in the ROM takes."""
    counts = []
    real = Rom.write
    with PtyBoard(copied(old, tmp_path / "counted"), rom=kind) as board:

        def counted(*arguments):
            counts.append(board.writes())
            real(*arguments)
            counts.append(board.writes())

        with monkeypatch.context() as counting:
            counting.setattr(Rom, "write", counted)
            toys.put(board, newer, romfs=True)
        return *counts, board.writes()


def test_after_a_cut_a_whole_version_or_none_runs_and_the_next_deploy_completes(
    kind, start, old, writes, newer, tmp_path
):
    for cut_at, folder in drawn(tmp_path, writes[-1], 4):
        cut_and_look(copied(old, folder), kind, newer, cut_at, start)


def test_a_cut_while_the_rom_is_written_leaves_no_half_library(
    kind, start, old, writes, newer, tmp_path
):
    begin, end, _ = writes
    assert end - begin >= 3
    for cut_at in range(begin + 1, end + 1):
        folder = copied(old, tmp_path / str(cut_at))
        ran = cut_and_look(folder, kind, newer, cut_at, start)
        assert ran == ("-" if start else "A")


@pytest.mark.soak
def test_a_cut_at_every_write_of_a_rom(kind, start, old, writes, newer, tmp_path):
    ran = []
    for cut_at in range(1, writes[-1] + 1):
        folder = copied(old, tmp_path / str(cut_at))
        ran.append(cut_and_look(folder, kind, newer, cut_at, start))
    order = "A-B" if start else "AB"
    assert ran == sorted(ran, key=order.index) and set(ran) == set(order)


def copied(source, folder):
    folder.mkdir(exist_ok=True)
    for name in ("flash.img", "rom.img"):
        shutil.copy(source / name, folder)
    return folder


def cut_and_look(folder, kind, new, cut_at, is_in_rom):
    """Deploy `new`, the power going at that write; return what then ran, "-" for nothing."""
    with PtyBoard(folder, rom=kind, cut_at=cut_at) as board:
        with pytest.raises(Failure) as failure:
            toys.put(board, new, romfs=True)
        assert board.has_died.wait(30)
    assert failure.value.status == SILENT and "broke off" in str(failure.value)
    with PtyBoard(folder, rom=kind) as board:
        board.wait_for(lambda: "in the room" in board.output() or ">>> " in board.output())
        output = board.output()
        assert "MIXED [" not in output
        ran = output.partition("whole ['")[2][:1] or "-"
    if ran == "-":
        assert is_in_rom and "no module named 'partysocket'" in output, output
        assert "gone until the next deploy" in str(failure.value)
    with PtyBoard(folder, rom=kind) as board:
        toys.put(board, new, romfs=None if is_in_rom else True)
        assert "whole ['B'" in board.output() and home(board) == IN_ROM
        assert toys.put(board, new)[2].startswith("Nothing to send")
    return ran
