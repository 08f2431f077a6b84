"""Makes a ROMFS image of the library in a board's form: `make romfs`.

    make romfs BOARD=pico_w                  # build/romfs-pico_w.img
    make romfs BOARD=pico_w ARGS=wss         # with what a wss:// room needs besides
    make romfs BOARD=esp32_s3 ARGS="clock recorder"

A board runs code directly from a ROMFS, without a copy in RAM. The firmware must have a partition
for it: boards/README.md says which do. `make deploy ROMFS=1` does all this, and also installs the
start-up file and the settings. Use this tool if you write images to boards in another way.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import footprint
from deploy import forms
from deploy.rom import image
from library import PACKAGE, PARTS, PORTABLE, ROOT

BUILD = ROOT / "build"
# This stands for the parts that the board's start-up file needs for a wss:// room.
SECURE = "wss"

# Modules of the firmware are loaded first, as on a board.
_MEASURE = """
import asyncio, binascii, gc, hashlib, io, os, select, socket, ssl, sys, time, vfs
{mount}
gc.collect()
before = gc.mem_alloc()
{imports}
gc.collect()
print(gc.mem_alloc() - before)
"""
_MOUNT = """
with open({path!r}, "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
sys.path[:] = ["/rom/lib", ".frozen"]
"""


def parts_of(kind, more):
    """The parts that go into the image. ValueError names one that does not exist."""
    parts = list(kind.parts)
    for name in more:
        if name != SECURE and name not in PARTS:
            raise ValueError(
                f"there is no part {name!r}; there are: {', '.join([*PARTS, SECURE])} "
                f"({SECURE}: all that a wss:// room needs)"
            )
        parts += kind.secure_parts if name == SECURE else [name]
    return list(dict.fromkeys(parts))


def heap(parts):
    """Bytes of heap after import of all that a ws dial loads, and of these parts: (from .mpy
    files, from a ROMFS), on this computer's MicroPython, without native code.
    """
    files, _ = forms.library_files(PORTABLE, parts)
    names = footprint.imports(parts)
    imports = footprint.DIAL + "".join(f"import {name}\n" for name in names)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for path, data in files.items():
            target = Path(folder, "lib", path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        made = Path(folder, "rom.img")
        made.write_bytes(image(files))
        for mount in ("", _MOUNT.format(path=str(made))):
            code = _MEASURE.format(mount=mount, imports=imports)
            found.append(int(footprint.micropython(code, str(Path(folder, "lib")))))
    return tuple(found)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--board", default="", help="a folder of boards/, or the path of your own")
    parser.add_argument(
        "parts", nargs="*", help=f"parts besides those that the board needs; {SECURE}: for wss://"
    )
    chosen = parser.parse_args(arguments)
    if not chosen.board:
        parser.error(
            f"which board? Say it: make romfs BOARD=pico_w; there are: {', '.join(forms.names())}"
        )
    try:
        kind = forms.load(chosen.board)
        parts = parts_of(kind, chosen.parts)
    except ValueError as error:
        parser.error(str(error))
    files, version = forms.library_files(kind.mpy, parts)
    made = image(files)
    BUILD.mkdir(exist_ok=True)
    path = BUILD / f"romfs-{kind.folder.resolve().name}.img"
    path.write_bytes(made)
    shown = os.path.relpath(path)
    print(
        f"{shown}: {len(made):,} bytes, {PACKAGE} {version} as .mpy, {kind.mpy}"
        + "".join(f", with {part}" for part in parts)
    )
    try:
        files_take, rom_takes = heap(parts)
        print(
            f"Imported from it, the library takes {rom_takes:,} bytes of heap; from a file system "
            f"{files_take:,}.\n  (Measured just now, on this computer's MicroPython, of 64 bits; "
            "a board's has 32, and takes less of both.)"
        )
    except footprint.Missing as missing:
        print(f"What it saves can't be measured here, without {missing}")
    print(
        "Onto a board whose firmware has a ROMFS partition (`mpremote romfs query` tells):\n"
        f"    .venv/bin/mpremote romfs deploy {shown}\n"
        "The board imports from it first: a copy in /lib is only in the way, and "
        f"`.venv/bin/mpremote rm -r :/lib/{PACKAGE}` removes it."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
