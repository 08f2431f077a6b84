"""Turns MicroPython's unix port into a board with CircuitPython, as far as possible, and runs a
program there:

    boot.py BOARD PROGRAM ARGUMENT...

The folder `fakes` comes first on MICROPYPATH. It has the modules of the boards, and replaces
modules that the boards do not have. Adafruit's asyncio and ticks come next, then the library.
`sys` can't be changed, so another object replaces it, which says "circuitpython" and has no
print_exception.
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
# It comes last, because it must not hide built-in modules.
sys.path.append(program[: program.rfind("/")])
sys.modules["sys"] = _Sys
if sys.argv[1] == "esp32":
    # All boards of Espressif have it.
    sys.modules["espidf"] = object()
# The one in C uses MicroPython's clock. Adafruit's own one in Python is used instead.
sys.modules["_asyncio"] = None
with open(program) as file:
    source = file.read()
exec(compile(source, program, "exec"), {"__name__": "__main__"})
