"""The bundle, installed by the real circup into a folder that looks like a board."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import circup_bundle
from circuitpython.runner import BOARDS
from e2e.devices import Device
from install.trees import release
from library import NATIVE_SOURCE, ROOT, address_of, version_of
from strict_server import StrictServer

# It has another owner, because circup searches its whole path from the left for the library of an
# example, and would find an owner with that name.
_REPOSITORY = "owner/" + address_of().rpartition("/")[2]
_BOOT_OUT = """Adafruit CircuitPython 9.2.1 on 2024-11-20; Raspberry Pi Pico W with rp2040
Board ID:raspberry_pi_pico_w
UID:E6616407E3496321
"""


class Shelf:
    """A data folder of circup that knows only this bundle, and a board."""

    def __init__(self, folder):
        self.board = folder / "CIRCUITPY"
        (self.board / "lib").mkdir(parents=True)
        (self.board / "boot_out.txt").write_text(_BOOT_OUT)
        self._env = {**os.environ, "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
        code = "from circup.shared import DATA_DIR; print(DATA_DIR)"
        data = Path(self._run("-c", code).strip())
        assert folder in data.parents
        data.mkdir(parents=True, exist_ok=True)
        (data / "bundle_config.json").write_text(json.dumps({"partysocket": _REPOSITORY}))
        (data / "circup.json").write_text(json.dumps({_REPOSITORY: [version_of()]}))
        made = circup_bundle.write_bundle(folder / "build")
        # circup puts its downloads here.
        with zipfile.ZipFile(made) as bundle:
            bundle.extractall(data / f"{_REPOSITORY}-py")

    def circup(self, *arguments):
        """Run circup, which is offline, and return its output."""
        code = "import sys; from circup import main; sys.argv[0] = 'circup'; main()"
        return self._run("-c", code, "--offline", "--path", str(self.board), *arguments)

    def _run(self, *arguments):
        command = [sys.executable, *arguments]
        run = {"env": self._env, "stdin": subprocess.DEVNULL, "timeout": 100}
        done = subprocess.run(command, **run, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.mark.parametrize("how", [["update", "--all"], ["install", "--upgrade", "partysocket"]])
def test_circup_takes_an_older_version_away_before_it_puts_this_one(how, tmp_path):
    shelf = Shelf(tmp_path)
    lib = shelf.board / "lib"
    shutil.copytree(release(tmp_path / "older") / "partysocket", lib / "partysocket")
    # Nothing has changed.
    assert "is already installed" in shelf.circup("install", "partysocket")
    assert "partysocket==0.1.0" in shelf.circup("freeze")
    shelf.circup(*how)
    assert sources(lib) == library_files()
    assert f"partysocket=={version_of()}" in shelf.circup("freeze")


def library_files():
    """{path below lib: bytes} of the library in the bundle."""
    return {name: path.read_bytes() for name, path in circup_bundle.library_files().items()}


def sources(lib):
    """{path below lib: bytes} of the sources in a board's lib."""
    return {path.relative_to(lib).as_posix(): path.read_bytes() for path in lib.rglob("*.py")}


def test_circup_installs_the_library_for_circuitpython_and_nothing_else_and_the_example(tmp_path):
    """Byte by byte the same files as for all other tests on these boards: see runner.py."""
    shelf = Shelf(tmp_path)
    said = shelf.circup("install", "partysocket")
    assert "Installed 'partysocket'" in said
    # Adafruit's asyncio, which the library needs.
    assert "asyncio" in said
    wanted = library_files()
    assert sources(shelf.board / "lib") == wanted
    assert "partysocket/net/circuitpython.py" in wanted
    others = {f"partysocket/{name}.py" for name in (NATIVE_SOURCE, "net/micropython")}
    assert not others & set(wanted)
    assert f"partysocket=={version_of()}" in shelf.circup("freeze")
    shelf.circup("example", "partysocket/partysocket_simpletest")
    there = (shelf.board / "partysocket_simpletest.py").read_bytes()
    assert there == (ROOT / circup_bundle.EXAMPLE).read_bytes()


@pytest.mark.parametrize("interpreter", [*BOARDS, "micropython"])
def test_the_example_runs_as_it_stands(interpreter):
    async def answer(connection):
        await connection.send("you said " + await connection.receive())
        await connection.receive()

    with StrictServer(answer) as server:
        example = "examples/partysocket_simpletest.py"
        with Device(interpreter, example, server.address, "r") as device:
            device.wait_line("in the room")
            device.wait_line("heard: you said hello 1")


def test_the_same_sources_make_the_same_file(tmp_path):
    first = circup_bundle.write_bundle(tmp_path / "a").read_bytes()
    copy = tmp_path / "copy"
    for name in ("lib", "examples"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "pyproject.toml", copy)
    assert circup_bundle.write_bundle(tmp_path / "b", copy).read_bytes() == first
