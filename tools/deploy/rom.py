"""The library in a board's ROMFS partition, from which its code runs without a copy in RAM.

Flash is written in place, so the old library is gone when the first byte of the new one comes. A
board mounts a ROMFS by its first bytes: they come last, by the program that puts all other files
in place too (finish.py). So a deploy that is cut off leaves a partition that is not mounted, never
one with half a library.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from . import words
from .plan import digest

ROM = "/rom"  # where a board mounts it
PIECE = 1024  # bytes of a write, and of the head: whole pages of any flash
ERASE_BYTES = 32768  # at once: the board says nothing meanwhile


def image(files):
    """The ROMFS with these files, {path below /rom/lib: bytes}, as `mpremote romfs build` makes
    it.
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
    """What the partition shall have: an image, or none (b""), so that it is not mounted."""

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
        """Write all but the head, which finish.py does."""
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
        # Zeros need no erase. An erase in which the power goes may leave the old head as it was.
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
