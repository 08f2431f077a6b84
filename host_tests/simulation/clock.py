"""Virtual time, on whichever interpreter this is.

run(main, ticks, on_turn, is_thorough=False)
                           run `main()` to its end; the library's clock begins at `ticks`;
                           `on_turn` is called at each turn of the loop. Raises Stalled when
                           nothing can ever happen again. Thorough: garbage is collected, with
                           its warnings, before the end
now() -> ms since the start          sleep(ms), spawn(coro), later(ms, f, *args): for the world
quiet()                    wait until all has run that is due at this instant
stepping(coro, n, reach)             `coro`; `reach()` is called at its n-th suspension
block(ms)                            time passes and nothing else runs
play(main, ticks)          (of this module) run it, and check that it leaves nothing behind
own_tasks() -> int                   tasks alive that the world did not spawn
left_behind() -> list of str         after a run: what must not be left
"""

import sys


class Stalled(Exception):
    """Nothing is ready and no timer runs, or something runs without end."""


SPINS = "a step looks at the clock without end, and lets nobody else run"
# Turns of the loop at one instant. More is a busy loop.
MOST_TURNS = 100_000
# Calls of the library's clock in one turn. More is a loop that never waits.
MOST_LOOKS = 100_000
# Of one run. More is a mistake.
MOST_MS = 20 * 24 * 3600 * 1000


def stepping(coro, n, reach):
    """`coro`. At its n-th suspension `reach()` is called."""
    step, value, count = coro.send, None, 0
    while True:
        try:
            wanted = step(value)
        except StopIteration as e:
            return e.value
        count += 1
        if count == n:
            reach()
        try:
            value = yield wanted
            step = coro.send
        except GeneratorExit:
            coro.close()
            raise
        except BaseException as e:
            step, value = coro.throw, e


if sys.implementation.name == "cpython":
    from . import on_cpython as clock  # noqa: F401
else:
    from . import on_micropython as clock  # noqa: F401


def play(main, ticks=1_000_000):
    """Run `main()` in virtual time to its end, and check that it leaves nothing behind."""
    clock.run(main, ticks, lambda: None, True)
    left = clock.left_behind()
    assert not left, left
