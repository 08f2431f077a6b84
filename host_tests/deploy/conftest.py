"""Boards for the tests: an empty one, one with everything on it; and functions that deploy to
them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
import toys

from pty_board import PtyBoard
from rooms.server_process import RoomServer

TOOL = str(Path(__file__).resolve().parents[2] / "tools" / "deploy.py")
AIR = {"home": "AT_ONCE", "shed": "WRONG_PASSWORD", "attic": "FOREVER_JOINING"}
PASSWORD = "open sesame, said Ali"
IN_ROOM = "  | in the room\nDashboard: http://"  # the end of what a deploy says
CLAIMS = {  # all but the architecture, which is this computer's, so that native code runs
    "platform": "rp2",
    "implementation": {"_machine": "Raspberry Pi Pico W with RP2040"},
}


def pico(folder, **settings):
    return PtyBoard(folder, **{"claims": CLAIMS, "air": AIR, **settings})


def run_tool(port, *arguments, python=(sys.executable,), **environment):
    """Run tools/deploy.py for the board at a port, as a user does, but without a terminal."""
    return subprocess.run(
        [*python, TOOL, "--port", port, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.fixture(scope="session")
def first(tmp_path_factory):
    """The first deploy to an empty board: (the board's folder, the tool's output, the room's state
    while the board was in it).
    """
    folder = tmp_path_factory.mktemp("pico")
    # It runs until all tests have ended, because copies of the board go there too.
    with RoomServer() as room:
        with pico(folder) as board:
            where = ("--board=pico_w", f"--host=127.0.0.1:{room.port}", "--room=greenhouse")
            wifi = {"WIFI_NAME": "home", "WIFI_PASSWORD": PASSWORD}
            done = run_tool(board.port, *where, "--name=north", **wifi)
            assert done.returncode == 0, done.stdout + done.stderr
            with urlopen(f"{room.url}/parties/main/greenhouse", timeout=30) as answer:
                state = json.load(answer)
        yield folder, done.stdout + done.stderr, state


@pytest.fixture
def deployed(first, tmp_path):
    """The folder of a board with everything on it."""
    shutil.copy(first[0] / "flash.img", tmp_path)
    return tmp_path


@pytest.fixture
def board(tmp_path):
    """An empty board of no particular kind."""
    with PtyBoard(tmp_path) as board:
        yield board


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    return toys.make(tmp_path_factory.mktemp("toy") / "A", "A", ("one", "two", "link"))
