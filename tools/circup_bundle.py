"""Writes the bundle by which `circup` installs the library on boards with CircuitPython: sources,
since CircuitPython refuses MicroPython's .mpy.

python3 tools/circup_bundle.py        # or `make circup-bundle`; the zip is written into build/
"""

import sys
import zipfile
from pathlib import Path

from manifest import version_of

ROOT = Path(__file__).resolve().parent.parent
NAME = "partysocket-micropython"  # circup expects the repository's
LIBRARY = "partysocket"
EXAMPLE = "examples/partysocket_simpletest.py"
REQUIREMENTS = "adafruit-circuitpython-asyncio\n"
LEFT_OUT = {  # other systems' own, and roots, which CircuitPython's firmware has
    "core/native.py",
    "net/cpython.py",
    "net/micropython.py",
    "net/wlan.py",
    "roots.py",
}
_DATE = (1980, 1, 1, 0, 0, 0)  # in the zip, so that the same sources make the same file


def library_files(root=ROOT):
    """The library's files for CircuitPython, as {path below lib/: file}."""
    lib = root / "lib"
    paths = sorted((lib / LIBRARY).rglob("*.py"))
    names = {path.relative_to(lib).as_posix(): path for path in paths}
    return {
        name: path
        for name, path in names.items()
        if name.removeprefix(LIBRARY + "/") not in LEFT_OUT
    }


def contents(root=ROOT):
    """All that is in the bundle, as {path: bytes}."""
    found = {f"lib/{name}": path.read_bytes() for name, path in library_files(root).items()}
    found[f"examples/{Path(EXAMPLE).name}"] = (root / EXAMPLE).read_bytes()
    found[f"requirements/{LIBRARY}/requirements.txt"] = REQUIREMENTS.encode()
    return found


def write_library(folder, root=ROOT):
    """Copy the library's files for CircuitPython into `folder`, as on a board's /lib."""
    for name, path in library_files(root).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def write_bundle(folder, root=ROOT):
    """Write the zip into `folder`; return its path."""
    stem = f"{NAME}-py-{version_of(root)}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stem}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in sorted(contents(root).items()):
            bundle.writestr(zipfile.ZipInfo(f"{stem}/{name}", _DATE), data)
    return target


def main():
    path = write_bundle(ROOT / "build")
    size = sum(len(data) for name, data in contents().items() if name.startswith("lib/"))
    print(f"{path.relative_to(ROOT)}: version {version_of(ROOT)}, {size:,} bytes on a board")


if __name__ == "__main__":
    sys.exit(main())
