"""A screen without a monitor: Xvfb, and what it shows as a PNG."""

import os
import shutil
import struct
import zlib
from pathlib import Path

from .shot import ShotError, start

_WIDTH, _HEIGHT = 900, 680


class Display:
    """`name` is for the variable DISPLAY."""

    def __init__(self, processes, folder):
        if not shutil.which("Xvfb"):
            raise ShotError("Xvfb is missing: sudo apt install xvfb")
        ours, theirs = os.pipe()
        screen = ["-screen", "0", f"{_WIDTH}x{_HEIGHT}x24", "-fbdir", folder]
        command = ["Xvfb", "-displayfd", str(theirs), "-nolisten", "tcp", "-nocursor", *screen]
        server = start(processes, command, pass_fds=[theirs])
        # It removes its files when it is asked to end.
        processes.callback(server.wait)
        processes.callback(server.terminate)
        os.close(theirs)
        with os.fdopen(ours) as said:
            self.name = ":" + said.readline().strip()
        if self.name == ":":
            raise ShotError("Xvfb did not start, and wrote why")
        self._buffer = Path(folder) / "Xvfb_screen0"

    def png(self):
        """What it shows now. The buffer is an XWD file: a header, colours, then BGRX."""
        data = self._buffer.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, line, colours = (header[n] for n in (0, 4, 5, 12, 19))
        start_at = size + 12 * colours
        rows = []
        for y in range(height):
            row = data[start_at + y * line :][: 4 * width]
            rgb = bytearray(3 * width)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            rows.append(b"\0" + rgb)
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        body = zlib.compress(b"".join(rows), 9)
        parts = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
