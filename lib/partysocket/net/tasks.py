"""Functions for tasks that work on both MicroPython's asyncio and CircuitPython's."""

import asyncio
import gc
import sys

from micropython import const

# A day: asyncio's clock wraps, so a sleep may not be too long.
_LONGEST_MS = const(86400000)

# Modules that only a socket's constructor needs. They are imported again for the next socket. In
# the form for boards, `place` is part of the file `options`, and `urls` holds `address`.
_OF_CONSTRUCTION = (
    ("options", "partysocket.options"),
    ("place", "partysocket.place"),
    ("urls", "partysocket.urls"),
)

core = asyncio.core
sleep_ms = asyncio.sleep_ms


def current_task():
    try:
        return asyncio.current_task()
    except (RuntimeError, AttributeError):
        return None


def is_cancelled():
    # Only the library cancels its tasks here: `asyncio.run` just stops at its end.
    return False


class Alarm:
    """Wakes the one task that waits for it.

    An Event and `wait_for` would do the same, but with a new task for each wait. If memory runs
    out, such a task may stay behind and cancel the waiting task later, in the middle of something
    else.
    """

    def __init__(self):
        self._is_set = False
        # The task that waits, or None.
        self._task = None

    def set(self):
        self._is_set = True
        task = self._task
        if task is not None:
            # The task sleeps in asyncio's queue. Move it to the front, as Task.cancel does.
            self._task = None
            core._task_queue.remove(task)
            core._task_queue.push(task)

    async def wait(self, ms):
        """Wait until it is set, and clear it; or for `ms` (None: a day)."""
        if self._is_set:
            # If it is set all the time, other tasks must still get to run.
            await sleep_ms(0)
        else:
            self._task = core.cur_task
            try:
                await sleep_ms(_LONGEST_MS if ms is None else ms)
            finally:
                self._task = None
        self._is_set = False


def collect():
    # This allocates nothing, because it is called when there is no memory.
    for name, path in _OF_CONSTRUCTION:
        if path in sys.modules:
            del sys.modules[path]
            delattr(sys.modules["partysocket"], name)
    gc.collect()
