"""Virtual time for tests that run on CPython and on MicroPython: hours in milliseconds.

    @virtual
    async def test_it_waits():
        await sleep(60_000)
        assert now() == 60_000

Afterwards no task may be left. On CPython this is `engine.virtual`; on MicroPython the clock and
the wait for sockets of its asyncio are replaced, and the library's clock with them.
"""

import asyncio
import sys


class Stalled(Exception):
    """Nothing is ready and no timer runs, or tasks are left at the end."""


async def sleep(ms):
    await asyncio.sleep(ms / 1000)


async def settle():
    """Let everything run that needs no time."""
    for _ in range(10):
        await asyncio.sleep(0)


if sys.implementation.name == "cpython":
    from engine import virtual as _virtual

    now = _virtual.now

    def run(test, start_ms):
        async def checked(server):
            await test()
            await settle()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"tasks are left: {left}"

        _virtual.play(checked, _virtual.Server(), start_ms=start_ms)

else:
    import time

    from partysocket.net import platform

    # Ahead of the real clock, which the tasks' queue, in C, asks for the time of "now": what is
    # to run at once is then always due.
    _AHEAD_MS = 3_600_000
    _clock = _start = 0
    _real = time.ticks_ms

    def _ticks():
        return _clock

    def _jump(queue, ms):
        """Instead of a wait for sockets."""
        global _clock
        if ms < 0:
            raise Stalled(f"nothing is ready and no timer runs at {now()} ms")
        _clock += ms

    def now():
        return _clock - _start

    def run(test, start_ms):
        global _clock, _start
        core = asyncio.core
        kept = (core.ticks, core.IOQueue.wait_io_event, platform.ticks_ms)
        _clock = _start = _real() + _AHEAD_MS
        core.ticks = _ticks
        core.IOQueue.wait_io_event = _jump
        platform.ticks_ms = lambda: (now() + start_ms) & 0x1FFFFFFF
        ended = []

        async def checked():
            await test()
            await settle()
            ended.append(True)

        try:
            asyncio.new_event_loop()
            asyncio.run(checked())
            if not ended:
                raise Stalled(f"nothing is ready and no timer runs at {now()} ms")
            if core._task_queue.peek() is not None:
                raise Stalled(f"tasks are left: {core._task_queue.peek().coro}")
        finally:
            core.ticks, core.IOQueue.wait_io_event, platform.ticks_ms = kept
            asyncio.new_event_loop()


def virtual(test, start_ms=1_000_000):
    """Run `async def test()` in virtual time. `start_ms`: what the library's clock says then."""

    def runner():
        run(test, start_ms)

    return runner
