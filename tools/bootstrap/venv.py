"""The virtual environment in .venv, and its stamp: which Python made it, and what is installed."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from .programs import Stop, output, run, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
_STAMP = VENV / "stamp.json"
_IMPORTABLE = [ROOT / "lib", ROOT / "tools"]


def digest(*paths):
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def read_stamp():
    """Return the stamp of the last install, or None if it is missing or unusable."""
    try:
        stamp = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return None
    complete = isinstance(stamp, dict) and {"identity", "files", "installed"} <= set(stamp)
    return stamp if complete else None


def write_stamp(stamp):
    temporary = _STAMP.with_suffix(".new")
    temporary.write_text(json.dumps(stamp, indent=1))
    temporary.replace(_STAMP)


def works(stamp):
    """Whether .venv matches the stamp, and runs."""
    if stamp is None or stamp["identity"] != _identity():
        return False
    if not set(stamp["installed"]) <= set(installed()):
        return False
    try:
        return output([str(BIN / "python"), "-c", "print(1)"]).strip() == "1"
    except Stop:
        return False


def make():
    """Make a new .venv. Return its stamp, without files."""
    if VENV.is_symlink() or (VENV.exists() and not VENV.is_dir()):
        raise Stop(f"{VENV} is not a folder; remove it")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            f"this Python ({sys.executable}) comes without the modules venv and ensurepip; "
            "on Debian, Ubuntu and Raspberry Pi OS: sudo apt install python3-venv"
        ) from None
    if VENV.exists():
        if any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
            raise Stop(f"{VENV} holds something else; move it away")
        say("making .venv anew: it was made elsewhere, by another Python, or is broken")
        shutil.rmtree(VENV)
    else:
        say("making .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
    # In two steps, because venv hides the output of ensurepip when it fails.
    run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "venv")
    run([str(BIN / "python"), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"], "ensurepip")
    stamp = {"identity": _identity(), "files": {}, "installed": []}
    write_stamp(stamp)
    return stamp


def installed():
    """The packages in .venv, as names of folders."""
    return sorted(path.name for path in VENV.glob("lib/python*/site-packages/*.dist-info"))


def write_importable():
    """Make `python -m room_server` and `import partysocket` work in .venv."""
    text = "".join(f"{path}\n" for path in _IMPORTABLE)
    for folder in VENV.glob("lib/python*/site-packages"):
        path = folder / "partysocket_checkout.pth"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def _identity():
    """A .venv works only with the Python that made it, and at the path where it was made."""
    return {"python": sys.version, "base": sys.base_prefix, "root": str(ROOT)}
