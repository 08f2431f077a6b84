"""`mip.install` as on a board, from a server with this repository, and as mpremote does it. It
installs into a littlefs, from which a sensor then runs, without any other files.
"""

import hashlib

import pytest

from install.shelf import Shelf
from install.trees import TELL
from library import FORMS, PARTS, ROOT, address_of
from manifest import manifests
from pty_board import PtyBoard, mpremote
from rooms.clients import join
from rooms.server_process import RoomServer

MADE = manifests()
ENOSPC = 28
# examples/sensor.py checks it.
BOARD = {"heap": "1M", "claims": {"platform": "rp2"}}

INSTALL = """
import mip
_real = mip._rewrite_url

def _from_the_shelf(url, branch=None):
    # What would come from GitHub comes from the test's server.
    url = _real(url, branch)
    if url.startswith({shelf!r}):
        return url
    assert url.startswith("https://raw.githubusercontent.com/"), url
    return {shelf!r} + "/" + "/".join(url.split("/")[6:])  # behind OWNER/NAME/BRANCH

mip._rewrite_url = _from_the_shelf
for package in {packages!r}:
    try:
        mip.install(package, target="/lib")
    except OSError as e:
        print("errno", e.errno)
"""
FILES = TELL + 'tell("/lib")'


@pytest.fixture
def shelf():
    with Shelf() as shelf:
        yield shelf


@pytest.fixture
def board(tmp_path):
    with PtyBoard(tmp_path, **BOARD) as board:
        yield board


def install(board, shelf, *packages):
    """Install on the board. Returns mip's output."""
    return mpremote(board, "exec", INSTALL.format(shelf=shelf.url, packages=packages))


def address(manifest):
    """The address that a user gives to mip."""
    name = {"package.json": ""}.get(manifest, "/" + manifest)
    return address_of() + name


def found(board):
    """{path: digest} of the files in the board's /lib."""
    return dict(line.split() for line in mpremote(board, "exec", FILES).splitlines())


def wanted(*names):
    """{path: digest} of the files in these manifests."""
    return {
        f"/lib/{target}": hashlib.sha256(((ROOT / name).parent / url).read_bytes()).hexdigest()
        for name in names
        for target, url in MADE[name]["urls"]
    }


# Parts that people install together.
SETS = {
    "sources": ["package.json", "lib/wifi.json"],
    **{form: [f"lib/mpy/{form}.json"] for form in FORMS},
    "parts": [f"lib/{part}.json" for part in PARTS],
    "compiled parts": [f"lib/mpy/{part}.json" for part in PARTS],
}


@pytest.mark.parametrize("names", SETS.values(), ids=SETS)
def test_mip_installs_what_the_manifests_list(names, shelf, board):
    said = install(board, shelf, *map(address, names))
    assert "errno" not in said and found(board) == wanted(*names)


def test_a_file_that_does_not_come_is_told_and_comes_with_the_next_try(shelf, board):
    shelf.missing.add(MADE["package.json"]["urls"][-1][1])
    assert "partially installed" in install(board, shelf, address("package.json"))
    assert found(board) != wanted("package.json")
    shelf.missing.clear()
    install(board, shelf, address("package.json"))
    assert found(board) == wanted("package.json")


SENSOR = "import sys; sys.argv[:] = ['sensor.py', '127.0.0.1:{port}', 'home', 'installed']"


@pytest.mark.parametrize("manifest", ["package.json", "lib/mpy/portable.json", "lib/mpy/x64.json"])
async def test_a_sensor_runs_from_what_mpremote_installed_alone(manifest, board, tmp_path):
    mpremote(board, "mip", "install", str(ROOT / manifest))
    assert found(board) == wanted(manifest)
    with RoomServer("--db", tmp_path / "rooms.db") as room:
        async with join(room, "home", role="dashboard") as dashboard:
            start = ["exec", SENSOR.format(port=room.port), "run", "--no-follow"]
            mpremote(board, *start, ROOT / "examples/sensor.py")
            for _ in range(2):
                assert (await dashboard.next("reading"))["device"] == "installed"


def test_a_flash_that_is_full_says_so_and_is_cleared_by_one_command(shelf, tmp_path):
    """The sources do not fit into 224 KiB, the compiled library does."""
    with PtyBoard(tmp_path, blocks=56, **BOARD) as board:
        assert f"errno {ENOSPC}" in install(board, shelf, address("package.json"))
        left = found(board)
        assert left and left.keys() < wanted("package.json").keys()
        mpremote(board, "fs", "rm", "-r", ":/lib/partysocket")
        assert found(board) == {}
        install(board, shelf, address("lib/mpy/portable.json"))
        assert found(board) == wanted("lib/mpy/portable.json")
