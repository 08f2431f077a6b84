"""On MicroPython: a littlefs like a board's, in a file of the computer, mounted at /flash."""

import os

_BLOCK_BYTES = 4096  # as the flash of ESP32 and Pico has


class Blocks:
    """A block device over a file, whose size is the flash's."""

    def __init__(self, path):
        self._file = open(path, "r+b")
        self._count = self._file.seek(0, 2) // _BLOCK_BYTES

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * _BLOCK_BYTES + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        self._file.seek(block * _BLOCK_BYTES + (offset or 0))
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op in (2, 3):  # shut down, or write what is buffered
            self._file.flush()
        elif op == 4:
            return self._count
        elif op == 5:
            return _BLOCK_BYTES
        elif op == 6:  # erase
            self._file.seek(arg * _BLOCK_BYTES)
            self._file.write(b"\xff" * _BLOCK_BYTES)
            return 0


def mount(path, new=False):
    """Mount the file's file system; `new`: make one first."""
    blocks = Blocks(path)
    if new:
        os.VfsLfs2.mkfs(blocks)
    os.mount(os.VfsLfs2(blocks), "/flash")


def files(folder="/flash"):
    """The paths of all files below it, sorted."""
    found = []
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        found += files(path) if kind == 0x4000 else [path]
    return sorted(found)


def remove(folder):
    """`mpremote rm -r` does the same."""
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        remove(path) if kind == 0x4000 else os.remove(path)
    os.rmdir(folder)
