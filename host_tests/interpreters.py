"""Commands that run a program with the library.

"compiled" is MicroPython with the form for boards, from lib/mpy. With FORM=compiled in the
environment, "micropython" is that too, so that all tests run on it.
"""

import atexit
import functools
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from circuitpython.runner import BOARDS, board_command
from needs import need_micropython

LIB = Path(__file__).parents[1] / "lib"


def command_of(interpreter, heap, lib=None, flags=("-u",)):
    """The command without the program and its arguments, and its environment. `flags` are for
    CPython.
    """
    if interpreter in BOARDS:
        return board_command(interpreter, heap, lib)
    path = str(lib or lib_of(interpreter))
    if interpreter in ("micropython", "compiled"):
        command = [need_micropython(), "-X", f"heapsize={heap}"]
        return command, {**os.environ, "MICROPYPATH": f"{path}:.frozen"}
    return [sys.executable, *flags], {**os.environ, "PYTHONPATH": path}


def lib_of(interpreter):
    """The folder from which the interpreter imports the library."""
    if interpreter == "micropython" and os.environ.get("FORM") == "compiled":
        interpreter = "compiled"
    return compiled() if interpreter == "compiled" else LIB


@functools.cache
def compiled():
    """A folder with the compiled form, as on a board of this machine's kind."""
    folder = Path(tempfile.mkdtemp(prefix="compiled"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(LIB / "mpy/partysocket", folder / "partysocket")
    if platform.machine() in ("x86_64", "AMD64"):
        shutil.copy(LIB / "mpy/native/x64.mpy", folder / "partysocket/native.mpy")
    return folder
