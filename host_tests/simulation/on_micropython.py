"""Virtual time on MicroPython's asyncio. Its own scheduler is used; its clock, and its wait for
sockets, are replaced.

The C part of the scheduler stamps ready tasks with the real clock. So the virtual clock is hours
ahead of it, and ready tasks always come before tasks that waited for a timer.
"""

import asyncio
import time

from partysocket.base import net as platform

from . import clock as limits

_STALLED = "nothing is ready and no timer runs"
_AHEAD_MS = 24 * 3600 * 1000

_core = asyncio.core
_create_task = _core.create_task
_ms = time.ticks_ms() + _AHEAD_MS
_begun = _ms
# Of the library's ticks.
_offset = 0
_turns = 0
# Calls of the library's clock in this turn.
_looks = 0
_on_turn = None
# Tasks that are not the world's.
_own = []
_problems = []
# Made here, because there may be no memory for it later.
_spins = limits.Stalled(limits.SPINS)


def now():
    return _ms - _begun


async def sleep(ms):
    await asyncio.sleep_ms(ms)


async def quiet():
    while True:
        await asyncio.sleep_ms(0)
        task = _core._task_queue.peek()
        if task is None or _core.ticks_diff(task.ph_key, _ms) > 0:
            return


def block(ms):
    global _ms
    _ms += ms


def spawn(coro):
    return _create_task(coro)


def later(ms, f, *args):
    _create_task(_later(ms, f, args))


async def _later(ms, f, args):
    await asyncio.sleep_ms(ms)
    f(*args)


stepping = limits.stepping


def own_tasks():
    _own[:] = [task for task in _own if not task.done()]
    return len(_own)


def left_behind():
    return list(_problems)


def _note(loop, context):
    _problems.append("%s: %r" % (context["message"], context["exception"]))


def run(main, ticks, on_turn, is_thorough=False):
    global _on_turn, _begun, _offset, _turns, _looks
    _begun = _ms
    _offset = ticks - _ms
    _turns = _looks = 0
    _on_turn = on_turn
    _own[:] = _problems[:] = []
    asyncio.new_event_loop().set_exception_handler(_note)
    if not _core.run_until_complete(_create_task(_to_the_end(main))):
        # Older versions return then, newer ones poll.
        raise limits.Stalled(_STALLED)
    if own_tasks():
        _problems.append("tasks: %r" % _own)


async def _to_the_end(main):
    await main()
    return True


def _track(coro):
    task = _create_task(coro)
    _own.append(task)
    if len(_own) > 50:
        own_tasks()
    return task


def _ticks():
    return _ms


def _library_ticks():
    global _looks
    _looks += 1
    if _looks > limits.MOST_LOOKS:
        raise _spins
    return _ms + _offset & 0x1FFFFFFF


def _wait_io_event(queue, ms):
    """Move the clock instead of waiting. The scheduler calls this before each step of a task."""
    global _ms, _turns, _looks
    # Even if the error about it was caught.
    if _looks > limits.MOST_LOOKS:
        raise _spins
    _turns += 1
    _looks = 0
    if _core._task_queue.peek() is None:
        raise limits.Stalled(_STALLED)
    if ms > 0:
        _ms += ms
        _turns = 0
    if _turns > limits.MOST_TURNS or now() > limits.MOST_MS:
        raise limits.Stalled("it turns without end")
    _on_turn()


_core.ticks = _ticks
_core.IOQueue.wait_io_event = _wait_io_event
_core.create_task = asyncio.create_task = _track
platform.ticks_ms = _library_ticks
