"""A device that talks a lot: with debug=True, it prints every event, error and figure there is.

Runs on MicroPython and CPython. The one argument names a file of JSON: `dials`, a list of

    make        "socket" (a WebSocket), "party" or "fetch"
    arguments   of it by name
    given       arguments that a callable gives
"""

import asyncio
import json
import sys

from partysocket import PartySocket, WebSocket
from partysocket.net import platform as net
from partysocket.recorder import Recorder


class Local(net.Transport):
    def start(self, host, port, context, server_hostname, timeout_ms):
        if host.endswith(".test"):
            host = "127.0.0.1"
        super().start(host, port, context, server_hostname, timeout_ms)


def show(*words):
    print(*words)


async def converse(make, arguments):
    done = asyncio.Event()
    socket = make(debug=True, connection_timeout=500, transport=Local, **arguments)
    recorder = Recorder(socket)

    def on_event(event):
        show(event.type, getattr(event, "message", ""), repr(getattr(event, "error", "")))
        show(getattr(event, "reason", ""), socket.last_error)
        if event.type in ("open", "reconnecting"):
            done.set()

    for kind in ("open", "error", "close", "reconnecting", "giveup"):
        socket.add_event_listener(kind, on_event)
    await done.wait()
    socket.close()
    await socket.wait_closed()
    show(socket.stats(), recorder)


async def attempt(dial):
    arguments = dial["arguments"]
    for name in dial.get("given", {}):
        arguments[name] = lambda value=dial["given"][name]: value
    if dial["make"] == "fetch":
        answer = await PartySocket.fetch(timeout_ms=500, transport=Local, **arguments)
        show("answer", answer.status)
    else:
        await converse(WebSocket if dial["make"] == "socket" else PartySocket, arguments)


async def main():
    with open(sys.argv[1]) as f:
        settings = json.load(f)
    for dial in settings["dials"]:
        show("@", dial["name"])
        try:
            await attempt(dial)
        except Exception as e:
            show("raised", type(e).__name__, e)
    show("@ end")


asyncio.run(main())
