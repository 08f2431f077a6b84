"""The library as boards may have it: of this tree, of a release, or made here, in both forms, part
by part.
"""

import itertools
import json
import shutil
import zipfile
from pathlib import Path

import mpy
from library import LIB, PACKAGE, PARTS, PORTABLE, ROOT, version_of
from manifest import versioned

# The first release whose parts are installed separately, as in its commit 7564cf7. A checkout may
# not have the history.
RELEASE = Path(__file__).with_name("release_0.1.0.zip")
# The forms of base and part.
FORMS = list(itertools.product(("py", "mpy"), repeat=2))
ALL = tuple(PARTS)
# A program for a board: prints each file below a folder, with its hash.
TELL = """
import hashlib, os
from binascii import hexlify

def tell(folder):
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        if kind == 0x4000:
            tell(path)
        else:
            with open(path, "rb") as f:
                print(path, hexlify(hashlib.sha256(f.read()).digest()).decode())

"""


def release(folder):
    """Put the release's files into `folder`. Returns its lib."""
    with zipfile.ZipFile(RELEASE) as archive:
        archive.extractall(folder)
    return folder / "lib"


def made(folder, version=None, more=""):
    """A copy of this tree in `folder`, compiled: with another version, or with `more` after the
    sources of the file party.py. Returns its lib.
    """
    shutil.copytree(LIB / PACKAGE, folder / "lib" / PACKAGE)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = text.replace(f'version = "{version_of()}"', f'version = "{version or version_of()}"')
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    for path, source in versioned(folder).items():
        path.write_text(source, encoding="utf-8")
    with (folder / "lib" / PACKAGE / "party.py").open("a", encoding="utf-8") as file:
        file.write(more)
    for path in [ROOT / "package.json", *LIB.glob("*.json"), *(LIB / "mpy").glob("*.json")]:
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    mpy.compile_all(folder / "lib/mpy", folder)
    return folder / "lib"


def put(lib, kind, target, base=False, parts=()):
    """Copy into the folder `target` the files that mip installs from that tree."""
    home = lib if kind == "py" else lib / "mpy"
    manifests = [home / f"{part}.json" for part in parts]
    if base:
        manifests.append(
            lib.parent / "package.json" if kind == "py" else home / f"{PORTABLE}.json"
        )
    for manifest in manifests:
        for name, url in json.loads(manifest.read_text(encoding="utf-8"))["urls"]:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(manifest.parent / url, target / name)
