"""Flash and RAM that the code alone takes."""

import subprocess

from .clients import FLASH_ARCH, LIBRARIES, library_files, tree
from .devices import HERE, Missing, find, node_folder


def measure(bench):
    bench.row(
        f"flash: .mpy of what a ws dial loads, {FLASH_ARCH}",
        "B",
        LIBRARIES,
        lambda c: loaded(bench, c),
    )
    bench.row("flash: .mpy of the whole library", "B", LIBRARIES, whole)
    bench.row("RAM after import, .mpy, 64-bit", "B", LIBRARIES, lambda c: ram_64(bench, c))
    bench.row("RAM after import, .mpy, 32-bit", "B", LIBRARIES, lambda c: ram_32(bench, c))
    bench.note(
        "Flash: partysocket as in lib/mpy, the others by `mpy-cross -s`; the module with native "
        f"code for {FLASH_ARCH}. RAM: kept after a "
        "collection, with asyncio, socket, ssl and the like imported before; all modules that a "
        "dial loads. 32-bit: MicroPython as WebAssembly, sockets stubbed, no native code."
    )


def modules(bench, client):
    """The client's modules that a dial loads, the one to be imported first at the front."""
    if client.name not in bench.modules:
        names = bench.task("modules", client)
        own = [name for name in names if name.split(".")[0] in client.folders]
        own.sort(key=lambda name: (name != client.entry, name))
        bench.modules[client.name] = own
    return bench.modules[client.name]


def loaded(bench, client):
    wanted = set(modules(bench, client))
    if bench.micropython.arch is None:  # boards load it
        wanted |= {"partysocket.core.native", "partysocket.native"}
    return sum(size for module, size in library_files(client) if module in wanted)


def whole(client):
    return sum(size for _, size in library_files(client))


def ram_64(bench, client):
    return bench.task("import_ram", client, *modules(bench, client))


def ram_32(bench, client):
    names = [name for name in modules(bench, client) if not name.endswith(".native")]
    root = tree(client, "mpy", None)
    script = str(HERE / "wasm" / "import_ram.mjs")
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
