"""Starts programs on a board of the fakes."""

import os
from pathlib import Path

from needs import need_circuitpython, need_micropython

BOARDS = ("pico_w", "esp32")
ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent


def board_command(board, heap, lib=ROOT / "lib", path=()):
    """What runs a program on `board`, but for the program and its arguments; and its environment.

    `path`: more folders to import from.
    """
    folders = [_HERE / "fakes", need_circuitpython(), lib, *path]
    command = [need_micropython(), "-X", f"heapsize={heap}", str(_HERE / "boot.py"), board]
    return command, {**os.environ, "MICROPYPATH": ":".join(map(str, folders))}
