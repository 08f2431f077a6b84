"""Who is measured, and the folders of sources and of .mpy files that each needs."""

import functools
import importlib.metadata
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from .devices import BUILD, DEVICE, ROOT, Missing, find

VIPER = "native"  # the module with native code
FLASH_ARCH = "armv6m"  # whose size is told: the RP2040's


class Client:
    def __init__(self, name, title, folders, packages=(), entry=None):
        self.name = name  # of its adapter, device/client_NAME.py
        self.title = title  # of its column
        self.folders = folders  # names of the packages to import
        self.packages = packages  # on PyPI
        self.entry = entry  # the module that is imported first

    def version(self):
        if not self.packages:
            return ""
        try:
            return importlib.metadata.version(self.packages[0])
        except importlib.metadata.PackageNotFoundError:
            return ""

    def sources(self):
        """The folders of its sources."""
        parent = Path(sysconfig.get_path("purelib")) if self.packages else ROOT / "lib"
        found = [parent / name for name in self.folders]
        for folder in found:
            if not folder.is_dir():
                raise Missing(f"{folder.name} is not installed (pip has it for Python 3.11 on)")
        return found


PARTYSOCKET = Client("partysocket", "partysocket", ["partysocket"], entry="partysocket.party")
HANDLER = Client("handler", "partysocket by onmessage", ["partysocket"])
RAW = Client("raw", "raw asyncio stream", [])
CHUMICRO = Client(
    "chumicro",
    "chumicro-websockets",
    ["chumicro_websockets", "chumicro_sockets", "chumicro_timing"],
    ["chumicro-websockets", "chumicro-sockets", "chumicro-timing"],
    "chumicro_websockets",
)
ASYNC = Client(
    "async",
    "micropython-async-websocket-client",
    ["async_websocket_client"],
    ["micropython-async-websocket-client"],
    "async_websocket_client",
)
WEBSOCKETS = Client(
    "websockets",
    "micropython-websockets",
    ["micropython_websockets"],
    ["micropython-websockets"],
    "micropython_websockets",
)
ALL = [PARTYSOCKET, RAW, CHUMICRO, ASYNC, WEBSOCKETS]
PEERS = [CHUMICRO, ASYNC, WEBSOCKETS]
LIBRARIES = [PARTYSOCKET, *PEERS]


def remove_trees():
    shutil.rmtree(_trees(), ignore_errors=True)


def _trees():
    return BUILD / "bench" / f"trees-{os.getpid()}"


@functools.cache
def tree(client, form, arch):
    """A folder to import the client and its adapter from: `form` is "py" or "mpy"; `arch` that of
    native code, None for none. Made anew in each run.
    """
    target = _trees() / f"{client.name}-{form}-{arch or 'plain'}"
    shutil.rmtree(target, ignore_errors=True)
    for source in client.sources():
        for path in sorted(source.rglob("*.py")):
            if path.stem == VIPER and arch is None:
                continue
            _add(path, target / path.relative_to(source.parent), form, arch)
    for path in [*DEVICE.glob("client_*.py"), DEVICE / "smallest.py"]:
        _add(path, target / path.name, form, arch)
    return target


def _add(source, target, form, arch):
    target.parent.mkdir(parents=True, exist_ok=True)
    if form == "py":
        shutil.copy(source, target)
        return
    command = [find("mpy-cross"), "-s", source.name]
    if source.stem == VIPER:
        command += [f"-march={arch}"]
    command += ["-o", str(target.with_suffix(".mpy")), str(source)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode and source.parent == DEVICE:
        raise Missing("mpy-cross: " + done.stderr.strip().splitlines()[-1])
    # Other files that do not compile, a package's tests for one, are left out.


def library_files(client):
    """(module, bytes of its .mpy) of everything in the library."""
    root = tree(client, "mpy", FLASH_ARCH)
    for path in sorted(root.rglob("*.mpy")):
        if path.parent != root:
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield module, path.stat().st_size
