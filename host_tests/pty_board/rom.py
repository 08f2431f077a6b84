"""A partition for a ROMFS, as vfs.rom_ioctl gives it: flash that is read as memory, in a file.

What is asked, and what is answered, is that of MicroPython's ports/rp2/rp2_flash.c and of
ports/esp8266/vfs_rom_ioctl.c, as mpremote uses them. Flash is NOR: a write only clears bits, and
only an erase sets them, a block of 4 KiB at a time.
"""

BLOCK = 4096
PAGE = 256  # a Pico writes whole ones
EINVAL = 22


class Blocks(bytearray):
    """What rp2 and esp32 give: a block device that is memory too. One for each process."""

    def ioctl(self, op, arg):
        if op == 4:
            return len(self) // BLOCK
        if op == 5:
            return BLOCK
        if op == 6:
            self.partition.erase(arg * BLOCK, BLOCK)
            return 0

    def writeblocks(self, block, data, offset=0):
        position = block * BLOCK + offset
        assert position % PAGE == 0 and len(data) % PAGE == 0
        self.partition.write(position, data)


class Partition:
    """`write`: what writes (file, position, bytes), and counts that."""

    def __init__(self, kind, path, write):
        self._kind = kind
        self._write = write
        self._file = open(path, "r+b")
        size = self._file.seek(0, 2)
        self._file.seek(0)
        self.memory = Blocks(size) if kind == "rp2" else bytearray(size)
        self._file.readinto(self.memory)
        if kind == "rp2":
            self.memory.partition = self

    def erase(self, position, size):
        half = BLOCK // 2
        for at in range(position, position + size, BLOCK):
            for part in (at + half, at):  # if the power goes in it, the head is there still
                self.memory[part : part + half] = b"\xff" * half
                self._keep(part, half)

    def write(self, position, data):
        assert position + len(data) <= len(self.memory)
        for i in range(len(data)):
            self.memory[position + i] &= data[i]
        self._keep(position, len(data))

    def _keep(self, position, size):
        self._write(self._file, position, memoryview(self.memory)[position : position + size])

    def ioctl(self, op, *args):
        """vfs.rom_ioctl"""
        if op == 1:
            return 1
        if op == 2 and args[0] == 0:
            return self.memory if self._kind == "rp2" else memoryview(self.memory)
        if self._kind == "rp2":
            return -EINVAL
        if op == 3:  # an ESP8266 takes (3, partition, size)
            self.erase(0, -(-args[1] // BLOCK) * BLOCK)
            return 4
        if op == 4:
            _, position, data = args
            assert position % 4 == 0
            self.write(position, data)
            return 0
        return -EINVAL
