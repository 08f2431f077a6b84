"""A library and a board with a few lines each, in several versions, for tests that deploy
often.
"""

import json
import shutil
import subprocess
from pathlib import Path

from deploy.ask import Asker
from deploy.forms import load
from deploy.order import Order, as_text
from deploy.run import deploy
from mpy import mpy_cross

MAIN = """\
import device, deployed_version as own
import partysocket
from partysocket import {modules}
versions = [own.VERSION, device.VERSION, partysocket.VERSION]
versions += [module.VERSION for module in ({modules},)]
print("whole" if versions == ["{version}"] * len(versions) else "MIXED", versions)
print("in the room")
"""
SETTINGS = {"HOST": "192.168.1.20:1999", "ROOM": "home"}


def make(folder, version, modules=("one", "two"), padding=600):
    """Make a version in `folder`. Returns (its compiled library, its kind of board)."""
    folder = Path(folder)
    library = folder / "library"
    kind = folder / "kind"
    kind.mkdir(parents=True)
    urls = []
    for name in ("__init__", *modules):
        source = folder / f"{name}.py"
        source.write_text(f"VERSION = {version!r}\nPADDING = {'x' * padding!r}\n")
        path = library / "partysocket" / f"{name}.mpy"
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross(), "-o", str(path), str(source)], check=True)
        urls.append([f"partysocket/{name}.mpy", f"partysocket/{name}.mpy"])
    (library / "portable.json").write_text(json.dumps({"urls": urls, "version": version}))
    (library / "native").mkdir()
    for arch in ("armv6m", "armv7emsp", "rv32imc", "x64", "xtensa", "xtensawin"):
        # No board has it.
        (library / "native" / f"{arch}.mpy").write_bytes(b"M\x00\x00\x00")
    (kind / "main.py").write_text(MAIN.format(version=version, modules=", ".join(modules)))
    for name in ("device", "deployed_version"):
        (kind / f"{name}.py").write_text(f"VERSION = {version!r}\n")
    files = {name: name for name in ("main.py", "device.py", "deployed_version.py")}
    about = {"name": "toy", "platform": "linux", "oldest": "1.25", "files": files}
    (kind / "board.json").write_text(json.dumps(about))
    return library, load(str(kind))


def copied(toy, folder, main):
    """The same version with another main.py."""
    library, kind = toy
    shutil.copytree(kind.folder, folder)
    (folder / "main.py").write_text(main)
    return library, load(str(folder))


def deploy_to(port, given, asker=None, keeps_settings=False, **order):
    """Deploy in this process. Returns the lines of its output."""
    said = []
    asker = asker or Asker(False)

    def complete(current, has_wifi):
        return asker.complete(current, given, has_wifi)

    def tell(kind, **facts):
        text = as_text(kind, facts)
        if text is not None:
            said.append(text)

    order = {"wait_s": 60, **order, "complete": None if keeps_settings else complete}
    deploy(Order(port=port, tell=tell, **order))
    return said


def put(board, toy, given=SETTINGS, **order):
    """Deploy a version. Returns the lines of the output."""
    library, kind = toy
    return deploy_to(board.port, given, kind=kind, library=library, **order)
