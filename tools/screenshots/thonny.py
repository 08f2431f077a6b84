"""Thonny on a screen of its own, with the board of the installer's pictures: the library is
installed from its wheel, and the program of boards/first_board.md runs.
"""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

from .display import Display
from .home import ADDRESS
from .installer import MOST_BYTES, PASSWORD, WIFI, plugged_in
from .shot import FOLDER, ROOT, WITHIN_S, ShotError, keep, start, start_server

PINS = ROOT / "tools/requirements/thonny.txt"
PAGE = ROOT / "boards/first_board.md"
TOKEN = "abcde-12345-fghij-67890"
# Nothing is asked at its start, and it takes the whole screen.
CONFIGURATION = """\
[general]
language = en_US
single_instance = False
[run]
backend_name = RPiPico
[RPiPico]
port = auto
[layout]
top = 0
left = 0
width = 900
height = 650
[view]
editor_font_size = 10
io_font_size = 10
io_font_family = DejaVu Sans Mono
"""


def environment():
    """The folder of an environment for this version of Thonny, whether it is there or not."""
    return ROOT / "build" / f"thonny-{hashlib.sha256(PINS.read_bytes()).hexdigest()[:8]}"


def prepare():
    """Install Thonny, before this program enters a network without a registry. If that fails, pip
    says why, and take() that Thonny is missing.
    """
    made = environment()
    if (made / "ready").exists():
        return
    print("screenshots: installing Thonny", flush=True)
    # Only its own packages: no debugger, no checkers.
    options = ["--quiet", "--no-deps", "--require-hashes"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", made],
        [made / "bin/python", "-m", "pip", "install", *options, "-r", PINS],
    ):
        if subprocess.run(command).returncode:
            return
    (made / "ready").touch()


def take():
    python = environment() / "bin/python"
    if not (environment() / "ready").exists():
        raise ShotError("Thonny is missing: pip could not install it")
    if subprocess.run([python, "-c", "import tkinter"], capture_output=True).returncode:
        raise ShotError("this Python has no tkinter: sudo apt install python3-tk")
    with contextlib.ExitStack() as processes:
        folder = Path(processes.enter_context(tempfile.TemporaryDirectory()))
        display = Display(processes, folder)
        board = processes.enter_context(plugged_in(heap="1M"))
        start_server(processes, "--host", "0.0.0.0", "--token", TOKEN)
        person = Person(processes, display, python, folder, board)
        person.do("start")
        person.do(f"install {build(folder)}")
        keep(display.png(), "thonny_packages", MOST_BYTES)
        person.do("close")
        person.do("run in the room")
        keep(display.png(), "thonny_run", MOST_BYTES)


def program():
    """The page's program, with the Wi-Fi and the token of these pictures."""
    found = re.search(r"^ *```python\n(.*?)^ *```", PAGE.read_text("utf-8"), re.M | re.S)
    text = textwrap.dedent(found[1])
    assert f'"{ADDRESS}:1999"' in text
    for old, new in (("my network", WIFI), ("its password", PASSWORD), ("the token", TOKEN)):
        text = text.replace(old, new)
    return text


def build(folder):
    """The wheel for boards."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder]
    subprocess.run([*command, ROOT / "tools/dist/board"], check=True, capture_output=True)
    (wheel,) = folder.glob("micropython_partysocket-*.whl")
    return wheel


class Person:
    """Somebody in front of Thonny: the plug-in in in_thonny."""

    def __init__(self, processes, display, python, folder, board):
        (folder / "configuration.ini").write_text(CONFIGURATION)
        (folder / "first.py").write_text(program(), encoding="utf-8")
        version = "{}.{}".format(*sys.version_info)
        own = {
            "DISPLAY": display.name,
            "HOME": str(folder),
            "THONNY_USER_DIR": str(folder),
            "PYTHONPATH": str(FOLDER / "in_thonny"),
            "BOARD_PORT": board.port,
            # Thonny installs a pip of its own. `make test` has kept its wheel.
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(Path(sys.prefix, f"wheels-{version}")),
        }
        self._thonny = start(
            processes,
            [python, "-m", "thonny", folder / "first.py"],
            env={**os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def do(self, what):
        """Wait until it is done."""
        deadline = threading.Timer(WITHIN_S, self._thonny.kill)
        deadline.start()
        said = []
        try:
            self._thonny.stdin.write(f"{what}\n")
            self._thonny.stdin.flush()
            for line in self._thonny.stdout:
                if line == "person: done\n":
                    return
                said.append(line)
        except OSError:
            pass
        finally:
            deadline.cancel()
        raise ShotError(f"Thonny did not {what!r}; it said:\n{''.join(said[-20:])}")
