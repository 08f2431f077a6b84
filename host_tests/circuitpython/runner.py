"""Starts programs on a board of the fakes, with the library as `circup` installs it."""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from circup_bundle import write_library
from needs import need_circuitpython, need_micropython

BOARDS = ("pico_w", "esp32")
_HERE = Path(__file__).parent


@functools.cache
def installed_library():
    """A folder with the library's files for CircuitPython."""
    folder = Path(tempfile.mkdtemp(prefix="circuitpython-lib-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_library(folder)
    return folder


def board_command(board, heap, lib=None, path=()):
    """The command that runs a program on `board` (without the program and its arguments), and its
    environment.

    `lib`: the library's folder. `path`: more folders to import from.
    """
    folders = [_HERE / "fakes", need_circuitpython(), lib or installed_library(), *path]
    command = [need_micropython(), "-X", f"heapsize={heap}", str(_HERE / "boot.py"), board]
    return command, {**os.environ, "MICROPYPATH": ":".join(map(str, folders))}
