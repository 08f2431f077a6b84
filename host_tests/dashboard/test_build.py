"""The files that the room server serves are built from the sources in tools/dashboard."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from library import address_of
from needs import need, need_node

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SOURCES = TOOLS / "dashboard"
STATIC = TOOLS / "room_server" / "static"


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


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
    wanted = json.loads(package)["devDependencies"]
    assert sorted(wanted) == ["axe-core", "esbuild", "lean-qr", "partysocket", "uplot"]
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in wanted.values())
    assert '"resolved"' not in (SOURCES / "package-lock.json").read_text()


def test_the_size_is_what_the_readme_says():
    files = [path.read_bytes() for path in STATIC.iterdir() if path.suffix != ".txt"]
    size = sum(map(len, files))
    said = re.search(r"page is ([0-9]+) kB", (SOURCES / "README.md").read_text())
    assert int(said[1]) == round(size / 1000) <= 220


def test_the_page_installs_from_the_repositorys_address():
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"mip install ([^\s<]+)", page) == [address_of()]


def test_the_page_asks_for_its_files_beside_it():
    """The fixture `new_page` checks that pages send no requests to other hosts."""
    page = (STATIC / "index.html").read_text()
    asked = re.findall(r"""<(?:script|link)[^>]* (?:src|href)="([^"]+)\"""", page)
    icons = json.loads((STATIC / "manifest.json").read_text())["icons"]
    files = {"LICENSES.txt", "index.html", *asked, *(icon["src"] for icon in icons)}
    assert files == {path.name for path in STATIC.iterdir()}
