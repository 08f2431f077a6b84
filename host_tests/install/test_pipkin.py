"""The board's wheel through pipkin, the installer of Thonny: from an index on this computer, onto
a board behind a pseudo-terminal, where the program that boards/first_board.md has for Thonny runs.
"""

import re
import textwrap

import pytest

from install.packages import Environment, build, tried
from install.shelf import Shelf
from install.test_install import BOARD, found, wanted
from library import PARTS, PORTABLE, ROOT, version_of
from pty_board import PtyBoard, write
from rooms.clients import join
from rooms.server_process import RoomServer

NAME = "micropython-partysocket"
PAGE = (ROOT / "boards/first_board.md").read_text(encoding="utf-8")
PROGRAM = textwrap.dedent(re.search(r"^ *```python\n(.*?)^ *```", PAGE, re.M | re.S)[1])
TOKEN = "abcde-12345-fghij-67890"
MANIFESTS = [f"lib/mpy/{name}.json" for name in (PORTABLE, *PARTS)]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The address of a simple index with the wheel, and nothing else."""
    _, wheel = build(tmp_path_factory.mktemp("dist"))
    with Shelf(wheel.parent) as shelf:
        link = f'<a href="{shelf.url}/{wheel.name}">{wheel.name}</a>'
        shelf.more[f"simple/{NAME}"] = link.encode()
        yield f"{shelf.url}/simple"


@pytest.fixture(scope="module")
def pipkin(tmp_path_factory):
    """A function that runs pipkin for a board. Returns its output."""
    folder = tmp_path_factory.mktemp("pipkin")
    made = Environment(folder / "environment")
    made.install("pipkin")
    # It keeps an environment of its own there, with a pip that it installs.
    own = {"XDG_CACHE_HOME": str(folder), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(made.wheels)}

    def run(board, *arguments):
        # It waits for the prompt for 0.3 s in all, in which a busy computer may not answer.
        for _ in range(20):
            done = tried(made.bin / "pipkin", "--port", board.port, *arguments, **own)
            if "Could not get raw REPL" not in done.stderr:
                break
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def filled_in(host):
    """The program, as its reader completes it."""
    text = PROGRAM
    for blank, own in (
        ("my network", "home"),
        ("its password", "open sesame"),
        ("192.168.1.20:1999", host),
        ("the token", TOKEN),
    ):
        assert text.count(blank) == 1, blank
        text = text.replace(blank, own)
    return text


# pipkin waits after each KiB that it sends.
@pytest.mark.timeout(300)
async def test_what_it_installs_is_the_compiled_library_and_the_board_sends_its_first_value(
    index, pipkin, tmp_path
):
    where = ["--index-url", index, "--no-mp-org"]
    about = f"/lib/micropython_partysocket-{version_of()}.dist-info"
    settings = {**BOARD, "air": {"home": "AT_ONCE"}}
    with RoomServer("--token", TOKEN) as room:
        with PtyBoard(tmp_path, **settings) as board:
            assert "All changes applied." in pipkin(board, "install", *where, NAME)
            left = found(board)
            assert {path for path in left if path.startswith(about)} == {
                f"{about}/METADATA",
                f"{about}/RECORD",
            }
            library = {path: left[path] for path in left if not path.startswith(about)}
            assert library == wanted(*MANIFESTS)
            listed = pipkin(board, "list", *where)
            assert re.search(rf"^{NAME} +{re.escape(version_of())}$", listed, re.M)
            write(board, "/main.py", filled_in(f"127.0.0.1:{room.port}"))
        async with join(room, "home", role="dashboard", token=TOKEN) as dashboard:
            # Its power comes back.
            with PtyBoard(tmp_path, **settings) as board:
                board.wait_output("in the room")
                reading = await dashboard.next("reading")
                assert reading["device"] == "porch" and reading["values"]["temperature"] == 21.5
                pipkin(board, "uninstall", "--yes", NAME)
                assert found(board) == {}
