"""lib/mpy is what lib/partysocket compiles to, byte by byte, and interpreters load it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import mpy
from library import ARCHES, LIB, NATIVE, PACKAGE, ROOT
from needs import need_micropython, need_node, need_wasm

MPY = LIB / "mpy"


def test_lib_mpy_is_compiled_from_these_sources_by_this_mpy_cross():
    assert mpy.differences() == [], "run `make mpy` after every change in lib/, and commit lib/mpy"


@pytest.fixture
def copy(tmp_path):
    """A library of two modules, compiled."""
    (tmp_path / "lib/partysocket/core").mkdir(parents=True)
    (tmp_path / "lib/partysocket/ring.py").write_text("def f():\n    return 1\n")
    shutil.copy(LIB / PACKAGE / f"{NATIVE}.py", tmp_path / "lib/partysocket/core")
    names = mpy.compile_all(tmp_path / "lib/mpy", tmp_path)
    assert names == sorted([f"native/{arch}.mpy" for arch in ARCHES] + ["partysocket/ring.mpy"])
    assert mpy.differences(tmp_path) == []
    return tmp_path


def test_a_change_is_noticed(copy):
    (copy / "lib/partysocket/ring.py").write_text("def f():\n    return 2\n")
    assert [line.split(": ")[1] for line in mpy.differences(copy)] == ["partysocket/ring.mpy"]


def test_a_comment_changes_nothing(copy):
    (copy / "lib/partysocket/ring.py").write_text(
        '"""Rings."""\n\ndef f():  # one\n    return 1\n'
    )
    assert mpy.differences(copy) == []


def test_what_came_and_went_is_noticed(copy):
    (copy / "lib/partysocket/ring.py").rename(copy / "lib/partysocket/row.py")
    assert mpy.differences(copy) == [
        "not compiled: partysocket/row.mpy",
        "without a source: partysocket/ring.mpy",
    ]


def test_what_does_not_compile_is_told(copy):
    (copy / "lib/partysocket/ring.py").write_text("def f(:\n")
    with pytest.raises(SystemExit, match="ring.py(.|\n)*SyntaxError"):
        mpy.differences(copy)


_NUMBERS = {"1": "x86", "2": "x64"}  # of architectures, in `sys.implementation._mpy`
_MASK = """
try:
    from partysocket.core import native
    print("native", native.mask)
except ValueError as e:
    print("ValueError", e)
from partysocket.core.mask import mask
data = bytearray(b"\\x01\\x02\\x03\\x04" + b"hello, boards")
mask(data, 4, 13)
mask(data, 4, 13)
print(mask.__class__.__name__, bytes(data[4:]))
"""


@pytest.mark.parametrize("arch", ARCHES)
def test_native_code_of_another_architecture_is_refused_by_name_and_done_without(arch, tmp_path):
    own = run(tmp_path, "import sys; print(sys.implementation._mpy >> 10 & 15)")[0]
    shutil.copytree(MPY / PACKAGE, tmp_path / PACKAGE)
    shutil.copy(MPY / "native" / f"{arch}.mpy", tmp_path / PACKAGE / f"{NATIVE}.mpy")
    first, second = run(tmp_path, _MASK)
    assert first.startswith(
        "native" if arch == _NUMBERS.get(own) else "ValueError incompatible .mpy"
    ), first
    assert second.endswith("b'hello, boards'")


def test_the_portable_form_loads_whole_on_64_bits():
    names = loadable()
    assert len(names) >= 35
    code = "".join(f"import {name}\n" for name in names) + "print(partysocket.__file__)"
    assert run(MPY, code)[-1] == str(MPY / "partysocket/__init__.mpy")


def test_the_portable_form_loads_whole_on_32_bits():
    """MicroPython as WebAssembly, with stubs for its sockets."""
    node, wasm = need_node(), need_wasm()
    script = ROOT / "tools/bench/wasm/import_ram.mjs"
    done = subprocess.run(
        [node, str(script), str(Path(wasm).parent), str(MPY), *loadable()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.removeprefix("=> ")) > 0


def loadable():
    """The names of all modules of the portable form."""
    paths = sorted((MPY / PACKAGE).rglob("*.mpy"))
    return [
        ".".join(path.relative_to(MPY).with_suffix("").parts).removesuffix(".__init__")
        for path in paths
    ]


def run(path, code):
    """The lines that MicroPython prints, with nothing but `path` to import from."""
    done = subprocess.run(
        [need_micropython(), "-c", code],
        env={**os.environ, "MICROPYPATH": f"{path}:.frozen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()
