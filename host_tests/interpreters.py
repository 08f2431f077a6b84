"""What runs a program, with the library that it imports."""

import os
import sys
from pathlib import Path

from circuitpython.runner import BOARDS, board_command
from needs import need_micropython

LIB = Path(__file__).parents[1] / "lib"


def command_of(interpreter, heap, lib=None, flags=("-u",)):
    """The command, but for the program and its arguments; and its environment. `flags` are
    CPython's.
    """
    if interpreter in BOARDS:
        return board_command(interpreter, heap, lib)
    path = str(lib or LIB)
    if interpreter == "micropython":
        command = [need_micropython(), "-X", f"heapsize={heap}"]
        return command, {**os.environ, "MICROPYPATH": f"{path}:.frozen"}
    return [sys.executable, *flags], {**os.environ, "PYTHONPATH": path}
