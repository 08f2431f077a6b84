"""The architecture's walls: what each part of lib/partysocket may import, read from its source."""

import ast
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parent.parent / "lib"

# One module of the platform, by the part that may import it.
_OF_NET = {"socket", "ssl", "tls", "select", "hashlib", "binascii", "os", "time"}
_OF_NET |= {"socketpool", "supervisor", "espidf"}  # CircuitPython's
_OF_BOARDS = {  # and those that may import it
    "network": {"net.wlan"},
    "wifi": {"net.wifi_radio", "net.circuitpython"},
    "machine": {"wifi", "net.udp", "net.entropy"},  # reset, the RTC, a board's own number
    "microcontroller": {"wifi", "net.entropy"},
    "rtc": {"net.circuitpython_clock"},
}
_ASKS_WHERE = {"implementation", "platform"}  # of sys: only net does, and the package's door
_OUTSIDE = {"tools", "boards", "examples", "host_tests"}
_MISSING_ON_BOARDS = {
    "__future__",
    "abc",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "logging",
    "random",
    "re",
    "struct",
    "typing",
    "urllib",
}


def broken_walls(lib):
    """Return a line for each import under lib/partysocket that a wall forbids."""
    broken = []
    for path in sorted((lib / "partysocket").rglob("*.py")):
        parts = path.relative_to(lib).with_suffix("").parts
        for name, line in imports(path, parts):
            why = forbidden(parts[1:], name)
            if why:
                broken.append(f"{path.relative_to(lib)}:{line}: imports {name}: {why}")
        if parts[1] not in ("net", "__init__"):
            broken += [
                f"{path.relative_to(lib)}:{line}: asks for sys.{name}: only net does"
                for name, line in asks_where(path)
            ]
    return broken


def forbidden(parts, name):
    """Why the module at `parts` below partysocket may not import `name`; None if it may."""
    top = name.partition(".")[0]
    plain = top[1:] if top.startswith("u") else top  # MicroPython's older names: usocket, uos
    inside = name.split(".")[1:] if top == "partysocket" else None
    if parts[0] == "core":
        if name == "micropython.const" or (inside and inside[0] == "core"):
            return None
        return "core imports core and micropython.const, nothing else"
    if top in _OUTSIDE:
        return "lib never imports from there"
    if plain in _MISSING_ON_BOARDS:
        return "lib does without it"
    if plain in _OF_NET and parts[0] != "net":
        return "only net does"
    if plain in _OF_BOARDS and ".".join(parts) not in _OF_BOARDS[plain]:
        return "only " + " and ".join(sorted(_OF_BOARDS[plain])) + " do"
    return None


def imports(path, parts):
    """Give (absolute dotted name, line) for each import in the file, in functions too."""
    package = parts[:-1]  # also of a package's __init__, whose last part is that name
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            for alias in node.names:
                yield ".".join([*base, alias.name]), node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "id", None) == "__import__":
            yield dynamic_import(node.args[0]), node.lineno


def asks_where(path):
    """Give (attribute, line) wherever the file asks `sys` what it runs on."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "sys":
            if node.attr in _ASKS_WHERE:
                yield node.attr, node.lineno


def dynamic_import(argument):
    """The name given to `__import__`: a constant, or the constant that a sum begins with."""
    while isinstance(argument, ast.BinOp):
        argument = argument.left
    return argument.value if isinstance(argument, ast.Constant) else "?"


def test_the_library_keeps_its_walls():
    assert LIB.joinpath("partysocket/core").is_dir()
    assert broken_walls(LIB) == []


@pytest.mark.parametrize(
    "file, source",
    [
        ("core/ring.py", "import time"),
        ("core/ring.py", "import json"),
        ("core/ring.py", "def f():\n    from os import urandom"),
        ("core/ring.py", "import sys"),
        ("core/ring.py", "from . import ring\nfrom .. import net"),
        ("core/ring.py", "from ..net import ticks_ms"),
        ("core/ring.py", "import partysocket.engine"),
        ("core/ring.py", "from micropython import heap_lock"),
        ("core/ring.py", "__import__('asyncio')"),
        ("core/__init__.py", "from .. import engine"),
        ("engine.py", "import socket"),
        ("engine.py", "async def f():\n    import ssl"),
        ("engine.py", "import usocket"),
        ("engine.py", "from os import urandom"),
        ("engine.py", "from time import ticks_ms"),
        ("engine.py", "import hashlib, binascii"),
        ("engine.py", "import network"),
        ("engine.py", "from typing import Any"),
        ("engine.py", "import re"),
        ("engine.py", "import tools.demo"),
        ("net/cpython.py", "from host_tests import fakes"),
        ("net/cpython.py", "import machine"),
        ("net/cpython.py", "import random"),
        ("wifi.py", "import network"),
        ("wifi.py", "import sys\nif sys.implementation.name == 'circuitpython':\n    pass"),
        ("engine.py", "import sys\nNAME = sys.platform"),
        ("engine.py", "import supervisor"),
        ("link.py", "from socketpool import SocketPool"),
        ("net/wlan.py", "import wifi"),
        ("clock.py", "import machine"),
        ("net/clock.py", "import machine"),
        ("net/udp.py", "import rtc"),
        ("hooks/__init__.py", "import functools"),
    ],
)
def test_a_planted_import_is_found(tmp_path, file, source):
    plant(tmp_path, file, source)
    assert len(broken_walls(tmp_path)) >= 1


@pytest.mark.parametrize(
    "file, source",
    [
        ("core/ring.py", "from micropython import const\nfrom .mask import mask"),
        ("core/ring.py", "from . import mask\nfrom partysocket.core import mask"),
        ("core/__init__.py", "from .ring import Ring"),
        ("net/cpython.py", "import socket, ssl, os, time\nfrom ..core.ticks import TICKS_MASK"),
        ("net/__init__.py", "from .cpython import Transport"),
        ("engine.py", "import asyncio\nfrom . import net\nfrom .core import retry"),
        ("__init__.py", "__import__('partysocket.' + 'party')"),
        ("net/wlan.py", "import network"),
        ("net/wifi_radio.py", "import wifi, os"),
        ("wifi.py", "import machine, microcontroller"),
        ("net/circuitpython.py", "import supervisor, sys\nNAME = sys.implementation.name"),
        ("net/udp.py", "def f():\n    import machine"),
    ],
)
def test_what_is_allowed_is_not_reported(tmp_path, file, source):
    plant(tmp_path, file, source)
    assert broken_walls(tmp_path) == []


def plant(lib, file, source):
    path = lib / "partysocket" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source + "\n", encoding="utf-8")
