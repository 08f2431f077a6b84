"""A littlefs in RAM that counts the operations on its flash, and a clock that is set by hand.

`Flash` and `Clock` do not use the library. `Clock` must be made before the library is imported.
"""

import os
import sys

BLOCK_BYTES = 4096
_BEGIN_MS = 1790000000000  # of the time of day
_ERASE = 6


class Flash:
    """A littlefs of `count` blocks at the folder `path`. It programs `program_bytes` at once: an
    ESP32 has 32, an RP2040 256.
    """

    def __init__(self, count, program_bytes, path="/flash"):
        self._data = bytearray(count * BLOCK_BYTES)
        self._count = count
        self._path = path
        # How often each block was erased.
        self.erased = [0] * count
        self.programmed = self.read = self.reads = 0  # bytes, bytes, calls
        os.VfsLfs2.mkfs(self, progsize=program_bytes)
        os.mount(os.VfsLfs2(self, progsize=program_bytes), path)
        self.begin()
        self._free = self._free_blocks()

    def begin(self):
        """Begin to count here."""
        self.erased = [0] * self._count
        self.programmed = self.read = self.reads = 0

    @property
    def erases(self):
        return sum(self.erased)

    def used_bytes(self):
        """The bytes of one folder and its files. Each folder has two blocks, which statvfs counts
        as four.
        """
        return (self._free - self._free_blocks() - 2) * BLOCK_BYTES

    def _free_blocks(self):
        return os.statvfs(self._path)[3]

    def readblocks(self, block, buf, offset=0):
        start = block * BLOCK_BYTES + offset
        buf[:] = memoryview(self._data)[start : start + len(buf)]
        self.read += len(buf)
        self.reads += 1

    def writeblocks(self, block, buf, offset=0):
        start = block * BLOCK_BYTES + offset
        self._data[start : start + len(buf)] = buf
        self.programmed += len(buf)

    def ioctl(self, op, arg):
        if op == _ERASE:
            self.erased[arg] += 1
        return {4: self._count, 5: BLOCK_BYTES, _ERASE: 0}.get(op)


class Clock:
    """The module `time` with a fixed time of day, because the length of a record depends on it."""

    def __init__(self):
        self._module = __import__("time")
        self._now_ms = _BEGIN_MS
        sys.modules["time"] = self

    def __getattr__(self, name):
        return getattr(self._module, name)

    def time_ns(self):
        return self._now_ms * 1000000

    def move(self, ms):
        self._now_ms += ms
