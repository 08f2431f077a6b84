"""The types in the .pyi files fit the library: the same names and parameters."""

import inspect
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import library
import partysocket
from partysocket.fetch import Response
from partysocket.hooks import Hook

STUB = Path(partysocket.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
NAMES = (
    "PartySocket WebSocket use_party_socket use_web_socket Error HandshakeError ProtocolError "
    "QueueFull DEVICE PARTYSOCKET"
).split()
# Keyword arguments of PartySocket that are not options. The library has one `**options` for all of
# them, because each parameter takes memory on a board.
# Arguments of hooks alone. A socket raises when one is set, and no type checker may accept it.
REFUSED = "on_open on_message on_close on_error".split()
OF_THE_ROOM = (
    "id party base_path prefix path protocol protocols query disable_name_validation".split()
)
# Returned by public functions.
BESIDE = {"Response": Response, "Hook": Hook}


def executed(text=STUB):
    """The stub as a module. Its functions do nothing, but have parameters."""
    module = types.ModuleType("stub")
    exec("from __future__ import annotations\n" + text, vars(module))
    return module


def public(namespace):
    """{name: value} that a stubbed module or class defines. A bare annotation has None."""
    names = dict.fromkeys(namespace.get("__annotations__", ()))
    names |= {n: v for n, v in namespace.items() if getattr(v, "__module__", "stub") == "stub"}
    return {name: value for name, value in names.items() if not name.startswith("_")}


def shape(function):
    """What a caller must know about it, except the types."""
    parameters = inspect.signature(function).parameters.values()
    shapes = [(p.name, str(p.kind), repr(p.default)) for p in parameters]
    named = [name for name, kind, _ in shapes if kind == "KEYWORD_ONLY"]
    return [one for one in shapes if one[0] not in named] if named == OF_THE_ROOM else shapes


def differences(stub):
    """A line for each thing in the stub that is wrong or missing."""
    stubbed = public(vars(stub))
    for name in NAMES:
        if name not in stubbed:
            yield f"{name} is not in the stub"
    for name, what in stubbed.items():
        real = BESIDE.get(name) or getattr(partysocket, name, None)
        if real is None:
            yield f"{name} is not in the library"
        elif isinstance(what, type):
            yield from of_class(name, what, real)
        elif what is not None:
            yield from of_function(name, what, real)


def of_class(name, stubbed, real):
    for member, what in vars(stubbed).items():
        if not callable(what) and not isinstance(what, (property, staticmethod)):
            # Many attributes are set in __init__. test_attributes checks them.
            continue
        there = inspect.getattr_static(real, member, None)
        if there is None:
            yield f"{name}.{member} is not in the library"
        elif isinstance(there, property) or isinstance(what, property):
            if type(there) is not type(what):
                yield f"{name}.{member} is a property in one of the two only"
        else:
            yield from of_function(f"{name}.{member}", what, there)
    said = {member for cls in stubbed.__mro__ for member in public(vars(cls))}
    for cls in real.__mro__:
        for member in vars(cls) if cls.__module__.startswith("partysocket") else ():
            is_public = not member.startswith("_") and member not in REFUSED
            if is_public and member not in said:
                yield f"{name}.{member} is not in the stub"


def of_function(name, stubbed, real):
    stubbed, real = (getattr(f, "__func__", f) for f in (stubbed, real))
    if shape(stubbed) != shape(real):
        yield f"{name}: {shape(stubbed)} in the stub, {shape(real)} in the library"
    if inspect.iscoroutinefunction(stubbed) != inspect.iscoroutinefunction(real):
        yield f"{name} is async in one of the two only"


def test_the_stub_has_the_librarys_names_and_parameters():
    assert list(differences(executed())) == []


def test_attributes_are_there_and_options_are_the_presets():
    ws = partysocket.PartySocket("localhost", "r", start_closed=True)
    stub = executed()
    for name in (*public(vars(stub.WebSocket)), *public(vars(stub.PartySocket))):
        assert hasattr(ws, name), name
    assert set(stub._Options.__annotations__) == set(partysocket.DEVICE)


@pytest.mark.parametrize(
    "old,new,expected",
    [
        ("def send(self, data:", "def send(self, what:", "WebSocket.send: "),
        ("code: int = 1000", "code: int = 1001", "WebSocket.close: "),
        ("    def stats(self)", "    def statistics(self)", "WebSocket.statistics is not in"),
        ("async def recv", "def recv", "WebSocket.recv is async"),
        ("class QueueFull", "class QueueEmpty", "QueueFull is not in the stub"),
        ("        path: str | None = None,\n", "", "PartySocket.__init__: "),
    ],
)
def test_a_wrong_stub_is_noticed(old, new, expected):
    assert old in STUB
    found = differences(executed(STUB.replace(old, new)))
    assert any(line.startswith(expected) for line in found)


# The modules with a stub of their own.
PARTS = sorted(path.stem for path in Path(partysocket.__file__).parent.glob("[a-z]*.pyi"))
# What they have besides.
INSIDE = "partysocket.outbox.paths\n"


def checked(folder, *parts):
    """What mypy's own check says of the stubs in a copy of the library."""
    (folder / "inside").write_text(INSIDE)
    command = [sys.executable, "-m", "mypy.stubtest", "--ignore-unused-allowlist"]
    command += ["--allowlist", str(folder / "inside"), "--concise"]
    return subprocess.run(
        [*command, *(f"partysocket.{part}" for part in parts)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "lib", "MYPYPATH": "lib"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_the_stubs_of_parts_fit_and_a_wrong_one_is_noticed(tmp_path):
    # Names of `hooks` are taken from the library itself.
    assert PARTS == sorted({*library.PARTS} - {"hooks"})
    package = Path(partysocket.__file__).parent
    shutil.copytree(package, tmp_path / "lib" / package.name)
    done = checked(tmp_path, *PARTS)
    assert done.returncode == 0, done.stdout + done.stderr
    stub = tmp_path / "lib/partysocket/device.pyi"
    stub.write_text(stub.read_text().replace("title: str | None = None,\n", "", 1))
    done = checked(tmp_path, "device")
    assert done.returncode == 1 and "Device.__init__" in done.stdout
