"""Writes the bundle with which `circup` installs the library on boards with CircuitPython. It has
sources, because CircuitPython refuses MicroPython's .mpy.

python3 tools/circup_bundle.py        # or `make circup-bundle`; the zip is written into build/
"""

import sys
import zipfile
from pathlib import Path

from library import NATIVE_SOURCE, PACKAGE, ROOT, address_of, files_of, modules, version_of

EXAMPLE = "examples/partysocket_simpletest.py"
REQUIREMENTS = "adafruit-circuitpython-asyncio\n"
# Modules for other systems, and the roots, which CircuitPython's firmware has.
LEFT_OUT = [NATIVE_SOURCE, "net/cpython", "net/micropython", "net/udp", "net/wlan", "roots"]
# The portal uses MicroPython's `network`.
LEFT_OUT += [name for names in files_of("portal").values() for name in names]
# The date in the zip is fixed, so that the same sources make the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def library_files(root=ROOT):
    """The library's files for CircuitPython, as {path below lib/: file}."""
    names = [f"{PACKAGE}/{name}.py" for name in modules(root) if name not in LEFT_OUT]
    return {name: root / "lib" / name for name in names}


def contents(root=ROOT):
    """The content of the bundle: {path: bytes}."""
    found = {f"lib/{name}": path.read_bytes() for name, path in library_files(root).items()}
    found[f"examples/{PACKAGE}/{Path(EXAMPLE).name}"] = (root / EXAMPLE).read_bytes()
    found[f"requirements/{PACKAGE}/requirements.txt"] = REQUIREMENTS.encode()
    return found


def write_library(folder, root=ROOT):
    """Copy the library's files for CircuitPython into `folder`, as into a board's /lib."""
    for name, path in library_files(root).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())


def stem_of(root=ROOT):
    """The bundle's name, which circup makes from the repository's name."""
    name = address_of(root).rpartition("/")[2].lower().replace("_", "-")
    return f"{name}-py-{version_of(root)}"


def write_bundle(folder, root=ROOT):
    """Write the zip into `folder`, and return its path."""
    stem = stem_of(root)
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
