"""Want of memory at a chosen point of a life, on MicroPython.

A point is a moment from which the library's own code runs: a step of one of its tasks begins, the
application calls it, or a transport, handler, provider or logger returns to it. The points of a
life are counted. From a chosen one on, `span` points long, nothing can be allocated while the
library runs; whatever is of the world (see `outside`) has all the memory it wants.

What asyncio raises counts as the library's, where the library can stand it:

- `create_task`, `Event()`, the coroutine of `event.wait()`, `wait_for`, and `sleep` of a float
  want memory, and raise in the library's own step. `sleep_ms`, `event.set()` and a task that is
  woken or cancelled want none: a driver can always wait for better weather.
- The helper task of `wait_for` does not count, and always has memory. Without it, it cancels the
  task that waits, which can't tell that from a cancellation by somebody else.
- The scheduler allocates nothing. Its `assert t.data is None` would end the program; nothing here
  has led to that.
- Waiting for a real socket (`queue_read`) may leave an entry of a task that has gone on. There are
  no real sockets here; `e2e/test_short_of_memory.py` has them, and makes no allowances.

Without memory MicroPython raises one and the same exception object each time. Who keeps it finds
another error in it later.
"""

import asyncio
import gc

import micropython

from partysocket.net import platform

from . import on_micropython
from .clock import clock

LOCKED = -1  # instead of bytes that are free
DROPPED = -2  # planted: the step is not run, and its task has ended
SPINNING = -3  # planted: the task asks for its turn again, for ever
FROZEN = -4  # planted: it looks at the clock, for ever

_MOST_LOOKS = 20_000  # at the clock without a turn of the loop
_LONGEST_MS = 20_000  # of one spell
_HELPER = "'_run'"  # in the repr of wait_for's helper

_core = asyncio.core
_plain_create = on_micropython._create_task
_real_ticks = None
_frozen = SystemExit("it looks at the clock without end, and lets nobody else run")

_point = 0
_first = -1
_end = -1
_free = LOCKED
_is_inside = False  # the library's code runs
_is_out = False  # nothing can be allocated
_since = 0  # ms, when the weather began
_looks = 0
_ballast = [None] * 4000
_tasks = [None] * 64  # of the library; those that have ended make room
_dropped = []
_gap = None

reached = 0  # how many points had no memory


def begin(first=-1, span=1, free=LOCKED):
    """A new life: its points `first` and the `span - 1` after it have no memory, but for `free`
    bytes.
    """
    global _point, _first, _end, _free, _is_inside, _real_ticks, reached
    _point = reached = 0
    _first = first
    _end = first + span
    _free = free
    _is_inside = False
    for n in range(len(_tasks)):
        _tasks[n] = None
    _dropped.clear()
    if platform.ticks_ms is not _ticks:
        _real_ticks = platform.ticks_ms
        platform.ticks_ms = _ticks


def clear():
    """The weather is over: no point after this one is bad."""
    global _first
    _first = -1


def points():
    """How many there have been."""
    return _point


def is_bad():
    """Whether this point has no memory."""
    if _first < 0 or not _first < _point <= _end:
        return False
    return not reached or clock.now() - _since <= _LONGEST_MS


def turn():
    """The loop has had its turn."""
    global _looks
    _looks = 0


def _ticks():
    global _looks
    _looks += 1
    if _looks > _MOST_LOOKS:
        raise _frozen
    return _real_ticks()


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
    if _free >= 0:
        _fill()
        _is_out = True
    elif _free == LOCKED:
        _is_out = True
        micropython.heap_lock()
    return True


def _leave():
    global _is_inside, _is_out
    if _is_out:
        if _free >= 0:
            _unfill()
        else:
            micropython.heap_unlock()
    _is_inside = _is_out = False


def _fill():
    global _gap
    _gap = bytearray(_free) if _free else None
    n = 0
    for size in (1 << 20, 512, 512):  # the errors of the first time take room too
        gc.collect()
        while size and n < len(_ballast):
            try:
                _ballast[n] = bytes(size)
                n += 1
            except MemoryError:
                size >>= 1
    _gap = None


def _unfill():
    for n in range(len(_ballast)):
        _ballast[n] = None


# The library's tasks.


def _step(coro):
    """`coro`, each of whose steps is a point."""
    error = value = None
    while True:
        if _enter() and _free < LOCKED:
            _leave()
            if _free == DROPPED:
                _dropped.append(coro)  # or the collector might have it tidy up
                return None
            while _free == SPINNING:
                yield from asyncio.sleep_ms(0)
            while True:
                platform.ticks_ms()
        try:
            if error is None:
                wanted = coro.send(value)
            else:
                thrown = error
                error = None
                wanted = coro.throw(thrown)
        except StopIteration as e:
            _leave()
            return e.value
        except BaseException:
            _leave()
            raise
        _leave()
        try:
            value = yield wanted
        except GeneratorExit:
            coro.close()
            raise
        except BaseException as e:
            error = e
            value = None


def _create(coro):
    """What the library calls. It fails as asyncio's own would."""
    task = _plain_create(_step(coro))
    for n in range(len(_tasks)):
        if _tasks[n] is None or _tasks[n].done():
            _tasks[n] = task
            return task
    raise SystemExit("the library has more than %d tasks" % len(_tasks))


def _create_in_asyncio(coro):
    # Its name can't be asked for without memory: what is made then has no points.
    if _is_out or _HELPER in repr(coro):
        return _plain_create(coro)
    return _plain_create(_step(coro))


def alive():
    """How many tasks of the library there are."""
    return sum([1 for task in _tasks if task is not None and not task.done()])


asyncio.create_task = _create
_core.create_task = _create_in_asyncio


# The way out of the library, and back.


def _out():
    global _is_inside, _is_out
    was = _is_inside
    if _is_out:
        _leave()
    _is_inside = False
    return was


def _back(was):
    if was:
        _enter()


def outside(f):
    """`f`, a function of the world that the library may call with up to two arguments."""

    def call(a=None, b=None):
        was = _out()
        try:
            result = f() if a is None else f(a) if b is None else f(a, b)
            return _coroutine(result) if hasattr(result, "throw") else result
        finally:
            _back(was)

    return call


def _coroutine(coro):
    """`coro` of the world, awaited by the library."""
    error = value = None
    while True:
        was = _out()
        try:
            if error is None:
                wanted = coro.send(value)
            else:
                thrown = error
                error = None
                wanted = coro.throw(thrown)
        except StopIteration as e:
            return e.value
        finally:
            _back(was)
        try:
            value = yield wanted
        except GeneratorExit:
            coro.close()
            raise
        except BaseException as e:
            error = e
            value = None


class Transport:
    """`peer`, a transport of the world, as the library has it."""

    def __init__(self, peer):
        self._peer = peer

    @property
    def phase(self):
        return self._peer.phase

    @property
    def address(self):
        return self._peer.address

    def start(self, host, port, tls, server_hostname, timeout_ms):
        was = _out()
        try:
            self._peer.start(host, port, tls, server_hostname, timeout_ms)
        finally:
            _back(was)

    def step(self):
        was = _out()
        try:
            return self._peer.step()
        finally:
            _back(was)

    def recv_into(self, view):
        was = _out()
        try:
            return self._peer.recv_into(view)
        finally:
            _back(was)

    def send(self, view):
        was = _out()
        try:
            return self._peer.send(view)
        finally:
            _back(was)

    def wait(self, read, write, ms):
        was = _out()
        try:
            return _coroutine(self._peer.wait(read, write, ms))
        finally:
            _back(was)

    def close(self):
        was = _out()
        try:
            self._peer.close()
        finally:
            _back(was)


# The way into the library. The number of arguments is fixed: `*args` would allocate.


def call(f):
    _enter()
    try:
        return f()
    finally:
        _leave()


def call1(f, a):
    _enter()
    try:
        return f(a)
    finally:
        _leave()


def steps(coro):
    """Await this for a coroutine of the library that the application awaits."""
    return _step(coro)


def tidy():
    """Between two lives."""
    _unfill()
    gc.collect()
