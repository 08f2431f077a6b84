"""Chooses the files of the wheel for boards: those of the manifests by which `mip` installs the
compiled library, for any board, and all its parts.
"""

import json
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FORMS = Path(__file__).resolve().parents[3] / "lib" / "mpy"


class Files(BuildHookInterface):
    def initialize(self, version, build_data):
        forms = {path.stem for path in _FORMS.glob("native/*.mpy")}
        for manifest in _FORMS.glob("*.json"):
            # The others are the base with native code, which runs on one architecture alone.
            if manifest.stem not in forms:
                content = json.loads(manifest.read_text(encoding="utf-8"))
                for target, source in content["urls"]:
                    build_data["force_include"][str(_FORMS / source)] = target
