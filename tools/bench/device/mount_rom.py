"""Mounts a ROMFS image, whose path is in the environment as ROM, and imports from it first, as a
board does.
"""

import os
import sys

import vfs

_path = os.getenv("ROM")
_image = bytearray(os.stat(_path)[6])  # at once: read() would take twice as much for a moment
with open(_path, "rb") as _file:
    _file.readinto(_image)
vfs.mount(vfs.VfsRom(_image), "/rom")
sys.path.insert(0, "/rom/lib")
