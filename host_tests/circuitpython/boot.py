"""Turns MicroPython's unix port into a board with CircuitPython, as far as that can be done, and
runs a program there:

    boot.py BOARD PROGRAM ARGUMENT...

The folder `fakes` comes first on MICROPYPATH, and has the modules that the boards have and those
that they lack; Adafruit's asyncio and ticks come next, then the library. `sys` can't be changed,
so that a stand-in takes its place, which says "circuitpython" and has no print_exception.
"""

import builtins
import sys
import traceback

import socketpool
import ssl
import uos

traceback.real_sys = sys


class _ConnectionError(OSError):
    pass


class _BrokenPipeError(_ConnectionError):
    pass


class _TimeoutError(OSError):
    pass


builtins.ConnectionError = _ConnectionError
builtins.BrokenPipeError = _BrokenPipeError
builtins.TimeoutError = _TimeoutError


class _Implementation:
    name = "circuitpython"
    version = (10, 2, 1, "")


class _Sys:
    argv = sys.argv[2:]
    byteorder = sys.byteorder
    exit = sys.exit
    implementation = _Implementation()
    maxsize = (1 << 31) - 1
    modules = sys.modules
    path = sys.path
    platform = {"pico_w": "RP2040", "esp32": "Espressif"}[sys.argv[1]]
    stderr = sys.stderr
    stdin = sys.stdin
    stdout = sys.stdout
    version = "3.4.0"


socketpool.BOARD = sys.argv[1]
ssl.BUILT_IN = uos.getenv("BUILT_IN")
program = sys.argv[2]
sys.path.pop(0)
sys.path.append(program[: program.rfind("/")])  # last: what is built in can't be hidden
sys.modules["sys"] = _Sys
if sys.argv[1] == "esp32":
    sys.modules["espidf"] = object()  # what all boards of Espressif have
sys.modules["_asyncio"] = None  # in C, by MicroPython's clock: Adafruit's own in Python instead
with open(program) as file:
    source = file.read()
exec(compile(source, program, "exec"), {"__name__": "__main__"})
