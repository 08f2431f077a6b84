"""The files that the room server serves are what the sources in tools/dashboard build."""

import re
import shutil
import subprocess
from pathlib import Path

from needs import need, need_node

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SOURCES = TOOLS / "dashboard"
STATIC = TOOLS / "room_server" / "static"


def run(*command, cwd):
    done = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


def test_build_gives_the_committed_files(tmp_path):
    need_node()
    need("npm", shutil.which("npm"))
    copy = tmp_path / "tools" / "dashboard"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    run("npm", "ci", "--no-audit", "--no-fund", cwd=copy)
    run("npm", "run", "build", cwd=copy)
    built = tmp_path / "tools" / "room_server" / "static"
    assert {path.name for path in STATIC.iterdir()} == {path.name for path in built.iterdir()}
    for path in built.iterdir():
        assert (STATIC / path.name).read_bytes() == path.read_bytes(), path.name


def test_versions_are_exact_and_no_registry_is_named():
    package = (SOURCES / "package.json").read_text()
    assert re.findall(r'"(?:esbuild|partysocket|uplot)": "([^"]+)"', package) == [
        "0.28.2",
        "1.3.0",
        "1.6.32",
    ]
    assert '"resolved"' not in (SOURCES / "package-lock.json").read_text()


def test_the_page_names_no_other_host():
    page = (STATIC / "index.html").read_text() + (STATIC / "dashboard.css").read_text()
    assert re.findall(r"https?://[^\s'\"]+", page) == ["http://www.w3.org/2000/svg"]
