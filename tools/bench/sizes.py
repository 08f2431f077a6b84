"""The flash and RAM that the code itself takes."""

import subprocess

import footprint

from .clients import FLASH_ARCH, LIBRARIES, OURS, library_files, rom, tree
from .devices import HERE, Missing, find, node_folder

_NATIVE = ("partysocket.core.native", "partysocket.native")
# This is loaded if there is no native code.
_SOFT = "partysocket.soft"


def measure(bench):
    bench.row(
        f"flash: .mpy of what a ws dial and redial load, {FLASH_ARCH}",
        "B",
        LIBRARIES,
        lambda c: loaded(bench, c),
    )
    bench.row("flash: .mpy of the whole library", "B", LIBRARIES, whole)
    for platform, board in (("rp2", "Pico W"), ("esp32", "ESP32")):
        bench.row(
            f"of a littlefs, all of the base, {board}",
            "KiB",
            OURS,
            lambda c, platform=platform: littlefs(bench, c, platform),
        )
    bench.row("RAM after import, .mpy, 64-bit", "B", LIBRARIES, lambda c: ram_64(bench, c))
    bench.row("RAM after import, .mpy, 32-bit", "B", LIBRARIES, lambda c: ram_32(bench, c))
    bench.row(
        "RAM after import, .mpy, 32-bit, native code counted",
        "B",
        OURS,
        lambda c: with_native(bench, c),
    )
    bench.row("RAM after import from ROMFS, 64-bit", "B", OURS, lambda c: rom_64(bench, c))
    bench.row(
        "RAM after import from ROMFS, 32-bit, native code counted",
        "B",
        OURS,
        lambda c: with_native(bench, c, from_rom=True),
    )
    bench.note(
        "Flash: partysocket as in lib/mpy, the others by `mpy-cross -O3 -s`; the module with "
        f"native code for {FLASH_ARCH}. littlefs: " + footprint.LITTLEFS + " RAM: kept after a "
        "collection, with asyncio, socket, ssl and the like imported before; all modules that a "
        "dial and a redial load. 32-bit: MicroPython as WebAssembly, sockets stubbed, no native "
        "code. Native code counted: less what stands in for it there, as it is measured by itself "
        f"(release 7564cf7: always loaded, so nothing), and more the bytes of its file for "
        f"{FLASH_ARCH}, which from a ROMFS too is copied into RAM. ROMFS: the image lies in the "
        "heap, and is not in the figure."
    )


def modules(bench, client):
    """The modules that a dial of the client loads. The one to import first comes first."""
    if client.name not in bench.modules:
        names = bench.task("modules", client)
        own = [name for name in names if name.split(".")[0] in client.folders]
        own.sort(key=lambda name: (name != client.entry, name))
        bench.modules[client.name] = own
    return bench.modules[client.name]


def loaded(bench, client):
    wanted = set(modules(bench, client))
    # Boards load native code, even if this computer does not.
    if bench.micropython.arch is None:
        wanted |= set(_NATIVE)
    return sum(size for module, size in library_files(client) if module in wanted)


def whole(client):
    return sum(size for _, size in library_files(client))


def littlefs(bench, client, platform):
    return footprint.littlefs(client.base(FLASH_ARCH), platform, bench.micropython.path)


def ram_64(bench, client):
    return bench.task("import_ram", client, *modules(bench, client))


def rom_64(bench, client):
    folder, image = rom(client, bench.micropython.arch)
    return bench.task("import_ram", client, *modules(bench, client), tree=folder, rom=image)


def ram_32(bench, client, from_rom=False):
    names = [name for name in modules(bench, client) if name not in _NATIVE]
    return import_32(client, names, from_rom=from_rom)


def with_native(bench, client, from_rom=False):
    """The RAM on a board that runs native code, which this 32-bit MicroPython does not."""
    sizes = dict(library_files(client))
    more = sum(sizes.get(name, 0) for name in _NATIVE)
    less = import_32(client, [_SOFT], ["partysocket"], from_rom) if _SOFT in sizes else 0
    return ram_32(bench, client, from_rom) - less + more


def import_32(client, names, before=(), from_rom=False):
    """Bytes of a 32-bit heap that importing `names` takes, after `before` was imported."""
    root = rom(client, None)[1] if from_rom else tree(client, "mpy", None)
    script = str(HERE / "wasm" / "import_ram.mjs")
    if before:
        names = [*before, "--", *names]
    done = subprocess.run(
        [find("node"), script, str(node_folder()), str(root), *names],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    for line in done.stdout.splitlines():
        if line.startswith("=> "):
            return int(line[3:])
    raise Missing((done.stdout.strip() or "node ended early").splitlines()[-1][:120])
