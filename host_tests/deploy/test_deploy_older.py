"""`make deploy` onto a board with the files of the first release, or with what mip put over them.
It removes the files of older versions that it knows, and installs the parts that were there again.
"""

import pytest

from conftest import IN_ROOM, PASSWORD, pico, run_tool
from install.trees import LIB, put, release
from library import files_of, version_of
from pty_board import mpremote, write
from rooms.server_process import RoomServer

# No board's start-up file needs these in a ws:// room.
PARTS = ["clock", "recorder"]
BEFORE = {"sources": ["py"], "compiled": ["mpy"], "both": ["py", "mpy"]}


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    return release(tmp_path_factory.mktemp("older"))


@pytest.mark.parametrize("has_mip", [False, True], ids=["alone", "with this version over it"])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_over_the_first_release_a_board_ends_in_its_room(before, has_mip, older, tmp_path):
    for form in before:
        put(older, form, tmp_path, base=True, parts=[*PARTS, "wifi"])
    if has_mip:
        put(LIB, "mpy", tmp_path, base=True)
    with RoomServer() as room, pico(tmp_path, blocks=512) as board:
        mpremote(board, "fs", "mkdir", ":/lib")
        mpremote(board, "fs", "cp", "-r", tmp_path / "partysocket", ":/lib/")
        write(board, "/lib/partysocket/mine.py", "mine = 1")
        where = ["--board=pico_w", f"--host=127.0.0.1:{room.port}", "--room=greenhouse"]
        done = run_tool(board.port, *where, WIFI_NAME="home", WIFI_PASSWORD=PASSWORD)
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stdout
        assert IN_ROOM in said
        assert f"partysocket {version_of()} as .mpy, " in said
        assert "with wifi, with clock, with" in said
        assert f"/lib/partysocket/engine.{before[-1]} is removed: of an older version" in said
        _, *listed = mpremote(board, "fs", "ls", ":/lib/partysocket").splitlines()
        left = {line.split()[-1] for line in listed}
        compiled = {path.name for path in (LIB / "mpy/partysocket").glob("*.mpy")}
        apart = ("fetch", "hooks", "outbox", "portal", "roots")
        absent = {f"{file}.mpy" for part in apart for file in files_of(part)}
        assert left - {"native.mpy"} == compiled - absent | {"mine.py"}
        again = run_tool(board.port, "--dry-run")
        assert "Nothing to send: all " in again.stdout
