"""`make romfs`: the image has the files of the board's form, a socket runs from it in a real
MicroPython, and the command that it prints puts it onto a board.
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import footprint
import romfs
from deploy import forms
from e2e.devices import Device
from install.trees import TELL
from library import PARTS, ROOT
from manifest import manifests
from pty_board import PtyBoard, mpremote
from rooms.server_process import RoomServer

BOARDS = forms.names()
MOUNTED = """
import asyncio, sys, vfs

with open(sys.argv[1], "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
"""
IN_A_ROOM = """
sys.path[:] = ["/rom", "/rom/lib", ".frozen"]

from partysocket import PartySocket

async def main():
    ws = PartySocket(sys.argv[2], "home", protocol="ws")
    await ws.wait_open()
    ws.send('{"type": "reading", "values": {"heat": 21}}')
    await ws.flush()
    ours = [sys.modules[name] for name in sys.modules if name.startswith("partysocket")]
    print("from", sorted({module.__file__.split("/")[1] for module in ours}))
    await ws.close()

asyncio.run(main())
"""


@pytest.fixture
def make(tmp_path, monkeypatch, capsys):
    """Runs the tool, and returns the image's path and the output."""

    def run(*arguments):
        monkeypatch.setattr(romfs, "BUILD", tmp_path / "build")
        assert romfs.main(arguments) == 0
        (path,) = romfs.BUILD.iterdir()
        return path, capsys.readouterr().out

    return run


def found(tmp_path, image):
    """{path: digest} of the files in an image."""
    (tmp_path / "list.py").write_text(f'{TELL}{MOUNTED}tell("/rom")')
    with Device("micropython", tmp_path / "list.py", image, heap="4M") as device:
        device.wait_output()
        assert device.wait_end() == 0, device.lines
    return dict(line.split() for line in device.lines)


def wanted(*names):
    """{path in the ROMFS: digest} of the files in the manifests of this form, and of parts. All of
    them are compiled, so that nothing is copied into RAM.
    """
    found = {}
    for name in names:
        for target, url in manifests()[f"lib/mpy/{name}.json"]["urls"]:
            data = (ROOT / "lib/mpy" / url).with_suffix(".mpy").read_bytes()
            place = Path("/rom/lib", target).with_suffix(".mpy")
            found[str(place)] = hashlib.sha256(data).hexdigest()
    return found


@pytest.mark.parametrize("board", BOARDS)
def test_an_image_has_the_files_of_the_boards_form_and_no_others(board, make, tmp_path):
    kind = forms.load(board)
    path, said = make("--board", board)
    assert path.name == f"romfs-{board}.img"
    assert f"{path.stat().st_size:,} bytes" in said and f"as .mpy, {kind.mpy}" in said
    assert found(tmp_path, path) == wanted(kind.mpy, *kind.parts)


def test_more_parts_come_along_each_once(make, tmp_path):
    path, said = make("--board", "pico_w", "wss", "recorder", "clock")
    assert found(tmp_path, path) == wanted("armv6m", "wifi", "clock", "roots", "recorder")
    assert said.count("with clock") == 1


def test_what_is_said_to_be_saved_is_measured(make, monkeypatch):
    _, said = make("--board", "pico_w")
    told = re.search(r"takes ([\d,]+) bytes of heap; from a file system ([\d,]+)", said)
    rom, files = (int(one.replace(",", "")) for one in told.groups())
    assert 0 < rom < files

    def missing(*arguments):
        raise footprint.Missing("MicroPython")

    monkeypatch.setattr(footprint, "micropython", missing)
    _, said = make("--board", "pico_w")
    assert "can't be measured here, without MicroPython" in said and "of heap" not in said


def test_a_socket_runs_from_the_image(make, tmp_path):
    path, _ = make("--board", "unix")
    program = tmp_path / "in_a_room.py"
    program.write_text(MOUNTED + IN_A_ROOM)
    with RoomServer() as room:
        device = Device("micropython", program, path, f"127.0.0.1:{room.port}", heap="320K")
        with device:
            device.wait_line("from ['rom']")


def test_the_command_that_is_named_puts_it_onto_a_board(make, tmp_path):
    path, said = make("--board", "unix")
    (command,) = re.findall(r"^    \.venv/bin/mpremote (.*)", said, re.M)
    *command, named = command.split()
    assert Path(named).resolve() == path
    (tmp_path / "flash").mkdir()
    with PtyBoard(tmp_path / "flash", rom="rp2") as board:
        assert "ROMFS image deployed" in mpremote(board, *command, named)
        code = "import partysocket; print(partysocket.PartySocket, partysocket.__file__)"
        assert "/rom/lib/partysocket/" in mpremote(board, "exec", code)


@pytest.mark.parametrize(
    ("arguments", "named", "there"),
    [
        ((), "make romfs BOARD=pico_w", BOARDS),
        (("--board", "pico"), "no board 'pico'", BOARDS),
        (("--board", "pico_w", "tls"), "no part 'tls'", PARTS),
    ],
)
def test_what_it_does_not_know_is_named_with_what_there_is(arguments, named, there, make, capsys):
    with pytest.raises(SystemExit) as error:
        make(*arguments)
    said = capsys.readouterr().err
    assert error.value.code == 2 and named in said and ", ".join(there) in said


def test_make_hands_on_the_board_of_its_command_line_and_more_parts():
    # `make`, which may run these tests, sets these.
    of_make = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS")
    env = {name: text for name, text in os.environ.items() if name not in of_make}
    for words, expected in (
        (["romfs", "BOARD=esp32", "ARGS=wss recorder"], "romfs.py --board='esp32' wss recorder\n"),
        (["deploy", "ROMFS=1"], "--romfs='1'"),
        (["deploy", "ROMFS=0"], "--romfs='0'"),
    ):
        env["ROMFS"] = "1"
        assert expected in subprocess.check_output(
            ["make", "-n", *words], env=env, cwd=ROOT, text=True
        )
    tool = [sys.executable, ROOT / "tools/deploy.py", "--romfs=yes"]
    done = subprocess.run(tool, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "'yes'" in done.stderr
