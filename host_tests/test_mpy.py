"""lib/mpy is what lib/partysocket compiles to, byte by byte, and interpreters load it."""

import shutil
import subprocess
from pathlib import Path

import pytest

import mpy
from e2e.devices import said, talker
from library import ARCHES, LIB, NATIVE, PACKAGE, ROOT
from needs import need_node, need_wasm
from strict_server import StrictServer

MPY = LIB / "mpy"


def test_lib_mpy_is_compiled_from_these_sources_by_this_mpy_cross():
    assert mpy.differences() == [], "run `make mpy` after every change in lib/, and commit lib/mpy"


def test_what_is_not_as_its_source_is_noticed(tmp_path):
    ring = tmp_path / "lib/partysocket/ring.py"
    (ring.parent / "core").mkdir(parents=True)
    ring.write_text("def f():\n    return 1\n")
    shutil.copy(LIB / PACKAGE / f"{NATIVE}.py", ring.parent / "core")
    names = mpy.compile_all(tmp_path / "lib/mpy", tmp_path)
    assert names == sorted([f"native/{arch}.mpy" for arch in ARCHES] + ["partysocket/ring.mpy"])
    assert mpy.differences(tmp_path) == []
    ring.write_text('"""Rings."""\n\ndef f():  # a comment changes nothing\n    return 1\n')
    assert mpy.differences(tmp_path) == []
    ring.write_text("def f():\n    return 2\n")
    assert [line.split(": ")[1] for line in mpy.differences(tmp_path)] == ["partysocket/ring.mpy"]
    ring.rename(ring.with_name("row.py"))
    assert mpy.differences(tmp_path) == [
        "not compiled: partysocket/row.mpy",
        "without a source: partysocket/ring.mpy",
    ]


NOT_FOR_BOARDS = ["match a:\n    case 1:\n        pass", "a = [*b]", "return_value = (*a, b)"]
NOT_FOR_BOARDS += ["a = {**b}", "def f(a, /):\n    pass", "def f(:"]


@pytest.mark.parametrize("source", NOT_FOR_BOARDS)
def test_what_boards_do_not_compile_is_told(source, tmp_path):
    (tmp_path / "lib/partysocket").mkdir(parents=True)
    (tmp_path / "lib/partysocket/ring.py").write_text(source + "\n")
    with pytest.raises(SystemExit, match="ring.py(.|\n)*SyntaxError"):
        mpy.differences(tmp_path)


_NUMBERS = {"1": "x86", "2": "x64"}  # of architectures, in `sys.implementation._mpy`
_LOADS = f"""
import sys
print(sys.implementation._mpy >> 10 & 15)
try:
    import {PACKAGE}.{NATIVE.replace("/", ".")}
    print("native")
except ValueError as e:
    print("ValueError", e)
"""


@pytest.mark.parametrize("arch", ARCHES)
def test_native_code_of_another_architecture_is_refused_by_name_and_done_without(arch, tmp_path):
    shutil.copytree(MPY / PACKAGE, tmp_path / PACKAGE)
    shutil.copy(MPY / "native" / f"{arch}.mpy", tmp_path / PACKAGE / f"{NATIVE}.mpy")
    own, told = said(_LOADS, tmp_path).splitlines()
    assert told.startswith("native" if arch == _NUMBERS.get(own) else "ValueError incompatible")
    with StrictServer() as server:
        with talker("micropython", lib=tmp_path, url=server.url, send=["hello, boards"]) as device:
            device.wait("text", data="hello, boards")


def loadable():
    """The names of all modules of the portable form."""
    paths = sorted((MPY / PACKAGE).rglob("*.mpy"))
    names = [".".join(path.relative_to(MPY).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


def test_the_portable_form_loads_whole_on_64_bits():
    code = "".join(f"import {name}\n" for name in loadable()) + "print(partysocket.__file__)"
    assert len(loadable()) >= 35
    assert said(code, MPY) == "partysocket/__init__.mpy\n"


def test_the_portable_form_loads_whole_on_32_bits():
    """MicroPython as WebAssembly, with stubs for its sockets."""
    node, wasm = need_node(), need_wasm()
    script = ROOT / "tools/bench/wasm/import_ram.mjs"
    command = [node, str(script), str(Path(wasm).parent), str(MPY), *loadable()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.removeprefix("=> ")) > 0
