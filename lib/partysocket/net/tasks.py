"""What MicroPython's asyncio and CircuitPython's have in common, besides the names of asyncio."""

import asyncio
import gc
import sys

from micropython import const

_LONGEST_MS = const(86400000)  # a day: asyncio's clock goes round

# Modules that only construction needs: they are loaded anew for the next socket. In the form for
# boards `place` is in the file `options`, and addresses in full are the file `urls`.
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
    return False  # nobody but us cancels our tasks: `asyncio.run` just stops


class Alarm:
    """Wakes the one task that waits for it.

    An Event and `wait_for` would do the same with a task for each wait. Where memory is wanting
    that leaves a task behind which cancels the waiting one later, whatever it does then.
    """

    def __init__(self):
        self._is_set = False
        self._task = None  # the one that waits

    def set(self):
        self._is_set = True
        task = self._task
        if task is not None:
            # It sleeps in asyncio's queue. As Task.cancel does, it is brought forward to now.
            self._task = None
            core._task_queue.remove(task)
            core._task_queue.push(task)

    async def wait(self, ms):
        """Until it is set, which ends with this; or for `ms` (None: a day)."""
        if self._is_set:
            # Whoever sets it again and again keeps nobody from his turn.
            await sleep_ms(0)
        else:
            self._task = core.cur_task
            try:
                await sleep_ms(_LONGEST_MS if ms is None else ms)
            finally:
                self._task = None
        self._is_set = False


def collect():
    # Allocates nothing: it is called when there is no memory.
    for name, path in _OF_CONSTRUCTION:
        if path in sys.modules:
            del sys.modules[path]
            delattr(sys.modules["partysocket"], name)
    gc.collect()
