"""A partition for a ROMFS, as from vfs.rom_ioctl: flash that can be read as memory, in a file.

The calls and answers are those of MicroPython's ports/rp2/rp2_flash.c and
ports/esp8266/vfs_rom_ioctl.c, as mpremote uses them. It is NOR flash: a write only clears bits,
and only an erase sets them, a block of 4 KiB at a time.
"""

BLOCK = 4096
# A Pico writes whole pages.
PAGE = 256
EINVAL = 22


class Blocks(bytearray):
    """The device on rp2 and esp32: a block device that is memory too. One for each process."""

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
    """`write` writes (file, position, bytes), and counts the writes."""

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
            # If the power fails here, the head is still there.
            for part in (at + half, at):
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
        """vfs.rom_ioctl."""
        if op == 1:
            return 1
        if op == 2 and args[0] == 0:
            return self.memory if self._kind == "rp2" else memoryview(self.memory)
        if self._kind == "rp2":
            return -EINVAL
        # An ESP8266 gets (3, partition, size).
        if op == 3:
            self.erase(0, -(-args[1] // BLOCK) * BLOCK)
            return 4
        if op == 4:
            _, position, data = args
            assert position % 4 == 0
            self.write(position, data)
            return 0
        return -EINVAL
