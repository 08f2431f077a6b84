"""Writes the manifests with which `mip` installs the library, the repository's address in the
documents, and the version in the library and its parts. tools/library.py lists the files.

python3 tools/manifest.py        # after files were added or removed; `make manifest` does it

    package.json              the base and INCLUDED, as sources
    lib/PART.json             a part apart, as sources
    lib/mpy/ARCH.json         the same as .mpy with native code, lib/mpy/portable.json without
    lib/mpy/PART.json         a part apart, as .mpy
"""

import json
import re
import sys

from library import (
    ARCHES,
    CIRCUITPYTHON,
    FILES,
    FORMS,
    INCLUDED,
    LIB,
    NATIVE,
    PACKAGE,
    PARTS,
    ROOT,
    address_of,
    files_of,
    modules,
    part_of,
    version_of,
)

# From firmware 1.25 on, `mip` resolves each `url` relative to the manifest. It does not do so for
# `deps`, so no manifest refers to another.


def manifest(root, version):
    """The manifest for the tree at `root`, as a dict. Paths are relative to package.json."""
    there = [name for name in modules(root) if name not in CIRCUITPYTHON]
    chosen = [name for name in there if part_of(name) in (None, *INCLUDED)]
    return content([f"{PACKAGE}/{name}.py" for name in chosen], version, "lib/")


def content(names, version, folder=""):
    """A manifest for these files. `folder`: where they are, relative to the manifest."""
    return {"urls": [[name, folder + name] for name in sorted(set(names))], "version": version}


def compiled(form, version):
    """What installs the base and INCLUDED as .mpy in one of FORMS; for `__init__` see mpy.py."""
    files = [name for name in FILES if name not in (NATIVE, "__init__")]
    files += [file for part in INCLUDED for file in files_of(part)]
    names = [f"{PACKAGE}/{name}.mpy" for name in files]
    made = content([f"{PACKAGE}/__init__.py", *names], version)
    if form in ARCHES:
        made["urls"].append([f"{PACKAGE}/{NATIVE}.mpy", f"native/{form}.mpy"])
        made["urls"].sort()
    return made


def manifests(root=ROOT):
    """All manifests: {path from the root: dict}."""
    version = version_of(root)
    made = {"package.json": manifest(root, version)}
    for part in PARTS:
        sources = [f"{PACKAGE}/{name}.py" for names in files_of(part).values() for name in names]
        made[f"lib/{part}.json"] = content(sources, version)
        made[f"lib/mpy/{part}.json"] = content(
            [f"{PACKAGE}/{file}.mpy" for file in files_of(part)], version
        )
    for form in FORMS:
        made[f"lib/mpy/{form}.json"] = compiled(form, version)
    return made


def written(made):
    """The text of a manifest. Each file has its own line, so that diffs are short."""
    urls = ",\n".join("    " + json.dumps(pair) for pair in made["urls"])
    version = json.dumps(made["version"])
    return f'{{\n  "urls": [\n{urls}\n  ],\n  "version": {version}\n}}\n'


ADDRESS = re.compile(r"github:[\w.-]+/[\w.-]+")
_DASHBOARD = ("dashboard/src", "room_server/static")


def addressed(root=ROOT):
    """The files that contain the repository's address."""
    folders = [root, root / "boards", root / "examples", root / "lib"]
    pages = [path for folder in folders[1:] for path in folder.rglob("*.md")]
    # The dashboard's page, and the copy of it that its build makes.
    pages += [root / "tools" / folder / "index.html" for folder in _DASHBOARD]
    return sorted([*root.glob("*.md"), *pages, root / "lib" / PACKAGE / "wrong.py"])


VERSION = re.compile(
    r"""(^__version__ = "|startswith\("(?=\d)|"%s needs partysocket ')[\w.]+(?=["'+])""", re.M
)
# The modules that contain the version.
VERSIONED = ["__init__", *PARTS]


def versioned(root=ROOT):
    """{path: wanted text} of the modules that contain the version."""
    made = {}
    for name in VERSIONED:
        path = root / "lib" / PACKAGE / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        made[path] = VERSION.sub(rf"\g<1>{version_of(root)}", text)
    return made


def main():
    LIB.joinpath("mpy").mkdir(exist_ok=True)
    for name, made in manifests().items():
        (ROOT / name).write_text(written(made), encoding="utf-8")
        print(f"{name}: {len(made['urls'])} files, version {made['version']}")
    address = address_of()
    for path in addressed():
        text = path.read_text(encoding="utf-8")
        changed = ADDRESS.sub(address, text)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {address}")
    for path, text in versioned().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: version {version_of()}")


if __name__ == "__main__":
    sys.exit(main())
