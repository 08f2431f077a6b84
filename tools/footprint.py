"""Measures what the library takes of a board, and writes the figures into the documents.

.venv/bin/python tools/footprint.py            # `make footprint` does it, after `make mpy`
.venv/bin/python tools/footprint.py --check    # only tell which document is out of date

The limits, and the check of them, are in musts.py.

Flash: the bytes of the .mpy files, and the blocks of 4 KiB that they take in a littlefs like the
board's. RAM: the heap in use after import of all that a ws dial loads, on a 32-bit MicroPython
(WebAssembly) with stubs for sockets. It can't run native code. So the module that replaces native
code is measured and subtracted, and the bytes of the file with native code are added.
"""

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import memory_picture
from library import ARCHES, LIB, NATIVE, PACKAGE, ROOT
from manifest import manifests

BEGIN, END = "<!-- footprint -->\n", "<!-- /footprint -->"
# The module that replaces native code.
_SOFT = "soft"
WASM = ROOT / "host_tests/on_wasm/node_modules/@micropython/micropython-webassembly-pyscript"
# All modules that stay loaded. Those that only the constructor needs are unloaded.
DIAL = "import partysocket.base\n"
# How many bytes a port's littlefs writes at once. For rp2 it is in MicroPython's
# ports/rp2/modules/_boot.py. The others use VfsLfs2's default of 32, as
# ports/esp32/modules/inisetup.py does. If it is more, small files are stored in their folder's
# blocks.
_PROGRAM_BYTES = {"rp2": 256}
LITTLEFS = (
    "what os.statvfs says is gone when the files are in /lib/partysocket and /lib was there "
    "before. It counts that folder's two blocks of 4 KiB twice; so do these figures."
)
_LITTLEFS = """
import os, sys, json

class Blocks:
    def __init__(self):
        self.data = bytearray(512 * 4096)
    def readblocks(self, block, buf, offset=0):
        start = block * 4096 + offset
        buf[:] = memoryview(self.data)[start:start + len(buf)]
    def writeblocks(self, block, buf, offset=0):
        start = block * 4096 + offset
        self.data[start:start + len(buf)] = buf
    def ioctl(self, op, arg):
        return {4: 512, 5: 4096, 6: 0}.get(op)

blocks = Blocks()
program_bytes, files = json.loads(sys.stdin.read())
os.VfsLfs2.mkfs(blocks, progsize=program_bytes)
os.mount(os.VfsLfs2(blocks, progsize=program_bytes), "/flash")
os.mkdir("/flash/lib")
before = os.statvfs("/flash")[3]
for target, source in files:
    folder = "/flash/lib"
    for name in target.split("/")[:-1]:
        folder = folder + "/" + name
        try:
            os.mkdir(folder)
        except OSError:
            pass
    with open("/flash/lib/" + target, "wb") as out, open(source, "rb") as f:
        out.write(f.read())
print((before - os.statvfs("/flash")[3]) * 4)
"""


class Missing(Exception):
    """This can't be measured here. The text says what is missing."""


def micropython(code, path=None, text="", program=None):
    """Run code in MicroPython, and return its output. `program`: another interpreter."""
    program = shutil.which(
        program or os.environ.get("MICROPYTHON") or "micropython",
        path=None if program else f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH')}",
    )
    if program is None:
        raise Missing("MicroPython (`make test` installs it)")
    done = subprocess.run(
        [program, "-X", "heapsize=16m", "-c", code],
        env={**os.environ, "MICROPYPATH": f"{path}:.frozen"},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def files(*names):
    """[(path below /lib, path here)] of the files that these manifests install."""
    made = manifests()
    return [
        (target, str((ROOT / name).parent / url))
        for name in names
        for target, url in made[name]["urls"]
    ]


def littlefs(chosen, platform="", program=None):
    """The KiB that files take in this platform's littlefs. `chosen`: [(path below /lib, path
    here)].
    """
    told = _PROGRAM_BYTES.get(platform, 32), [(place, str(path)) for place, path in chosen]
    return int(micropython(_LITTLEFS, text=json.dumps(told), program=program))


@functools.cache
def flash(platform, *names):
    """(files, bytes, KiB in a littlefs) of the files that these manifests install."""
    chosen = files(*names)
    size = sum(Path(path).stat().st_size for _, path in chosen)
    return len(chosen), size, littlefs(chosen, platform)


def ram(form, *more):
    """Bytes of a 32-bit heap that importing takes: all that a ws dial loads in this form of the
    library, and the modules in `more`.
    """
    if form not in ARCHES:
        return _portable_ram(*more)
    native = (LIB / f"mpy/{NATIVE}/{form}.mpy").stat().st_size
    return _portable_ram(*more) - _import_ram(PACKAGE, "--", f"{PACKAGE}.{_SOFT}") + native


@functools.cache
def _portable_ram(*more):
    listing = (
        "import sys\nprint(' '.join(sorted(m for m in sys.modules if m.startswith('party'))))"
    )
    code = DIAL + "".join(f"import {name}\n" for name in more) + listing
    names = micropython(code, LIB / "mpy").split()
    names.sort(key=lambda name: name != f"{PACKAGE}.base")
    return _import_ram(*names)


@functools.cache
def _import_ram(*names):
    """The answer of tools/bench/wasm/import_ram.mjs for these modules."""
    node = shutil.which("node", path=os.path.dirname(sys.executable)) or shutil.which("node")
    if node is None or not WASM.exists():
        raise Missing("Node.js, or MicroPython in WebAssembly (`make test` installs them)")
    script = ROOT / "tools/bench/wasm/import_ram.mjs"
    done = subprocess.run(
        [node, str(script), str(WASM), str(LIB / "mpy"), *names],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return int(done.stdout.removeprefix("=> "))


def boards():
    """{name of the folder: board.json} of the boards with MicroPython."""
    found = {}
    for path in sorted(ROOT.glob("boards/*/board.json")):
        made = json.loads(path.read_text(encoding="utf-8"))
        if made.get("mpy"):
            found[path.parent.name] = made
    return found


def of_board(board):
    """The manifests that a board installs, without and with the parts for wss://."""
    plain = [f"lib/mpy/{name}.json" for name in (board["mpy"], *board["parts"])]
    return plain, plain + [f"lib/mpy/{name}.json" for name in board["secure_parts"]]


def shown(board, names):
    count, size, kib = flash(board["platform"], *names)
    return f"{size:,} B in {count} files, {kib} KiB of a littlefs"


def imports(parts):
    return [f"{PACKAGE}.{part}" for part in parts]


def page(folder, board):
    """The lines for a board's own page."""
    plain, secure = of_board(board)
    lines = ["| | |", "|---|---|"]
    lines.append(
        f"| flash, `mpy` form `{board['mpy']}`{_with(board['parts'])} | {shown(board, plain)} |"
    )
    if board["secure_parts"]:
        lines.append(
            f"| the same{_with(board['secure_parts'])}, for `wss://` | {shown(board, secure)} |"
        )
    used = heap(board)
    lines.append(f"| heap in use after import{_with(board['parts'])} | {used:,} B |")
    text = "\n".join(lines) + "\n"
    if folder in memory_picture.BOARDS:
        text += "\n" + memory_picture.words(folder, board["name"], used)
    return text


def heap(board):
    """Bytes of heap that importing the board's form takes, with the parts it needs."""
    return ram(board["mpy"], *imports(board["parts"]))


def _with(parts):
    return " with " + ", ".join(f"`{part}`" for part in parts) if parts else ""


def table():
    """The lines for boards/README.md."""
    lines = ["| board | form | flash | of a littlefs | heap in use after import |"]
    lines.append("|---|---|---|---|---|")
    for folder, board in boards().items():
        _, size, kib = flash(board["platform"], *of_board(board)[0])
        used = heap(board)
        name = f"[{board['name']}]({folder})" + ("" if board["fits"] else " (does not fit)")
        lines.append(f"| {name} | `{board['mpy']}` | {size:,} B | {kib} KiB | {used:,} B |")
    return "\n".join(lines) + "\n"


def short_table():
    """The lines for the first page: the boards that the library fits."""
    lines = ["| board | flash | heap in use after import |", "|---|---|---|"]
    for folder, board in boards().items():
        if board["fits"] and board["firmware"]:
            _, size, _ = flash(board["platform"], *of_board(board)[0])
            name = f"[{board['name']}](boards/{folder})"
            lines.append(f"| {name} | {size:,} B | {heap(board):,} B |")
    return "\n".join(lines) + "\n"


def documents():
    """{path: wanted content} of the pages, and of the pictures of memory."""
    made = {ROOT / "README.md": short_table(), ROOT / "boards/README.md": table()}
    made.update(
        (ROOT / "boards" / folder / "README.md", page(folder, board))
        for folder, board in boards().items()
    )
    made = {path: filled(path.read_text(encoding="utf-8"), made[path]) for path in made}
    for folder in memory_picture.BOARDS:
        board = boards()[folder]
        path = ROOT / "boards" / folder / "memory.svg"
        made[path] = memory_picture.picture(folder, board["name"], heap(board))
    return made


def out_of_date(made):
    """The paths whose files have another content."""
    return [
        path
        for path, text in made.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def filled(text, lines):
    """Return the document with these lines between its markers."""
    head, _, rest = text.partition(BEGIN)
    old, _, tail = rest.partition(END)
    if not tail:
        raise ValueError(f"no {BEGIN.strip()} and {END}")
    return head + BEGIN + lines + END + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    try:
        made = documents()
    except Missing as error:
        raise SystemExit(f"footprint needs {error}") from None
    late = out_of_date(made)
    if not check:
        for path in late:
            path.write_text(made[path], encoding="utf-8")
    print(table(), end="")
    names = ", ".join(str(path.relative_to(ROOT)) for path in late)
    print(("out of date: " if check else "written: ") + (names or "nothing"))
    return 1 if check and late else 0


if __name__ == "__main__":
    sys.exit(main())
