"""Dials what it is told, one after the other, on MicroPython and CPython; tells how each went.

The one argument names a file of JSON: `dials`, a list of

    name, host, port    what to dial; every name is this machine, its certificate checked by it
    ssl                 as the option; {"path": p}, {"bytes": p} and {"context": p} name a file
    how                 "socket", or "fetch"
    options             of the socket, or of fetch
    year                what the clock shows, for the library's messages
    late                the socket looks at the connection when the peer has spoken
    dials               stop after that many (1 if not given): the server ends each

It prints a line of JSON for each: `name`; `opened`; `errors`, `phases` and `types`; `delays`, the
waits that would follow; `warnings`; `loads`, how many certificates were loaded; or for fetch
`status`, or `error` and `type`. At last it keeps all that it has until the server at the port
`hold`, if there is one, lets it go.
"""

import asyncio
import json
import select
import sys
import time

from partysocket import PartySocket, WebSocket
from partysocket.net import platform as net
from partysocket.net import tls

loads = []  # of certificates, by the library
transports = []  # all there were: what isn't closed stays open, as no collection ends it
_add = tls._add


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


class Local(net.Transport):
    """Every name is this machine."""

    def __init__(self):
        super().__init__()
        transports.append(self)

    def start(self, host, port, context, server_hostname, timeout_ms):
        super().start("127.0.0.1", port, context, server_hostname, timeout_ms)


class Late(Local):
    """As on a busy machine: the peer has spoken before TLS begins."""

    def _connected(self):
        is_up = super()._connected()
        if is_up:
            poll = select.poll()
            poll.register(self._sock, select.POLLIN)
            poll.poll()
        return is_up


def read(path):
    with open(path, "rb") as f:
        return f.read()


def trusted(ssl):
    if not isinstance(ssl, dict):
        return ssl
    ((form, path),) = ssl.items()
    if form == "path":
        return path
    return read(path) if form == "bytes" else tls.context(path)


async def converse(dial):
    result = {"opened": 0, "errors": [], "phases": [], "types": [], "delays": [], "warnings": []}
    done = asyncio.Event()
    most = dial.get("dials", 1)

    def on_open(event):
        result["opened"] += 1
        event.target.send("hello")

    def on_message(event):
        if result["opened"] == most:
            done.set()
        else:
            event.target.send("drop")

    def on_error(event):
        result["errors"].append(event.message)
        result["types"].append(type(event.error).__name__)
        result["phases"].append(event.target.last_error[0])

    def on_reconnecting(event):
        result["delays"].append(event.delay_ms)
        if len(result["delays"]) == most or event.delay_ms > 60_000:
            done.set()

    socket = WebSocket(
        dial.get("url") or f"wss://{dial['host']}:{dial['port']}/",
        ssl=trusted(dial["ssl"]),
        transport=Late if dial.get("late") else Local,
        debug_logger=result["warnings"].append,
        **dial.get("options", {}),
    )
    socket.onopen = on_open
    socket.onmessage = on_message
    socket.onerror = on_error
    socket.add_event_listener("reconnecting", on_reconnecting)
    await done.wait()
    socket.close()
    await socket.wait_closed()
    return result


async def fetch(dial):
    host = f"{dial['host']}:{dial['port']}"
    options = dial.get("options", {})
    try:
        answer = await PartySocket.fetch(
            host, "r", protocol="wss", ssl=trusted(dial["ssl"]), transport=Local, **options
        )
    except Exception as e:
        return {"error": str(e), "type": type(e).__name__}
    return {"status": answer.status}


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    for dial in settings["dials"]:
        del loads[:]
        tls.time = Year(dial["year"]) if "year" in dial else time
        result = await (fetch if dial["how"] == "fetch" else converse)(dial)
        result["name"] = dial["name"]
        result["loads"] = len(loads)
        print(json.dumps(result))
    if settings["hold"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings["hold"])
        await reader.read(1)
        writer.close()


asyncio.run(main())
