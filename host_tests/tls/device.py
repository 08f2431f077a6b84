"""Runs jobs, one after the other, on MicroPython and CPython, and prints the result of each.

The argument is the path of a JSON file: `jobs`, a list of

    what        "socket" (a WebSocket), "party" (a PartySocket), "fetch", "clock" or "roots"
    arguments   its arguments by name; `ssl` may be {"bytes": p} or {"context": p} with a file
    given       arguments that a function returns
    name        printed before all output of the job, after "@ "
    times       a socket stops when it was open so often (1): the server ends each connection
    messages    messages that it sends on each connection (1)
    late        it looks at the connection after the peer has sent something
    year        the year of the clock, for the library's messages
    clock       the file of libfaketime that sync_clock sets; rtc: whether there is a machine.RTC

It prints a line of JSON for each. At the end it keeps all its objects until the server at the port
`hold`, if there is one, releases it.
"""

import random

# The same on every device, so that a value drawn from it would be noticed.
random.seed(1)

import asyncio  # noqa: E402
import json  # noqa: E402
import select  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from partysocket import PartySocket, WebSocket  # noqa: E402
from partysocket.base import net  # noqa: E402

try:
    from partysocket.net import tls
# The name in the form for boards.
except ImportError:
    import partysocket.tls  # noqa: F401

    tls = sys.modules["partysocket.tls"]

# Certificates that the library loaded.
loads = []
# All transports: one that is not closed stays open, because it is never collected.
transports = []
# The values that it was set to.
rtc = []
# It has another name in the form for boards. Then loads are not counted.
_add = getattr(tls, "_add", None)


def counted(made, der):
    loads.append(len(der))
    _add(made, der)


tls._add = counted


class Year:
    """A clock that is not set."""

    def __init__(self, year):
        self._year = year

    def localtime(self):
        return (self._year, 1, 1, 0, 0, 0, 0, 1, 0)


class Machine:
    class RTC:
        def datetime(self, when):
            rtc.append(when)


class Local(net.Transport):
    """Every existing name is this machine."""

    def __init__(self):
        super().__init__()
        transports.append(self)

    def start(self, host, port, context, server_hostname, timeout_ms):
        if not host.endswith(".invalid"):
            host = "127.0.0.1"
        super().start(host, port, context, server_hostname, timeout_ms)


class Late(Local):
    """As on a busy machine: the peer has sent something before TLS begins."""

    def _connected(self):
        is_up = super()._connected()
        if is_up:
            poll = select.poll()
            poll.register(self._sock, select.POLLIN)
            poll.poll()
        return is_up


def arguments_of(job):
    arguments = dict(job["arguments"])
    for name in job.get("given", {}):
        arguments[name] = lambda value=job["given"][name]: value
    ssl = arguments.get("ssl")
    if isinstance(ssl, dict):
        ((form, path),) = ssl.items()
        with open(path, "rb") as f:
            arguments["ssl"] = f.read() if form == "bytes" else tls.context(path)
    return arguments


async def converse(job):
    result = {"opened": 0, "errors": [], "phases": [], "types": [], "delays": [], "warnings": []}
    # All that an application can see.
    said = result["said"] = []
    done = asyncio.Event()
    times, messages = job.get("times", 1), job.get("messages", 1)
    heard = []

    def on_event(event):
        said.append(f"{getattr(event, 'reason', '')} {event.target.last_error!r}")

    def on_open(event):
        result["opened"] += 1
        for _ in range(messages):
            event.target.send("hello")

    def on_message(event):
        heard.append(event.data)
        if result["opened"] < times:
            event.target.send("drop")
        elif len(heard) >= times * messages:
            done.set()

    def on_error(event):
        result["errors"].append(event.message)
        result["types"].append(type(event.error).__name__)
        result["phases"].append(event.target.last_error[0])
        said.append(repr(event.error))

    def on_reconnecting(event):
        result["delays"].append(event.delay_ms)
        if len(result["delays"]) == times or event.delay_ms > 60_000:
            done.set()

    make = WebSocket if job["what"] == "socket" else PartySocket
    how = {"transport": Late if job.get("late") else Local}
    how.update(debug_logger=result["warnings"].append, **arguments_of(job))
    socket = make(**how)
    recorder = None
    if how.get("debug"):
        from partysocket.recorder import Recorder

        recorder = Recorder(socket)
    socket.onopen = on_open
    socket.onmessage = on_message
    socket.onerror = on_error
    for kind in ("open", "error", "close", "reconnecting", "giveup"):
        socket.add_event_listener(kind, on_event)
    socket.add_event_listener("reconnecting", on_reconnecting)
    await done.wait()
    socket.close()
    await socket.wait_closed()
    said.append(f"{socket.stats()} {recorder}")
    return result


async def fetch(job):
    answer = await PartySocket.fetch(transport=Local, **arguments_of(job))
    return {"status": answer.status}


async def ask_for_the_time(job):
    from partysocket.clock import sync_clock

    told, turns = [], []

    def set_libfaketime(seconds):
        # It reads local time, which is UTC here.
        year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
        with open(job["clock"], "w") as f:
            f.write(f"@{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")

    async def other():
        while True:
            turns.append(1)
            await asyncio.sleep(0.01)

    arguments = arguments_of(job)
    if "clock" in job:
        arguments["set_clock"] = set_libfaketime
    elif "rtc" not in job:
        arguments["set_clock"] = told.append
    elif job["rtc"]:
        sys.modules["machine"] = Machine
    task = asyncio.create_task(other())
    result = await outcome(sync_clock(**arguments))
    task.cancel()
    if not isinstance(result, dict):
        result = {"seconds": result}
    result.update(told=told, turns=len(turns), rtc=rtc)
    return result


async def load_the_roots(job):
    """Load each of the library's roots into a context of its own, then all into one."""
    import binascii
    import hashlib
    import ssl

    from partysocket.roots import certificates

    found = []
    for der in certificates():
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=der)
        found.append(binascii.hexlify(hashlib.sha256(der).digest()).decode())
    tls._has_platform_roots = lambda made: False
    return {"found": found, "verifies": tls.context(True).verify_mode == ssl.CERT_REQUIRED}


async def outcome(awaitable):
    try:
        return await awaitable
    except Exception as e:
        return {"error": str(e), "type": type(e).__name__, "is_os_error": isinstance(e, OSError)}


WORK = {
    "socket": converse,
    "party": converse,
    "fetch": fetch,
    "clock": ask_for_the_time,
    "roots": load_the_roots,
}


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    random.seed(1)
    for job in settings["jobs"]:
        print("@", job.get("name"))
        del loads[:]
        tls.time = Year(job["year"]) if "year" in job else time
        result = await outcome(WORK[job["what"]](job))
        count = len(loads) if _add else None
        result.update(loads=count, year=time.localtime()[0])
        print(json.dumps(result))
    print("@ end")
    if settings["hold"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings["hold"])
        await reader.read(1)
        writer.close()


asyncio.run(main())
