"""lib/mpy is compiled from lib/partysocket, byte by byte, and interpreters can load it."""

import shutil
import subprocess
from pathlib import Path

import pytest

import mpy
from e2e.devices import said, talker
from library import ARCHES, LIB, NATIVE, PACKAGE, ROOT, files
from needs import need_node, need_wasm
from strict_server import StrictServer

MPY = LIB / "mpy"


def test_lib_mpy_is_compiled_from_these_sources_by_this_mpy_cross():
    assert mpy.differences() == [], "run `make mpy` after every change in lib/, and commit lib/mpy"


@pytest.fixture
def tree(tmp_path):
    """A copy of the sources, in which a test may change a file."""
    shutil.copytree(LIB / PACKAGE, tmp_path / "lib" / PACKAGE)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def change(tree, module, old, new):
    path = tree / "lib" / PACKAGE / f"{module}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_is_not_as_its_source_is_noticed(tree):
    target = tree / "lib/mpy"
    names = mpy.compile_all(target, tree)
    expected = [f"{PACKAGE}/{name}.mpy" for name in files() if name != NATIVE]
    expected.append(f"{PACKAGE}/__init__.py")
    assert names == sorted([f"native/{arch}.mpy" for arch in ARCHES] + expected)
    # The same sources in another place give the same bytes.
    for name in (*names, mpy.NAMES):
        assert (target / name).read_bytes() == (MPY / name).read_bytes(), name
    # A change in any source makes another build, whose id is in all files and in the map.
    change(tree, "recorder", '"""', '"""Changed. ')
    (target / f"{PACKAGE}/text.mpy").rename(target / f"{PACKAGE}/words.mpy")
    found = mpy.differences(tree)
    assert found[:2] == [
        f"not compiled: {PACKAGE}/text.mpy",
        f"without a source: {PACKAGE}/words.mpy",
    ]
    assert all(line.startswith("older than its source") for line in found[2:])
    older = sorted(line.rpartition(": ")[2] for line in found[2:])
    assert older == sorted({*names, mpy.NAMES} - {f"{PACKAGE}/text.mpy"})


@pytest.mark.parametrize(
    "source", ["match a:\n    case 1: pass", "a = (*a, b)", "a = {**b}", "def f(a, /): pass"]
)
def test_what_boards_do_not_compile_is_told(source, tmp_path):
    """Each file is compiled by itself, because the build keeps its syntax."""
    path = tmp_path / "ring.py"
    path.write_text(source + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="ring@1a2b3c4d(.|\n)*SyntaxError"):
        mpy._compiled(path, "ring@1a2b3c4d", tmp_path / "ring.mpy")


@pytest.mark.parametrize(
    ("module", "more", "says"),
    [
        ("recorder", "def f(:\n", "invalid syntax"),
        ("recorder", "\nx = nowhere\n", "recorder uses nowhere, which is nowhere in it"),
        ("core/mask", "\ndef wait_ms(): pass\n", "wait_ms is in core.backoff and in core.mask"),
    ],
)
def test_what_the_build_can_not_take_is_told_in_one_line(module, more, says, tree):
    path = tree / "lib" / PACKAGE / f"{module}.py"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.raises(SystemExit, match=f"lib/{PACKAGE} can't be built: .*{says}"):
        mpy.compile_all(tree / "lib/mpy", tree)
    assert not (tree / "lib/mpy").exists()


# Of architectures, in `sys.implementation._mpy`.
_NUMBERS = {"1": "x86", "2": "x64"}
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


@pytest.fixture
def loadable():
    """The names of all modules of the portable form: all files except the native one."""
    paths = sorted((MPY / PACKAGE).rglob("*.mpy"))
    names = [".".join(path.relative_to(MPY).with_suffix("").parts) for path in paths]
    assert len(names) == len(files()) - 1
    return [name.removesuffix(".__init__") for name in names]


def test_the_portable_form_loads_whole_on_64_bits(loadable):
    code = "".join(f"import {name}\n" for name in loadable) + "print(partysocket.__file__)"
    assert said(code, MPY) == "partysocket/__init__.py\n"


def test_the_portable_form_loads_whole_on_32_bits(loadable):
    """MicroPython as WebAssembly, with stubs for its sockets."""
    node, wasm = need_node(), need_wasm()
    script = ROOT / "tools/bench/wasm/import_ram.mjs"
    command = [node, script, Path(wasm).parent, MPY, *loadable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.removeprefix("=> ")) > 0
