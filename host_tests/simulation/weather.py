"""A life without memory at a chosen point.

A point is a moment from which the library's own code runs: a step of one of its tasks begins, the
application calls it, or a transport, handler, provider or logger returns to it. The points of a
life are counted. From a chosen point on, for `span` points, nothing can be allocated while the
library runs. The world's code (see `outside`) always has memory. This works on MicroPython. On
CPython too, the world's code can raise MemoryError instead, as platforms do.

Errors of asyncio count as the library's: `create_task`, `Event()`, the coroutine of
`event.wait()`, `wait_for`, and `sleep` with a float need memory. `sleep_ms`, `event.set()`, and
waking or cancelling a task need none, so a driver can always wait. Two things do not count. The
helper task of `wait_for`: without memory it cancels the waiting task, which can't distinguish that
from another cancellation. And real sockets, whose queue may keep a task that has gone on:
`e2e/test_short_of_memory.py` has them, without exceptions.

Without memory MicroPython raises the same exception object each time. Code that keeps it finds
another error in it later.
"""

import asyncio
import gc

from .clock import clock

try:
    from micropython import heap_lock, heap_unlock

    coroutine = lambda f: f  # noqa: E731
# CPython.
except ImportError:
    from types import coroutine

# Instead of a number of free bytes.
LOCKED = -1
# There is memory, but the world's code raises MemoryError when it returns.
RAISES = -2

# The longest time without memory.
_LONGEST_MS = 20_000
# In the repr of wait_for's helper.
_HELPER = "'_run'"

_point = 0
_first = -1
_end = -1
_free = LOCKED
# The library's code runs.
_is_inside = False
# Nothing can be allocated.
_is_out = False
# ms, when the time without memory began.
_since = 0
_ballast = [None] * 4000
# Tasks of the library. Ended ones are replaced.
_tasks = [None] * 64

# The number of points that had no memory.
reached = 0


def mode_of(text):
    """A mode of run.py as `begin` takes it: (points, free bytes)."""
    name, *numbers = text.split(":")
    free = RAISES if name == "raise" else LOCKED
    if name == "fill":
        free = int(numbers.pop(0))
    return int(numbers[0]) if numbers else 1, free


def begin(first=-1, span=1, free=LOCKED):
    """Begin a new life. The points from `first` on, `span` of them, have no memory, except `free`
    bytes.
    """
    global _point, _first, _end, _free, _is_inside, reached
    _point = reached = 0
    _first = first
    _end = first + span
    _free = free
    _is_inside = False
    for n in range(len(_tasks)):
        _tasks[n] = None


def clear():
    """There is memory again: no later point is bad."""
    global _first
    _first = -1


def points():
    """The number of points so far."""
    return _point


def is_bad():
    """Whether this point has no memory."""
    if _first < 0 or not _first < _point <= _end:
        return False
    return not reached or clock.now() - _since <= _LONGEST_MS


def _enter():
    """The library's code runs from here. Returns whether this point is bad."""
    global _point, _is_inside, _is_out, _since, reached
    _is_inside = True
    _point += 1
    if not is_bad():
        return False
    if not reached:
        _since = clock.now()
    reached += 1
    _is_out = _free >= LOCKED
    if _free >= 0:
        _fill()
    elif _is_out:
        heap_lock()
    return True


def _leave():
    global _is_inside, _is_out
    if _is_out and _free < 0:
        heap_unlock()
    elif _is_out:
        unfill()
    _is_inside = _is_out = False


def _fill():
    gap = bytearray(_free) if _free else None
    n = 0
    # The errors of the first time take memory too.
    for size in (1 << 20, 512, 512):
        gc.collect()
        while size and n < len(_ballast):
            try:
                _ballast[n] = bytes(size)
                n += 1
            except MemoryError:
                size >>= 1
    gap = None  # noqa: F841 (it is free from here on)


def unfill():
    for n in range(len(_ballast)):
        _ballast[n] = None


def _out():
    """The world's code runs from here."""
    global _is_inside
    was = _is_inside
    if _is_out:
        _leave()
    _is_inside = False
    return was


def _back(was):
    """The library's code runs again. Returns whether it should begin with a MemoryError."""
    return was and _enter() and _free == RAISES


@coroutine
def _steps(coro, is_ours):
    """`coro` is a task of the library, and each of its steps is a point; or it is a coroutine of
    the world, which the library awaits.
    """
    error = value = None
    was = raises = False
    while True:
        if not is_ours:
            was = _out()
        else:
            _enter()
        try:
            if error is None:
                wanted = coro.send(value)
            else:
                thrown = error
                error = None
                wanted = coro.throw(thrown)
        except StopIteration as e:
            error = e
        finally:
            if is_ours:
                _leave()
            else:
                raises = _back(was)
        if error is not None:
            if raises:
                raise MemoryError
            return error.value
        try:
            value = yield wanted
        except GeneratorExit:
            coro.close()
            raise
        except BaseException as e:
            error = e
            value = None


def _create(coro):
    """The library calls this. It fails as asyncio's own would."""
    task = _plain_create(_steps(coro, True))
    for n in range(len(_tasks)):
        if _tasks[n] is None or _tasks[n].done():
            _tasks[n] = task
            return task
    raise SystemExit("the library has more than %d tasks" % len(_tasks))


def _create_in_asyncio(coro):
    # Its name can't be read without memory. Tasks that are made then have no points.
    if _is_out or _HELPER in repr(coro):
        return _plain_create(coro)
    return _plain_create(_steps(coro, True))


def alive():
    """The number of the library's tasks on MicroPython."""
    return sum([1 for task in _tasks if task is not None and not task.done()])


async def _whole(coro):
    return await _steps(coro, True)


_plain_create = asyncio.create_task
if hasattr(asyncio, "core"):
    asyncio.create_task = _create
    asyncio.core.create_task = _create_in_asyncio
else:

    def _create(coro):
        task = _plain_create(_whole(coro))
        # If it is cancelled before it begins, the coroutine in it would never be awaited.
        task.add_done_callback(lambda _: coro.close())
        return task

    asyncio.create_task = _create


def _of_the_world(f, name, a=None, b=None, c=None, d=None, e=None):
    """Call `f`, or its method `name`. The method is looked up here, where there is memory for
    that. `*args` would need memory.
    """
    was = _out()
    inner = None
    try:
        if name is not None:
            f = getattr(f, name)
        if e is not None:
            result = f(a, b, c, d, e)
        elif c is not None:
            result = f(a, b, c)
        else:
            result = f() if a is None else f(a)
        if hasattr(result, "throw"):
            inner = result
            result = _steps(inner, False)
    finally:
        raises = _back(was)
    if raises:
        if inner is not None:
            inner.close()
        raise MemoryError
    return result


def outside(f):
    """Wrap `f`, a function of the world that the library may call with up to one argument."""
    return lambda a=None: _of_the_world(f, None, a)


class Transport:
    """`peer`, a transport of the world, for the library: with methods, as real ones have."""

    def __init__(self, peer):
        self._peer = peer

    @property
    def phase(self):
        return self._peer.phase

    @property
    def address(self):
        return self._peer.address

    def start(self, host, port, tls, server_hostname, timeout_ms):
        return _of_the_world(self._peer, "start", host, port, tls, server_hostname, timeout_ms)

    def step(self):
        return _of_the_world(self._peer, "step")

    def recv_into(self, view):
        return _of_the_world(self._peer, "recv_into", view)

    def send(self, view):
        return _of_the_world(self._peer, "send", view)

    def wait(self, read, write, ms):
        return _of_the_world(self._peer, "wait", read, write, ms)

    def close(self):
        return _of_the_world(self._peer, "close")


# Calls into the library.


def call(f, a=None):
    _enter()
    try:
        return f() if a is None else f(a)
    finally:
        _leave()


def awaited(coro):
    """Await this instead of a coroutine of the library that the application awaits."""
    return _steps(coro, True)
