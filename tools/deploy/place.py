"""Where the files for boards are: in the package if it is installed, else in the checkout."""

from pathlib import Path

_FILES = Path(__file__).with_name("files")
IS_INSTALLED = _FILES.is_dir()
ROOT = _FILES if IS_INSTALLED else Path(__file__).resolve().parents[2]
BOARDS = ROOT / "boards"
# The manifests of the library's parts, as sources.
LIB = ROOT / "lib"
# The compiled forms of the library, with their manifests.
FORMS = LIB / "mpy"
