"""A board with files of another version or form: `mip` and a copy delete nothing. What was
installed last runs, or the library names the folder to delete. Two versions never run together.
"""

import pytest

from e2e.devices import said
from install.shelf import Shelf
from install.test_install import BOARD, address, found, install, wanted
from install.trees import ALL, FORMS, LIB, made, put, release
from library import INCLUDED, PORTABLE, ROOT, version_of
from pty_board import PtyBoard, mpremote

MANIFESTS = {"py": "package.json", "mpy": f"lib/mpy/{PORTABLE}.json"}
FOLDER = {"py": "lib", "mpy": "lib/mpy"}
TELL = """
def tried(code):
    try:
        exec(code)
    except ImportError as e:
        print(e)
tried('import partysocket; partysocket.PartySocket; print(partysocket.__version__.split("+")[0])')
"""
USES = TELL + "".join(f"tried('import partysocket.{part}; print(\"it runs\")')\n" for part in ALL)
NAMED = (
    "files of another version or form of partysocket are in %s: delete that folder, and install "
    "anew"
)


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """The lib of the first release."""
    return release(tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    return made(tmp_path_factory.mktemp("newer"), version="0.3.0")


@pytest.mark.parametrize("new_parts", [(), ALL], ids=["base", "all"])
@pytest.mark.parametrize("old_parts", [(), ALL], ids=["over base", "over all"])
@pytest.mark.parametrize("old, new", FORMS)
def test_over_the_first_release_the_folder_is_named_whatever_is_imported(
    old, new, old_parts, new_parts, older, tmp_path
):
    had = [part for part in old_parts if (older / f"{part}.json").exists()]
    put(older, old, tmp_path, base=True, parts=had)
    put(LIB, new, tmp_path, base=True, parts=new_parts)
    assert said(USES, tmp_path).splitlines() == [NAMED % "partysocket"] * (1 + len(ALL))


@pytest.mark.parametrize("old, new", FORMS)
def test_over_this_version_a_newer_one_runs_or_the_folder_is_named(old, new, newer, tmp_path):
    # In that case a source would be loaded instead of a compiled file.
    runs = (old, new) != ("py", "mpy")
    put(LIB, old, tmp_path, base=True, parts=ALL)
    put(newer, new, tmp_path, base=True)
    first, *parts = said(USES, tmp_path).splitlines()
    assert first == ("0.3.0" if runs else NAMED % "partysocket")
    if runs:
        # The newer base has brought its own INCLUDED.
        older = [line for part, line in zip(ALL, parts, strict=True) if part not in INCLUDED]
        assert all(f"needs partysocket '{version_of()}', not '0.3.0" in line for line in older)
        put(newer, new, tmp_path, parts=ALL)
        # Compiled parts come after the sources of the older ones.
        lines = said(USES, tmp_path).splitlines()
        assert lines == ["0.3.0"] + ["it runs"] * len(ALL)


def told(board):
    return mpremote(board, "exec", TELL).strip()


@pytest.fixture
def board(tmp_path):
    with PtyBoard(tmp_path, blocks=512, **BOARD) as board:
        yield board


@pytest.mark.parametrize("old, new", FORMS)
def test_mip_over_the_first_release_is_told_on_the_board_and_mended_by_what_it_says(
    old, new, older, board
):
    parts = [f"{FOLDER[old]}/{part}.json" for part in ALL]
    with Shelf(older.parent) as shelf:
        installed = install(board, shelf, *map(address, [MANIFESTS[old], *parts]))
        assert "errno" not in installed, installed
    assert told(board) == "0.1.0"
    with Shelf() as shelf:
        install(board, shelf, address(MANIFESTS[new]))
        assert told(board) == NAMED % "/lib/partysocket"
        mpremote(board, "fs", "rm", "-r", ":/lib/partysocket")
        install(board, shelf, address(MANIFESTS[new]))
        assert found(board) == wanted(MANIFESTS[new])
        assert told(board) == version_of()


@pytest.mark.parametrize("old, new", [("py", "mpy"), ("mpy", "mpy"), (None, "mpy"), (None, "py")])
def test_a_copy_by_mpremote_runs_or_is_told_as_well(old, new, older, board):
    mpremote(board, "fs", "mkdir", ":/lib")
    if old:
        mpremote(board, "fs", "cp", "-r", older.parent / FOLDER[old] / "partysocket", ":/lib/")
        assert told(board) == "0.1.0"
    mpremote(board, "fs", "cp", "-r", ROOT / FOLDER[new] / "partysocket", ":/lib/")
    assert told(board) == (NAMED % "/lib/partysocket" if old else version_of())
