"""Writes package.json, by which `mip` installs the library: every .py file under lib/partysocket;
and beside it a manifest for each part that not everybody needs.

python3 tools/manifest.py        # after files have come or gone; `make manifest` does it
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {"lib/roots.json": ["partysocket/roots.py"]}  # not in package.json


def manifest(root, version):
    """The manifest for the tree at `root`, as a dict. Paths are relative to package.json."""
    lib = root / "lib"
    apart = [name for names in PARTS.values() for name in names]
    names = [path.relative_to(lib).as_posix() for path in lib.glob("partysocket/**/*.py")]
    return content(sorted(name for name in names if name not in apart), version)


def content(names, version, folder="lib/"):
    """What installs these files; `folder`: where they are, seen from the manifest."""
    return {"urls": [[name, folder + name] for name in names], "version": version}


def version_of(root):
    """The version in pyproject.toml, the one place where it is written."""
    for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "version":
            return value.strip().strip('"')
    raise ValueError("pyproject.toml has no version")


def written(made):
    """The file's text: a line for each file, so that a change shows as that line."""
    urls = ",\n".join("    " + json.dumps(pair) for pair in made["urls"])
    version = json.dumps(made["version"])
    return f'{{\n  "urls": [\n{urls}\n  ],\n  "version": {version}\n}}\n'


def main():
    version = version_of(ROOT)
    files = {"package.json": manifest(ROOT, version)}
    files.update((name, content(names, version, "")) for name, names in PARTS.items())
    for name, made in files.items():
        (ROOT / name).write_text(written(made), encoding="utf-8")
        print(f"{name}: {len(made['urls'])} files, version {version}")


if __name__ == "__main__":
    sys.exit(main())
