"""The contents of the folders in boards/: board.json, samples of secrets, and manifests for
freezing.
"""

import ast
import json
import re
from pathlib import Path

import pytest

from boards.yard import BOARDS
from library import ARCHES, LIB, PARTS, ROOT, modules

FOLDERS = ROOT / "boards"
PAGE = (FOLDERS / "README.md").read_text(encoding="utf-8")


def documented(heading):
    """The names in the first column of the table under a heading of boards/README.md."""
    section = PAGE.split(f"## `{heading}`")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)`", section, re.M))


@pytest.mark.parametrize("board", BOARDS)
def test_board_json_has_what_the_page_says_and_names_files(board):
    made = BOARDS[board]
    text = (FOLDERS / board / "board.json").read_text(encoding="utf-8")
    assert text == json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    assert set(made) == documented("board.json")
    assert made["mpy"] in ARCHES and isinstance(made["fits"], bool)
    assert set(made["parts"]) | set(made["secure_parts"]) <= set(PARTS)
    assert "main.py" in made["files"]
    for source in [*made["files"].values(), made["secrets"]]:
        assert (FOLDERS / board / source).is_file(), source


def test_every_folder_is_a_board_with_a_page_or_common_to_them():
    folders = {path.parent.name for path in FOLDERS.glob("*/README.md")}
    assert {path.name for path in FOLDERS.iterdir() if path.is_dir()} - {"common"} == folders


@pytest.mark.parametrize("board", BOARDS)
def test_the_sample_of_secrets_py_only_assigns_what_the_page_explains(board):
    text = (FOLDERS / board / BOARDS[board]["secrets"]).read_text(encoding="utf-8")
    # Without the docstring.
    statements = ast.parse(text).body[1:]
    names = [ast.literal_eval(s.value) is not Ellipsis and s.targets[0].id for s in statements]
    assert len(names) == len(set(names)) and set(names) <= documented("secrets.py")
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "secrets.py" in rules and "secrets.sample.py" not in rules


def test_the_page_explains_every_setting_that_the_start_up_file_reads():
    text = (FOLDERS / "common/main.py").read_text(encoding="utf-8")
    assert set(re.findall(r'setting\("(\w+)"', text)) == documented("secrets.py")


PAGES = sorted(FOLDERS.rglob("README.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_commands_of_a_page_name_files_that_are_there(page):
    commands = "\n".join(re.findall("^    .*", page.read_text(encoding="utf-8"), re.M))
    named = re.findall(r"(?<![\w/])(?:\./)?((?:lib|boards|examples)/[\w./-]+)", commands)
    assert page.parent == FOLDERS or named
    for path in named:
        assert (ROOT / path).is_file() or path.endswith("/secrets.py"), path


FROZEN_ELSEWHERE = ("$(PORT_DIR)", "$(BOARD_DIR)")


@pytest.mark.parametrize("board", [name for name in BOARDS if BOARDS[name]["firmware"]])
def test_the_manifest_of_a_page_freezes_the_library_beside_what_the_firmware_has(
    board, monkeypatch
):
    """The manifest runs as in MicroPython's build, with fakes of the build's functions."""
    text = (FOLDERS / board / "README.md").read_text(encoding="utf-8")
    line = r"^    make BOARD=(\w+) FROZEN_MANIFEST=/path/to/this/repository/(\S+)$"
    [(firmware, manifest)] = re.findall(line, text, re.M)
    assert (firmware, manifest) == (BOARDS[board]["firmware"], f"boards/{board}/manifest.py")
    included, files = [], {}

    def include(path, **options):
        if path.startswith(FROZEN_ELSEWHERE):
            included.append(path)
            return
        path = Path(path).resolve()
        with monkeypatch.context() as inside:
            # Paths are relative to the manifest.
            inside.chdir(path.parent)
            exec(path.read_text(encoding="utf-8"), functions)

    def package(name, files_=None, base_path=".", opt=None):
        files.update((path, opt) for path in (Path(base_path) / name).resolve().rglob("*.py"))

    functions = {"include": include, "package": package}
    include(str(ROOT / manifest))
    assert len(included) == 1 and included[0].endswith("/manifest.py")
    assert set(files) == {LIB / "partysocket" / f"{name}.py" for name in modules()}
    # As in lib/mpy.
    assert set(files.values()) == {3}
