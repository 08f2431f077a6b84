"""The platform below: sockets, clock, chance and SHA-1, one file a platform, one interface.

ticks_ms() -> int       milliseconds, wrapping at 2**29
urandom(n) -> bytes     from the system's cryptographic source
sha1(data) -> bytes     for the handshake's Accept
base64(data) -> bytes   without a line's end
Alarm()                 wakes one task: `set()`, and `await wait(ms)`, until it is set or `ms` have
                        passed (None: a day at least)
sleep_ms(ms)            awaitable, which on boards allocates nothing
running()               true in effect if an event loop runs
current_task()          the running task, or None
collect()               on boards: lets go of modules that only construction needs, and collects
                        garbage, before a dial needs memory in one piece
is_cancelled() -> bool  whether the loop's owner has cancelled the running task
Transport()             one dial: start, step, recv_into, send, wait, close; `phase`, and
                        `address`, the numeric one that it connects to
"""

import sys

from micropython import const

_POLL_MS = const(10)

# Each file has the name of what it is for: cpython, micropython, circuitpython.
platform = __import__("partysocket.net." + sys.implementation.name, None, None, ("",))


def chance():
    """A random int of 16 bits, as `core.lifecycle` takes it."""
    two = platform.urandom(2)
    return two[0] << 8 | two[1]


async def asked(source):
    """`source`, or what it gives if it can be called."""
    if callable(source):
        source = source()
        # A coroutine; on boards a generator.
        if hasattr(source, "send"):
            source = await source
    return source


def wait_of(transport):
    """The `wait` of a transport, or what stands in for it where it has none."""
    return getattr(transport, "wait", None) or _poll


async def _poll(read, write, ms):
    await platform.sleep_ms(_POLL_MS)
