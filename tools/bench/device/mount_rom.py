"""Mounts the ROMFS image whose path is in the environment variable ROM, and imports from it first,
as a board does.
"""

import os
import sys

import vfs

_path = os.getenv("ROM")
# Made in one piece: read() would need twice as much memory for a moment.
_image = bytearray(os.stat(_path)[6])
with open(_path, "rb") as _file:
    _file.readinto(_image)
vfs.mount(vfs.VfsRom(_image), "/rom")
sys.path.insert(0, "/rom/lib")
