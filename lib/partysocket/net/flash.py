"""What an outbox needs of the platform: files, a check of bytes, and the time of day."""

import os
import time

try:
    from binascii import crc32
except ImportError:
    from .circuitpython_crc import crc32  # noqa: F401 (others take it from here)
try:
    # Some ports count from 2000.
    _BEGINS_MS = 946684800000 if time.localtime(0)[0] == 2000 else 0
except (OverflowError, ValueError):  # CircuitPython tells no date before its own
    _BEGINS_MS = 0


def wall_ms():
    """The time of day in ms since 1970, as the board's clock has it. Never through a float, which
    on many boards has 24 bits.
    """
    if hasattr(time, "time_ns"):
        return time.time_ns() // 1000000 + _BEGINS_MS
    return int(time.time()) * 1000 + _BEGINS_MS


def read(path, at=0, size=-1):
    """Up to `size` bytes of a file from `at` on; none if there is no such file."""
    try:
        with open(path, "rb") as file:
            file.seek(at)
            return file.read(size)
    except OSError as e:
        if e.args[0] == 2:  # ENOENT
            return b""
        raise


def write(path, data, mode="wb"):
    """Write, or with "ab" append, and have it on flash."""
    with open(path, mode) as file:
        file.write(data)
        if hasattr(os, "fsync"):  # a computer; littlefs writes when it closes a file
            file.flush()
            os.fsync(file.fileno())
