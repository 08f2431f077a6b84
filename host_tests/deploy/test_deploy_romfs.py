"""`make deploy ROMFS=1`: the library into a board's ROMFS partition, as on rp2 and on ESP8266
(pty_board/rom.py), and back. test_power_cut.py has power cuts.
"""

import re
import shutil

import pytest
import toys

from conftest import IN_ROOM, PASSWORD, pico, run_tool
from deploy.forms import FORMS
from deploy.rom import PIECE
from deploy.words import FULL, UNFIT, Failure
from pty_board import ROM_BYTES, PtyBoard, mpremote

KINDS = ["rp2", "esp8266"]
IN_ROM = "/rom/lib/partysocket/"
IN_FILES = "/lib/partysocket/"


@pytest.fixture(params=KINDS)
def board(request, tmp_path):
    with PtyBoard(tmp_path, rom=request.param) as board:
        yield board


@pytest.fixture
def newer(tmp_path):
    return toys.make(tmp_path / "B", "B", ("one", "new"))


def home(board):
    """The folder from which the board imports the library. "/" if there is none."""
    code = "try:\n import partysocket as p\n print(p.__file__)\nexcept ImportError: print('/')"
    return mpremote(board, "exec", code).strip().rpartition("/")[0] + "/"


def listed(board, folder):
    """The names in a folder of the board. None if there is no such folder."""
    code = f"import os\ntry: print(os.listdir({folder!r}))\nexcept OSError: print('None')"
    return eval(mpremote(board, "exec", code))


def says(text, said):
    return any(text in line for line in said)


def number(pattern, text):
    return int(re.search(pattern, text)[1].replace(",", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_board_moves_into_its_rom_and_ends_in_its_room(kind, deployed):
    with pico(deployed, rom=kind) as board:
        assert IN_FILES in home(board)
        done = run_tool(board.port, "--romfs=1")
        said = done.stdout
        assert done.returncode == 0, said + done.stderr
        assert IN_ROOM in said and PASSWORD not in said
        assert home(board) == IN_ROM
        assert listed(board, "/lib") == []
    files = number(r"(\d+) files of /lib/partysocket make way", said)
    assert files > 3
    assert number(r"The file system has ([\d,]+) bytes more", said) >= files * 1024
    now = number(r"takes ([\d,]+) bytes of the heap", said)
    assert now < number(r"of the heap; before: ([\d,]+)", said)


def test_the_library_goes_where_it_is_told_and_stays_there(toy, newer, board, tmp_path):
    hint = f"a partition of {ROM_BYTES:,} bytes for a ROMFS: with ROMFS=1"
    # The hint that the library could go there comes once.
    assert says(hint, toys.put(board, toy))
    assert not says("ROMFS", toys.put(board, toy, romfs=False))
    writes = board.writes()
    said = toys.put(board, toy, romfs=True, is_dry=True)
    assert says("The ROM gets the library, ", said) and board.writes() == writes
    assert home(board) == IN_FILES

    toys.put(board, toy, romfs=True)
    assert "whole ['A'" in board.output() and home(board) == IN_ROM
    writes = board.writes()
    # It is there already.
    for romfs in (None, True):
        assert toys.put(board, toy, romfs=romfs)[2].startswith("Nothing to send")
    assert board.writes() == writes

    assert says("The ROM gets the library, ", toys.put(board, newer))
    assert "whole ['B'" in board.output() and home(board) == IN_ROM
    assert {name.partition(".")[0] for name in listed(board, IN_ROM)} == {"__init__", "one", "new"}

    assert "The ROM is emptied" in toys.put(board, newer, romfs=False)
    assert home(board) == IN_FILES
    assert toys.put(board, newer)[-2] == "  | in the room" and home(board) == IN_FILES
    toys.put(board, newer, romfs=True)
    assert home(board) == IN_ROM


def refused(status, text, board, toy):
    writes, starts = board.writes(), board.output().count("soft reboot")
    with pytest.raises(Failure, match=text) as failure:
        toys.put(board, toy, romfs=True)
    assert failure.value.status == status and board.writes() == writes

    # The board was interrupted, and starts again. Until then the port may still be locked.
    def has_started():
        *before, last = board.output().split("soft reboot")
        return len(before) == starts + 2 and last.endswith(">>> ")

    board.wait_for(has_started, "prompt")


def test_a_board_without_a_partition_is_told_so_when_it_is_asked_for(toy, tmp_path):
    with PtyBoard(tmp_path) as board:
        refused(UNFIT, "ROMFS=1: the board's firmware has no partition", board, toy)
        assert not says("ROM", toys.put(board, toy))


def test_a_partition_that_is_too_small_is_told_and_no_hint_is_given(board, tmp_path):
    # In three modules.
    padding = ROM_BYTES // 2
    large = toys.make(tmp_path / "large", "L", ("one", "two"), padding)
    refused(FULL, f"as a ROMFS, and the board's partition has {ROM_BYTES:,}", board, large)
    assert not says("ROMFS", toys.put(board, large, is_dry=True))


def test_files_of_others_in_the_rom_are_not_lost(toy, board, tmp_path):
    tree = tmp_path / "tree"
    (tree / "lib").mkdir(parents=True)
    (tree / "lib/theirs.py").write_text("X = 1\n")
    mpremote(board, "romfs", "--no-mpy", "deploy", tree)
    refused(UNFIT, "not of this library.*: /rom/lib/theirs.py. Not", board, toy)
    toys.put(board, toy)
    assert "whole ['A'" in board.output() and home(board) == IN_FILES
    assert listed(board, "/rom/lib") == ["theirs.py"]


def test_a_library_that_mpremote_put_into_the_rom_is_the_one_that_is_renewed(toy, newer, board):
    """It would hide a library in /lib."""
    library, _ = toy
    tree = library.parent / "tree"
    shutil.copytree(library / "partysocket", tree / "lib/partysocket", dirs_exist_ok=True)
    mpremote(board, "romfs", "deploy", tree)
    toys.put(board, newer)
    assert "whole ['B'" in board.output() and home(board) == IN_ROM
    assert listed(board, "/lib") is None


def test_parts_that_are_on_the_board_come_along_and_outlive_a_power_cut_that_took_the_rom(
    deployed,
):
    with pico(deployed, rom="rp2") as board:
        mpremote(board, "mip", "install", "--no-mpy", FORMS / "recorder.json")
        assert says(", with recorder", toys.deploy_to(board.port, {}, romfs=True))
        assert says(", with recorder", toys.deploy_to(board.port, {}))
        mpremote(board, "exec", "import partysocket.recorder")
        assert listed(board, "/lib") == []
        mpremote(board, "exec", f"import vfs; vfs.rom_ioctl(2, 0).writeblocks(0, bytes({PIECE}))")
        assert home(board) == "/"
        assert says(", with recorder", toys.deploy_to(board.port, {}))
        mpremote(board, "exec", "import partysocket.recorder")


def test_flash_that_keeps_nothing_is_told(toy, board, monkeypatch):
    monkeypatch.setattr("deploy.rom.write_piece", lambda board, begin, data: None)
    with pytest.raises(Failure, match="does not hold what was written into it, twice.*ROMFS=0"):
        toys.put(board, toy, romfs=True)
