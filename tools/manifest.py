"""Writes package.json, by which `mip` installs the library: every .py file under lib/partysocket.

python3 tools/manifest.py        # after files have come or gone; `make manifest` does it
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def manifest(root, version):
    """The manifest for the tree at `root`, as a dict. Paths are relative to package.json."""
    lib = root / "lib"
    names = sorted(path.relative_to(lib).as_posix() for path in lib.glob("partysocket/**/*.py"))
    return {"urls": [[name, "lib/" + name] for name in names], "version": version}


def version_of(root):
    """The version in pyproject.toml, the one place where it is written."""
    for line in (root / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "version":
            return value.strip().strip('"')
    raise ValueError("pyproject.toml has no version")


def written(content):
    """The file's text: a line for each file, so that a change shows as that line."""
    urls = ",\n".join("    " + json.dumps(pair) for pair in content["urls"])
    version = json.dumps(content["version"])
    return f'{{\n  "urls": [\n{urls}\n  ],\n  "version": {version}\n}}\n'


def main():
    content = manifest(ROOT, version_of(ROOT))
    (ROOT / "package.json").write_text(written(content), encoding="utf-8")
    print(f"package.json: {len(content['urls'])} files, version {content['version']}")


if __name__ == "__main__":
    sys.exit(main())
