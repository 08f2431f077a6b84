"""The library in a board's ROMFS partition, from which its code runs without a copy in RAM.

Flash is written in place, so the old library is gone when the first byte of the new one is
written. A board recognises a ROMFS by its first bytes. They are written last, by the program that
also renames all other files (finish.py). So an interrupted deploy leaves a partition that is not
mounted, never one with half a library.
"""

import hashlib

from mpremote.romfs import VfsRomWriter

from . import words

# A board mounts it here.
ROM = "/rom"
# The bytes of one write, and of the head. They are whole pages on every flash.
PIECE = 1024
# The bytes of one erase. The board does not answer meanwhile.
ERASE_BYTES = 32768


def image(files):
    """Make the ROMFS with these files, {path below /rom/lib: bytes}."""
    writer = VfsRomWriter()
    _add(writer, {f"lib/{path}": data for path, data in files.items()})
    return writer.finalise()


def _add(writer, files):
    """Add a folder's files, {path: bytes}, in the order of their names."""
    for name in sorted({path.partition("/")[0] for path in files}):
        if name in files:
            writer.mkfile(name, files[name])
            continue
        start = name + "/"
        writer.opendir(name)
        _add(writer, {p[len(start) :]: files[p] for p in files if p.startswith(start)})
        writer.closedir()


class Rom:
    """The wanted content of the partition: an image, or b"", so that it is not mounted."""

    def __init__(self, image=b""):
        size = -(-max(len(image), 1) // PIECE) * PIECE
        padded = image + bytes(size - len(image))
        self.head, self.body = padded[:PIECE], padded[PIECE:]
        self.size = len(image)

    @property
    def is_none(self):
        return not self.size

    def is_in(self, board):
        return _has(board, 0, self.head) and _has(board, PIECE, self.body)

    def write(self, board, progress):
        """Write all but the head. finish.py writes that. `progress(bytes)` is called after each
        part.
        """
        # Nothing may be read from the ROMFS while it is written.
        board.execute("import vfs\ntry:\n vfs.umount('/rom')\nexcept OSError:\n pass")
        if self.is_none or _has(board, 0, b"\xff" * PIECE) and _has(board, PIECE, self.body):
            return
        for _ in range(2):
            self._write_body(board, progress)
            if _has(board, PIECE, self.body):
                return
        raise words.rom_damaged()

    def _write_body(self, board, progress):
        total = PIECE + len(self.body)
        _, block = board.ask("rom()")
        # Zeros can be written without an erase. A power cut during an erase may leave the old
        # head.
        write_piece(board, 0, bytes(PIECE))
        step = -(-ERASE_BYTES // block) * block if block else total
        for at in range(0, total, step):
            board.execute(f"erase_rom({at}, {min(step, total - at)}, {block})")
        for at in range(PIECE, total, PIECE):
            write_piece(board, at, self.body[at - PIECE : at])
            progress(at)


def write_piece(board, begin, data):
    board.execute(f"write_rom({begin}, {data!r})")


def _has(board, begin, data):
    found = board.ask(f"rom_digest({begin}, {begin + len(data)})")
    return found == hashlib.sha256(data).digest()
