"""On a MicroPython device: a clock that moves only when the other side says so. See lockstep.py.

Call `tie` before a socket is made.

Where asyncio would wait, it writes `wait N` (ms; -1: for ever) and reads the answer. `go N`: so
much time has passed. `heap`: it answers with `heap N`, the bytes in use after a collection.
"""

import gc
import random
import sys
import time
from asyncio import core

_PERIOD = 1 << 29  # the library's clock wraps here
_BEFORE_WRAP_MS = 600_000
_look = core.IOQueue.wait_io_event


class _Clock:
    # It is ahead of the real clock by more than a run takes. Tasks that C code makes ready get the
    # real time as their time to run, and that must be in the past.
    now = (time.ticks_ms() // _PERIOD + 2) * _PERIOD - _BEFORE_WRAP_MS


def ticks_ms():
    return _Clock.now


def _wait_io_event(queue, ms):
    _look(queue, 0)
    if ms == 0 or _is_due():
        return
    sys.stdout.write(f"wait {ms}\n")
    while True:
        order, _, value = sys.stdin.readline().strip().partition(" ")
        if order == "heap":
            gc.collect()
            sys.stdout.write(f"heap {gc.mem_alloc()}\n")
        elif order == "go":
            _Clock.now += int(value)
            break
        else:
            raise SystemExit("nobody keeps the clock")
    _look(queue, 0)


def _is_due():
    task = core._task_queue.peek()
    return task and core.ticks_diff(task.ph_key, _Clock.now) <= 0


def tie(seed):
    """From now on asyncio and the library use this clock, and random numbers that can be
    repeated.
    """
    from partysocket.base import net as platform

    random.seed(seed)
    core.ticks = ticks_ms
    core.IOQueue.wait_io_event = _wait_io_event
    platform.ticks_ms = lambda: _Clock.now & (_PERIOD - 1)
    platform.urandom = lambda n: bytes([random.getrandbits(8) for _ in range(n)])
