"""Virtual time, on whichever interpreter this is.

run(main, ticks, on_turn, is_thorough=False)
                           run `main()` to its end; the library's clock begins at `ticks`;
                           `on_turn` is called at each turn of the loop. Raises Stalled when
                           nothing can ever happen again. Thorough: garbage is collected, and
                           warns, before the end
now() -> ms since the start          sleep(ms), spawn(coro), later(ms, f, *args): the world's own
quiet()                    until all has run that is due at this instant
stepping(coro, n, reach)             `coro`; `reach()` is called at its n-th suspension
block(ms)                            time passes and nothing else runs
play(main, ticks)          (of this module) run it, and see that it leaves nothing behind
own_tasks() -> int                   tasks alive that the world did not spawn
left_behind() -> list of str         after a run: what nobody may leave
"""

import sys


class Stalled(Exception):
    """Nothing is ready and no timer runs, or something turns without end."""


SPINS = "a step looks at the clock without end, and lets nobody else run"
MOST_TURNS = 100_000  # of the loop at one instant: more is a busy loop
MOST_LOOKS = 100_000  # at the library's clock in one turn: more is a loop that never waits
MOST_MS = 20 * 24 * 3600 * 1000  # of one run: more is a mistake


def stepping(coro, n, reach):
    """`coro`; at its n-th suspension `reach()` is called."""
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
    """Run `main()` in virtual time to its end, and see that it leaves nothing behind."""
    clock.run(main, ticks, lambda: None, True)
    left = clock.left_behind()
    assert not left, left
