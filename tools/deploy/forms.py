"""What a board needs: its boards/<board>/board.json, and the compiled form of the library that
fits what the board reports about itself.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path

import partysocket

from . import words
from .place import BOARDS, FORMS, LIB

PACKAGE = partysocket.__name__
# The form without native code.
PORTABLE = "portable"
# Modules of the base in older versions, in both forms. They no longer exist.
OLDER = """core/connection core/frames core/ring
    chance engine face flush link names parts""".split()
DOOR = f"{PACKAGE}/__init__.py"

# The architectures of native code. The index is the number in sys.implementation._mpy (see
# MicroPython's py/persistentcode.h).
_NAMES = ["", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp"]
_NAMES += ["xtensa", "xtensawin", "rv32imc", "rv64imc"]
# Each of them can run the code of the ones before it.
_THUMB = _NAMES[4:9]


@dataclass(frozen=True)
class Kind:
    """A board.json. `folder` is its folder."""

    folder: Path
    name: str
    platform: str
    oldest: str
    files: dict
    machine: str = ""
    firmware: str = ""
    mpy: str = PORTABLE
    parts: tuple = ()
    secure_parts: tuple = ()
    fits: bool = True

    @property
    def has_wifi(self):
        return "wifi" in self.parts

    def is_it(self, facts):
        return self.platform == facts.platform and self.machine in facts.machine

    def own_files(self):
        """The board's own files: {name in the board's root: bytes}."""
        return {name: (self.folder / path).read_bytes() for name, path in self.files.items()}


def load(name, boards=BOARDS):
    """The board with this name, or in this folder. ValueError if there is none."""
    folder = Path(name) if "/" in name else boards / name
    try:
        text = (folder / "board.json").read_text(encoding="utf-8")
    except OSError:
        raise ValueError(
            f"there is no board {name!r}; there are: {', '.join(names(boards))}; or give the path "
            "of a folder with a board.json, such as ./my_board"
        ) from None
    found = json.loads(text)
    missing = [key for key in ("name", "platform", "oldest", "files") if key not in found]
    if missing:
        raise ValueError(f"{folder}/board.json lacks {', '.join(missing)}")
    if "main.py" not in found["files"]:
        raise ValueError(f"{folder}/board.json names no main.py in files")
    used = {field.name for field in fields(Kind)} & found.keys()
    return Kind(folder=folder, **{key: found[key] for key in used})


def names(boards=BOARDS):
    return sorted(path.parent.name for path in boards.glob("*/board.json"))


def fitting(facts, boards=BOARDS):
    """The kinds that match this board: those with the longest word of its machine's name."""
    kinds = [kind for name in names(boards) if (kind := load(name, boards)).is_it(facts)]
    most = max((len(kind.machine) for kind in kinds), default=0)
    return [kind for kind in kinds if len(kind.machine) == most]


def decide(kind, facts, port, romfs=None):
    """The board's kind: `kind`, or the one that matches. Failure if the board is another one, or
    if its firmware is not suitable. `romfs`: the library goes there, and takes less memory.
    """
    if facts.name != "micropython":
        raise words.not_micropython(facts.name, port)
    found = fitting(facts)
    if kind is None:
        if len(found) != 1:
            raise words.which_board(facts, [one.folder.name for one in found or all_kinds()])
        kind = found[0]
    elif not kind.is_it(facts) or kind.folder.parent == BOARDS and kind not in found:
        raise words.another_board(kind, facts, [one.folder.name for one in found])
    if facts.version < tuple(int(part) for part in kind.oldest.split(".")):
        raise words.too_old(facts.firmware, kind)
    if not kind.fits and not romfs:
        raise words.too_small(kind.name, kind.folder)
    return kind


def all_kinds(boards=BOARDS):
    return [load(name, boards) for name in names(boards)]


def form_for(facts, forms=FORMS):
    """The form of the library for a board: an architecture whose native code it runs, or
    "portable". Failure if it can't load our files.
    """
    version, sub_version = facts.mpy & 0xFF, facts.mpy >> 8 & 3
    ours, _ = _header(forms / "partysocket/__init__.mpy")
    if version != ours:
        raise words.no_bytecode(facts.firmware, version, ours)
    number = facts.mpy >> 10 & 0xF
    arch = _NAMES[number] if number < len(_NAMES) else ""
    runs = _THUMB[: _THUMB.index(arch) + 1] if arch in _THUMB else [arch]
    for name in reversed(runs):
        native = forms / f"native/{name}.mpy"
        if native.exists() and _header(native) == (version, sub_version):
            return name
    return PORTABLE


def _header(path):
    """(version, sub-version of native code) of a .mpy file. The latter has two bits."""
    _, version, flags = path.read_bytes()[:3]
    return version, flags & 3


def library_files(form, parts, forms=FORMS):
    """{path below the board's lib: bytes}, and the library's version."""
    found = {}
    for name in (form, *parts):
        manifest = json.loads((forms / f"{name}.json").read_text(encoding="utf-8"))
        for target, source in manifest["urls"]:
            # Its source is for boards on which an old one may have been left: see mpy.py.
            if target == DOOR and (forms / target).with_suffix(".mpy").exists():
                target = source = target[: -len("py")] + "mpy"
            found[target] = (forms / source).read_bytes()
    return found, manifest["version"]


def parts(forms=FORMS):
    """The parts that can be installed."""
    base = {PORTABLE, *(path.stem for path in forms.glob("native/*.mpy"))}
    return sorted({path.stem for path in forms.glob("*.json")} - base)


def parts_among(paths, forms=FORMS):
    """The parts among these files, in both forms, that can be installed. `paths`: below a board's
    lib.
    """
    suffixes = ("py", "mpy")
    return [
        part
        for part in parts(forms)
        if any(f"{PACKAGE}/{part}.{suffix}" in paths for suffix in suffixes)
    ]


def modules():
    """{module of the library, in any form or version: its part, or None for the base}."""
    sources = Path(partysocket.__file__).parent
    compiled = FORMS / PACKAGE
    found = dict.fromkeys(OLDER)
    for folder, suffix in ((sources, ".py"), (compiled, ".mpy")):
        for path in folder.rglob(f"*{suffix}"):
            found[path.relative_to(folder).with_suffix("").as_posix()] = None
    for part in parts():
        for folder in (LIB, FORMS):
            manifest = json.loads((folder / f"{part}.json").read_text(encoding="utf-8"))
            for target, _ in manifest["urls"]:
                name = Path(target).relative_to(PACKAGE).with_suffix("")
                found[name.as_posix()] = part
    # Native code has a folder of its own there.
    return {**found, "native": None}
