"""The platform below: sockets, clock, chance and SHA-1, one file a platform, one interface.

ticks_ms() -> int       milliseconds, wrapping at 2**29
urandom(n) -> bytes     from the system's cryptographic source
sha1(data) -> bytes     for the handshake's Accept
base64(data) -> bytes   without a line's end
wait_event(event, ms)   coroutine: until `event` is set, or `ms` passed (None: never); the event
                        may be set by that
running()               true in effect if an event loop runs
current_task()          the running task, or None
collect()               collects garbage before a dial needs memory in one piece, on boards
is_cancelled() -> bool  whether the loop's owner has cancelled the running task
Transport()             one dial: start, step, recv_into, send, wait, close; `phase`, and
                        `address`, the numeric one that it connects to
"""

import sys

# Each file has the name of what it is for: cpython, micropython, circuitpython.
platform = __import__("partysocket.net." + sys.implementation.name, None, None, ("",))
