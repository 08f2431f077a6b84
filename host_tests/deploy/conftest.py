"""A board with everything on it, deployed once; each test takes a copy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from pty_board import PtyBoard

from deploy.run import Order, deploy
from deploy.settings import Asker
from rooms.server_process import RoomServer

TOOL = Path(__file__).resolve().parents[2] / "tools" / "deploy.py"
AIR = {"home": "AT_ONCE", "shed": "WRONG_PASSWORD", "attic": "FOREVER_JOINING"}
PASSWORD = "open sesame, said Ali"
CLAIMS = {  # all but the architecture, which is this computer's, so that native code runs
    "platform": "rp2",
    "implementation": {"_machine": "Raspberry Pi Pico W with RP2040"},
}


def pico(folder, **settings):
    return PtyBoard(folder, **{"claims": CLAIMS, "air": AIR, **settings})


def run_tool(board, *arguments, **environment):
    """Run tools/deploy.py for the board as a user does, with nobody to ask."""
    return subprocess.run(
        [sys.executable, str(TOOL), "--port", board.port, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )


def deploy_to(board, given, **order):
    """Deploy in this process; return what was said, as lines."""
    said = []
    order = {"port": board.port, "given": given, "asker": Asker(False), "wait_s": 60, **order}
    deploy(Order(**order, say=said.append))
    return said


@pytest.fixture(scope="session")
def room():
    with RoomServer() as server:
        yield server


@pytest.fixture(scope="session")
def first(room, tmp_path_factory):
    """The first deploy to an empty board: (the board's folder, what the tool said, the room's
    state while the board was in it).
    """
    folder = tmp_path_factory.mktemp("pico")
    with pico(folder) as board:
        done = run_tool(
            board,
            "--board=pico_w",
            f"--host=127.0.0.1:{room.port}",
            "--room=greenhouse",
            "--name=north",
            WIFI_NAME="home",
            WIFI_PASSWORD=PASSWORD,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with urlopen(f"{room.url}/parties/main/greenhouse", timeout=30) as answer:
            state = json.load(answer)
    return folder, done.stdout + done.stderr, state


@pytest.fixture
def deployed(first, tmp_path):
    """The folder of a board with everything on it."""
    shutil.copy(first[0] / "flash.img", tmp_path)
    return tmp_path
