"""boards/first_board.md: its commands, as far as they run without Windows and without a network.
test_packages.py starts the server as it says, test_pipkin.py runs its program, and
dashboard/test_install.py counts the inputs.
"""

import os
import re
import shlex
import sys
from pathlib import Path
from zipfile import ZipFile

from install.packages import BOARD, Environment, build, names, run
from library import ROOT, address_of

PAGE = (ROOT / "boards/first_board.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line) for line in re.findall(r"^ +py -m (.+)", PAGE, re.M)]
ARCHIVE = address_of().replace("github:", "https://github.com/") + "/archive/refs/heads/main.zip"
NOT_IN_IT = {".git", ".venv", "build", "node_modules", "__pycache__"}
MOST_STEPS = 10


def test_the_road_has_few_steps_and_says_how_many():
    road = PAGE.split("## In the browser")[1].split("\n## ")[0]
    steps = re.findall(r"^(\d+)\. ", road, re.M)
    assert steps == [str(n) for n in range(1, len(steps) + 1)]
    words = ["six", "seven", "eight", "nine", "ten"]
    assert len(steps) <= MOST_STEPS and f"{words[len(steps) - 6]} steps" in PAGE


def archive(path):
    """What GitHub makes of this tree."""
    with ZipFile(path, "w") as made:
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in NOT_IN_IT]
            for file in files:
                source = Path(folder, file)
                if file not in NOT_IN_IT:
                    made.write(source, Path("partysocket-main", source.relative_to(ROOT)))


def test_pip_makes_both_wheels_of_the_repositorys_archive(tmp_path):
    archive(tmp_path / "main.zip")
    asked = [line[-1] for line in COMMANDS if line[0] == "pip"]
    assert [line[:2] for line in COMMANDS if line[0] == "pip"] == [
        ["pip", "install"],
        ["pip", "wheel"],
    ]
    assert asked == [
        f"partysocket[rooms] @ {ARCHIVE}",
        f"{ARCHIVE}#subdirectory={BOARD.relative_to(ROOT)}",
    ]
    (pip,) = Environment(tmp_path / "environment").wheels.glob("pip-*.whl")
    # hatchling is here, and not where pip would look for it.
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "-w", tmp_path]
    local = [each.replace(ARCHIVE, (tmp_path / "main.zip").as_uri()) for each in asked]
    run(sys.executable, pip / "pip", "wheel", *options, *local)
    (tmp_path / "built").mkdir()
    for wheel in build(tmp_path / "built"):
        assert names(tmp_path / wheel.name) == names(wheel)


def test_what_mip_gets_is_there():
    places = [word for line in COMMANDS for word in line if word.startswith("github:")]
    assert len(places) == 2
    for place in places:
        assert (ROOT / place.removeprefix(f"{address_of()}/")).is_file(), place
