"""The platform's side of an outbox: files, CRC-32, and the time of day."""

import os
import time

try:
    from binascii import crc32
except ImportError:
    from .circuitpython_crc import crc32  # noqa: F401 (others take it from here)
try:
    # Some ports count from 2000.
    _BEGINS_MS = 946684800000 if time.localtime(0)[0] == 2000 else 0
# CircuitPython can't convert dates before 2000.
except (OverflowError, ValueError):
    _BEGINS_MS = 0


def wall_ms():
    """The time of day in ms since 1970, by the board's clock. It is computed without floats,
    because floats have only 24 bits on many boards.
    """
    if hasattr(time, "time_ns"):
        return time.time_ns() // 1000000 + _BEGINS_MS
    return int(time.time()) * 1000 + _BEGINS_MS


def read(path, at=0, size=-1):
    """Read up to `size` bytes of a file from `at` on. Returns b"" if there is no such file."""
    try:
        with open(path, "rb") as file:
            file.seek(at)
            return file.read(size)
    except OSError as e:
        if e.args[0] == 2:  # ENOENT
            return b""
        raise


def write(path, data, mode="wb"):
    """Write a file, or append to it ("ab"). When this returns, the bytes are on flash."""
    with open(path, mode) as file:
        file.write(data)
        # Only computers need it: littlefs writes a file when it is closed.
        if hasattr(os, "fsync"):
            file.flush()
            os.fsync(file.fileno())
