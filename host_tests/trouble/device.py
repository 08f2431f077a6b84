"""Dials what the tests of trouble.md have for it, one fault after the other, on MicroPython and
CPython; tells as JSON what debug_logger got until the first dial had failed.

The one argument names a file of JSON, a list of

    name       of the cause
    url        that is dialled; or party, the arguments of a PartySocket
    options    more arguments; `ssl` may be the path of a root
    acts       a provider that does this: "memory" or "hang", for `url`
    transport  "unresolved", whose look-up never ends, or "odd", whose connect fails oddly
    year       what the clock shows, for the library's messages
"""

import asyncio
import json
import sys
import time

import partysocket
from partysocket import PartySocket, WebSocket
from partysocket.base import net

try:
    from partysocket.net import tls
except ImportError:  # the form for boards has it there
    import partysocket.tls  # noqa: F401

    tls = sys.modules["partysocket.tls"]


class Year:
    """A clock that is not set."""

    def __init__(self, year):
        self._year = year

    def localtime(self):
        return (self._year, 1, 1, 0, 0, 0, 0, 1, 0)


class Unresolved:
    """Scripted, since no look-up can be made to hang: one that does."""

    phase = "dns"

    def start(self, *target):
        pass

    def step(self):
        return False

    def close(self):
        pass


class Odd(net.Transport):
    """Fails as nothing in the table does."""

    def step(self):
        raise OSError(5, "EIO")


TRANSPORTS = {"unresolved": Unresolved, "odd": Odd}


async def hang():
    await asyncio.sleep(60)


ACTS = {"memory": lambda: bytearray(1 << 48 if sys.maxsize >> 40 else 1 << 30), "hang": hang}


async def told(job):
    lines = []
    done = asyncio.Event()
    options = dict(job.get("options", {}), debug_logger=lines.append)
    if "transport" in job:
        options["transport"] = TRANSPORTS[job["transport"]]
    tls.time = Year(job["year"]) if "year" in job else time
    if "party" in job:
        socket = PartySocket(**dict(job["party"], **options))
    else:
        socket = WebSocket(ACTS[job["acts"]] if "acts" in job else job["url"], **options)
    socket.add_event_listener("reconnecting", lambda event: done.set())
    socket.add_event_listener("open", lambda event: done.set())
    await done.wait()
    socket.close()
    await socket.wait_closed()
    return lines


async def main():
    with open(sys.argv[1]) as f:
        jobs = json.load(f)
    for job in jobs:
        lines = await told(job)
        words = ("causes", "soft")  # the form for boards has them there
        kept = [name for name in words if "partysocket." + name in sys.modules]
        kept += [name for name in words if name in dir(partysocket)]
        print(json.dumps({"name": job["name"], "lines": lines, "kept": kept}))


asyncio.run(main())
