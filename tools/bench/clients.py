"""The libraries that are measured, and the folders of sources and .mpy files that each needs."""

import functools
import importlib.metadata
import io
import json
import os
import shutil
import subprocess
import sysconfig
import zipfile
from pathlib import Path

from deploy.rom import image
from library import ARCHES, FORMS, INCLUDED, PORTABLE
from mpy import OPTIONS

from .devices import BUILD, DEVICE, ROOT, Missing, find

# The module with native code.
VIPER = "native"
_RELEASED = ["lib/mpy", "lib/partysocket"]
# Sizes in flash are given for this architecture, the RP2040's.
FLASH_ARCH = "armv6m"


class Client:
    def __init__(self, name, title, folders, packages=(), entry=None, adapter=None):
        self.name = name
        self.title = title  # of its column
        self.folders = folders  # names of the packages to import
        self.packages = packages  # on PyPI
        self.entry = entry  # the module that is imported first
        self.adapter = adapter or name  # device/client_ADAPTER.py

    def version(self):
        if not self.packages:
            return ""
        try:
            return importlib.metadata.version(self.packages[0])
        except importlib.metadata.PackageNotFoundError:
            return ""

    def files(self, form, arch):
        """(path below the folder to import from, source) of each of its files."""
        parent = Path(sysconfig.get_path("purelib"))
        for name in self.folders:
            if not (parent / name).is_dir():
                raise Missing(f"{name} is not installed (pip has it for Python 3.11 on)")
            for path in sorted((parent / name).rglob("*.py")):
                yield path.relative_to(parent), path


class Library(Client):
    """PartySocket, as boards install it: this tree's, or that of an older revision."""

    def __init__(self, name):
        super().__init__(name, name, ["partysocket"], (), "partysocket.base", "partysocket")
        self.revision = None

    def choose(self, revision):
        self.revision = revision
        self.title = f"release {revision}"
        # This also works for versions from before the modules were joined into one file.
        self.entry = "partysocket.party"

    def lib(self):
        """The folder lib. An older one is checked out of the repository in each run."""
        if self.revision is None:
            return ROOT / "lib"
        target = _trees() / "release"
        if not target.exists():
            command = [find("git"), "archive", "--format=zip", self.revision, *_RELEASED]
            done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode:
                raise Missing(f"this clone does not have {self.revision}")
            with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
                archive.extractall(target)
        return target / "lib"

    def base(self, form):
        """[(path below /lib, path here)] of the files that this form installs, without parts."""
        folder = self.lib() / "mpy"
        urls = json.loads((folder / f"{form}.json").read_text())["urls"]
        found = [(place, folder / path) for place, path in urls]
        return [(place, path) for place, path in found if path.stem not in INCLUDED]

    def files(self, form, arch):
        lib = self.lib()
        if form == "py":
            for path in sorted((lib / "partysocket").rglob("*.py")):
                if arch or path.stem != VIPER:
                    yield path.relative_to(lib), path
            return
        chosen = arch if arch in ARCHES else PORTABLE
        for manifest in sorted((lib / "mpy").glob("*.json")):
            if manifest.stem == chosen or manifest.stem not in FORMS:  # or it is a part's
                for place, path in json.loads(manifest.read_text())["urls"]:
                    yield Path(place), lib / "mpy" / path


PARTYSOCKET = Library("partysocket")
RELEASE = Library("release")
RELEASE.choose("7564cf7")
OURS = [PARTYSOCKET, RELEASE]
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
PEERS = [CHUMICRO, ASYNC, WEBSOCKETS]
LIBRARIES = [*OURS, *PEERS]
ALL = [*OURS, RAW, *PEERS]


def remove_trees():
    shutil.rmtree(_trees(), ignore_errors=True)


def _trees():
    return BUILD / "bench" / f"trees-{os.getpid()}"


@functools.cache
def tree(client, form, arch):
    """Make a folder from which the client and its adapter can be imported. `form` is "py" or
    "mpy"; `arch` is the architecture of native code, or None for no native code.
    """
    target = _trees() / f"{client.name}-{form}-{arch or 'plain'}"
    shutil.rmtree(target, ignore_errors=True)
    for place, path in client.files(form, arch):
        _add(path, target / place, form)
    _add_adapters(target, form)
    return target


@functools.cache
def rom(client, arch):
    """A folder with only the adapters, and the path of a ROMFS image with the library."""
    target = _trees() / f"{client.name}-rom-{arch or 'plain'}"
    shutil.rmtree(target, ignore_errors=True)
    _add_adapters(target, "mpy")
    made = target / "rom.img"
    made.write_bytes(
        image({str(place): path.read_bytes() for place, path in client.files("mpy", arch)})
    )
    return target, made


def _add_adapters(target, form):
    for path in DEVICE.glob("client_*.py"):
        _add(path, target / path.name, form)
    for name in ("smallest", "mount_rom", "outbox_stages", "portal_stages"):
        _add(DEVICE / f"{name}.py", target / f"{name}.py", form)


def _add(source, target, form):
    target.parent.mkdir(parents=True, exist_ok=True)
    if form == "py" or source.suffix == ".mpy":
        shutil.copy(source, target)
        return
    command = [find("mpy-cross"), *OPTIONS, "-s", source.name]
    command += ["-o", str(target.with_suffix(".mpy")), str(source)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode and source.parent == DEVICE:
        raise Missing("mpy-cross: " + done.stderr.strip().splitlines()[-1])
    # Other files that do not compile, for example the tests of a package, are left out.


def library_files(client):
    """(module, bytes of its .mpy) of everything in the library."""
    root = tree(client, "mpy", FLASH_ARCH)
    for path in sorted(root.rglob("*.mpy")):
        if path.parent != root:
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield module, path.stat().st_size
