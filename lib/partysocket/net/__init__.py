"""The platform: sockets, clock, random bytes and SHA-1. Each platform has one file, and all files
have the same interface:

ticks_ms() -> int       milliseconds, wrapping at 2**29
urandom(n) -> bytes     from the system's cryptographic source
sha1(data) -> bytes     for the handshake's Accept
base64(data) -> bytes   without a line end
Alarm()                 wakes one task: `await wait(ms)` returns after `set()`, or when `ms` have
                        passed (None: after a day or more)
sleep_ms(ms)            awaitable; on boards it allocates nothing
running()               truthy if an event loop runs
current_task()          the running task, or None
collect()               on boards: unloads modules that only the constructor needs, and collects
                        garbage, because a dial needs memory in large pieces
is_cancelled() -> bool  whether the application has cancelled the running task
Transport()             one dial: start, step, recv_into, send, wait, close; `phase`, and
                        `address`, the numeric address that it connects to
"""

import sys

from micropython import const

_POLL_MS = const(10)

# The files are named after sys.implementation.name: cpython, micropython, circuitpython.
platform = __import__("partysocket.net." + sys.implementation.name, None, None, ("",))


def chance():
    """A random int of 16 bits, as `core.lifecycle` takes it."""
    two = platform.urandom(2)
    return two[0] << 8 | two[1]


async def asked(source):
    """Return `source`, or its result if it is a function (async or not)."""
    if callable(source):
        source = source()
        # It is a coroutine; on boards a generator.
        if hasattr(source, "send"):
            source = await source
    return source


def wait_of(transport):
    """Return the `wait` of a transport. If it has none, return one that polls."""
    return getattr(transport, "wait", None) or _poll


async def _poll(read, write, ms):
    await platform.sleep_ms(_POLL_MS)
