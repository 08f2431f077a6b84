"""Virtual time on CPython's asyncio: an event loop that jumps instead of waiting."""

import asyncio
import gc
import selectors
import types
import warnings

from partysocket.base import net as platform

from . import clock as limits


class _Jump(selectors.SelectSelector):
    loop = None

    def select(self, timeout=None):
        self.loop.jump(timeout)
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, start_ms, on_turn):
        self.start_us = self.us = start_ms * 1000
        self._turns = 0
        # Calls of the library's clock in this turn.
        self._looks = 0
        self._on_turn = on_turn
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)

    def time(self):
        # So that whole ms stay whole when they are truncated.
        return self.us / 1e6 + 1e-7

    def ticks(self):
        self._looks += 1
        if self._looks > limits.MOST_LOOKS:
            raise limits.Stalled(limits.SPINS)
        return self.us // 1000 & 0x1FFFFFFF

    def _run_once(self):
        # Even if the error about it was caught.
        if self._looks > limits.MOST_LOOKS:
            raise limits.Stalled(limits.SPINS)
        self._looks = 0
        self._on_turn()
        super()._run_once()

    def jump(self, timeout):
        self._turns += 1
        if timeout is None:
            raise limits.Stalled("nothing is ready and no timer runs")
        if timeout > 0:
            self.us = round((self.time() + timeout) * 1e6)
            self._turns = 0
        if self._turns > limits.MOST_TURNS or now() > limits.MOST_MS:
            raise limits.Stalled("it turns without end")


_loop = None
# Tasks that are alive.
_world_tasks = set()
_world_timers = set()
_problems = []


def now():
    return (_loop.us - _loop.start_us) // 1000


async def sleep(ms):
    await asyncio.sleep(ms / 1000)


async def quiet():
    while True:
        await asyncio.sleep(0)
        timers = _loop._scheduled
        if not _loop._ready and not (timers and timers[0]._when <= _loop.time()):
            return


def block(ms):
    _loop.us += ms * 1000


def spawn(coro):
    task = _loop.create_task(coro)
    _world_tasks.add(task)
    task.add_done_callback(_world_tasks.discard)
    return task


def later(ms, f, *args):
    def run():
        _world_timers.discard(timer)
        f(*args)

    timer = _loop.call_later(ms / 1000, run)
    _world_timers.add(timer)


stepping = types.coroutine(limits.stepping)


def own_tasks():
    return len(asyncio.all_tasks(_loop) - _world_tasks)


def left_behind():
    return list(_problems)


def _note(loop, context):
    _problems.append("{}: {!r}".format(context.get("message"), context.get("exception")))


def run(main, ticks, on_turn, is_thorough=False):
    global _loop
    _problems.clear()
    _world_tasks.clear()
    _world_timers.clear()
    real = platform.ticks_ms
    _loop = _Loop(ticks, on_turn)
    platform.ticks_ms = _loop.ticks
    _loop.set_exception_handler(_note)
    asyncio.set_event_loop(_loop)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            _loop.run_until_complete(spawn(main()))
            _world_tasks.clear()
            _problems.extend(f"a task: {task}" for task in asyncio.all_tasks(_loop))
            _note_timers()
        finally:
            _shut_down()
            platform.ticks_ms = real
            # Coroutines that were never awaited warn when they are collected.
            if is_thorough:
                gc.collect()
            _problems.extend(str(w.message) for w in caught)


def _shut_down():
    """As asyncio.run does: cancel, once, whatever still runs."""
    left = asyncio.all_tasks(_loop)
    for task in left:
        task.cancel()
    _loop._on_turn = lambda: None
    # A run that stalled ends in order too.
    _loop.start_us = _loop.us
    _loop._turns = _loop._looks = 0
    # The first time, the end of `main` may stop the loop.
    for _ in range(3):
        try:
            if left:
                _loop.run_until_complete(asyncio.wait(left, timeout=10))
            _loop.run_until_complete(asyncio.sleep(0))
        except (limits.Stalled, RuntimeError):
            pass
    _problems.extend(f"a task survives its loop: {task}" for task in left if not task.done())
    for task in left:
        if task.done() and not task.cancelled() and task.exception() is not None:
            _problems.append(f"a task ended by {task.exception()!r}")
    _note_timers()
    asyncio.set_event_loop(None)
    _loop.close()


def _note_timers():
    for timer in _loop._scheduled:
        if not timer.cancelled() and timer not in _world_timers:
            _problems.append(f"a timer: {timer}")
