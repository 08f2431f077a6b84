"""The flash of an outbox. Its power can fail at each write. On MicroPython it is a littlefs. On
CPython it is a folder, which only keeps what is there between two calls.
"""

import os
import sys

BLOCK_BYTES = 4096
_IS_LITTLEFS = sys.implementation.name == "micropython"
_EIO = 5
_mounted = [0]


class Blocks:
    """A block device in RAM. After its power has failed, nothing changes it."""

    def __init__(self, data):
        self.data = data
        # How many programs and erases have begun.
        self.writes = 0
        # The power fails at this write,
        self.cut_at = None
        # when so much of it is done, in thousandths.
        self.cut_part = 0
        self.is_dead = False
        # Called before each write with (offset, bytes).
        self.look = None

    def readblocks(self, block, buf, offset=0):
        start = block * BLOCK_BYTES + offset
        buf[:] = memoryview(self.data)[start : start + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        return self._change(block * BLOCK_BYTES + offset, buf)

    def ioctl(self, op, arg):
        if op == 6:
            return self._change(arg * BLOCK_BYTES, b"\xff" * BLOCK_BYTES)
        return {4: len(self.data) // BLOCK_BYTES, 5: BLOCK_BYTES}.get(op, 0)

    def _change(self, start, new):
        if self.is_dead:
            return -_EIO
        if self.look is not None:
            self.look(start, new)
        self.writes += 1
        if self.writes == self.cut_at:
            self.data = self.half_done(start, new, self.cut_part)
            self.is_dead = True
            return -_EIO
        self.data[start : start + len(new)] = new
        return 0

    def half_done(self, start, new, part):
        """The content when so many thousandths of this write are done. The last byte may have any
        value.
        """
        data = bytearray(self.data)
        size = len(new) * part // 1000
        data[start : start + size] = bytes(memoryview(new)[:size])
        if size < len(new):
            data[start + size] ^= part & 255
        return data


class Littlefs:
    """A mounted littlefs. `path` is for the outbox."""

    def __init__(self, program_bytes, count=32, data=None):
        self.program_bytes = program_bytes
        self.blocks = Blocks(data or bytearray(b"\xff" * (count * BLOCK_BYTES)))
        if data is None:
            os.VfsLfs2.mkfs(self.blocks, progsize=program_bytes)
        _mounted[0] += 1
        self._point = "/flash%d" % _mounted[0]
        os.mount(os.VfsLfs2(self.blocks, progsize=program_bytes), self._point)
        self.path = self._point + "/outbox"
        self._free = self._free_blocks() if data is None else None

    @property
    def is_dead(self):
        return self.blocks.is_dead

    def copied(self, data=None):
        """A copy, as a board finds it that starts again."""
        copy = Littlefs(self.program_bytes, data=data or bytearray(self.blocks.data))
        copy._free = self._free
        return copy

    def used_bytes(self):
        """The bytes used by the outbox. statvfs counts the two blocks of its folder twice."""
        return (self._free - self._free_blocks() - 2) * BLOCK_BYTES

    def _free_blocks(self):
        return os.statvfs(self._point)[3]

    def let_go(self):
        os.umount(self._point)


class Folder:
    """The same in a folder of a computer."""

    is_dead = False
    blocks = None

    def __init__(self, program_bytes=0, count=0):
        import tempfile

        self._temporary = tempfile.TemporaryDirectory()
        self.path = self._temporary.name + "/outbox"

    def copied(self):
        import shutil

        copy = Folder()
        if os.path.isdir(self.path):
            shutil.copytree(self.path, copy.path)
        return copy

    def used_bytes(self):
        return 0

    def let_go(self):
        self._temporary.cleanup()


Flash = Littlefs if _IS_LITTLEFS else Folder
