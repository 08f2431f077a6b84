"""The library in a board's ROMFS partition, from which its code runs without a copy in RAM.

Flash is written in place, so the old library is gone when the first byte of the new one is
written. A board recognises a ROMFS by its first bytes. They are written last, by the program that
also renames all other files (finish.py). So an interrupted deploy leaves a partition that is not
mounted, never one with half a library.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from . import words
from .plan import digest

# A board mounts it here.
ROM = "/rom"
# The bytes of one write, and of the head. They are whole pages on every flash.
PIECE = 1024
# The bytes of one erase. The board does not answer meanwhile.
ERASE_BYTES = 32768


def image(files):
    """Make the ROMFS with these files, {path below /rom/lib: bytes}, as `mpremote romfs build`
    does.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree, made = Path(folder, "rom"), Path(folder, "rom.img")
        for path, data in files.items():
            target = tree / "lib" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        command = [sys.executable, "-m", "mpremote", "romfs", "--no-mpy", "--output", made]
        done = subprocess.run(
            [*map(str, command), "build", str(tree)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"mpremote romfs build:\n{done.stdout}{done.stderr}")
        return made.read_bytes()


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
        return self._has_head(board, self.head) and self._has_body(board)

    def write(self, board, say):
        """Write all but the head. finish.py writes that."""
        board.close_rom()
        if self.is_none or self._has_head(board, b"\xff" * PIECE) and self._has_body(board):
            return
        for _ in range(2):
            self._write_body(board, say)
            if self._has_body(board):
                return
        raise words.rom_damaged()

    def _write_body(self, board, say):
        total = PIECE + len(self.body)
        _, block = board.rom()
        say(f"  {total:,} bytes into its ROM")
        # Zeros can be written without an erase. A power cut during an erase may leave the old
        # head.
        board.write_rom(0, bytes(PIECE))
        step = -(-ERASE_BYTES // block) * block if block else total
        for at in range(0, total, step):
            board.erase_rom(at, min(step, total - at), block)
        for at in range(PIECE, total, PIECE):
            board.write_rom(at, self.body[at - PIECE : at])

    def _has_head(self, board, head):
        return board.rom_digest(0, PIECE) == digest(head)

    def _has_body(self, board):
        return board.rom_digest(PIECE, PIECE + len(self.body)) == digest(self.body)
