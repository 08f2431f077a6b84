"""Random bytes for a port without `os.urandom`, mixed from values that differ between boards and
between starts. An attacker may guess them, so this is a last resort and prints a warning.
"""

import gc
import hashlib
import os
import time

from micropython import const

# Samples of the jitter between the clock and the interpreter.
_SAMPLES = const(128)

# CircuitPython has no ticks_us.
_clock = time.ticks_us if hasattr(time, "ticks_us") else time.monotonic_ns
_pool = b""
_count = 0


def urandom(n):
    """Return `n` bytes that another start is unlikely to repeat."""
    global _pool, _count
    if not _pool:
        print("partysocket: this port has no os.urandom: ids and masks may be guessed")
        _pool = _mixed()
    out = b""
    while len(out) < n:
        _count += 1
        out += _sha256(_pool + b"%d %d" % (_count, _clock())).digest()
    return out[:n]


def _mixed():
    """Return 32 bytes mixed from the board's name and memory, and the jitter of its clock."""
    pool = _sha256(b"")
    for text in (os.uname() if hasattr(os, "uname") else "", id(pool), gc.mem_free(), time.time()):
        pool.update(str(text).encode())
    try:
        pool.update(str(__import__("machine").unique_id()).encode())
    except (ImportError, AttributeError):
        pass
    for _ in range(_SAMPLES):
        begun = _clock()
        turns = 0
        while _clock() == begun:
            turns += 1
        pool.update(b"%d %d %d" % (turns, _clock(), id(object())))
    return pool.digest()


def _sha256(data):
    return hashlib.sha256(data) if hasattr(hashlib, "sha256") else hashlib.new("sha256", data)
