"""A device for tests. It prints each event as a line of JSON, and obeys the messages that it gets.

Runs on MicroPython and CPython. The argument is the path of a JSON file: `url`, or `host` and
`room`; `options`; `send`: texts to send at once.

    "say:TEXT"     send TEXT              "quit:CODE"    close(CODE), wait for the end, and exit
    "binary:N"     send N bytes           "reconnect"    reconnect()
"""

import asyncio
import json
import sys

from partysocket import PartySocket, WebSocket

with open(sys.argv[1]) as f:
    settings = json.load(f)


def tell(what, **fields):
    fields["what"] = what
    print(json.dumps(fields))
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


def obey(event):
    data = event.data
    if isinstance(data, bytes):
        tell("binary", size=len(data), sum=sum(data))
        return
    tell("text", data=data)
    order, _, rest = data.partition(":")
    if order == "say":
        tell("sent", open=event.target.send(rest))
    elif order == "binary":
        event.target.send(bytes([i & 255 for i in range(int(rest))]))
    elif order == "reconnect":
        event.target.reconnect()
    elif order == "quit":
        event.target.close(int(rest))


async def main():
    options = settings.get("options", {})
    if "url" in settings:
        socket = WebSocket(settings["url"], options.pop("protocols", None), **options)
    else:
        socket = PartySocket(settings["host"], settings["room"], **options)
    socket.onopen = lambda e: tell("open", reconnected=e.reconnected, protocol=socket.protocol)
    socket.onmessage = obey
    socket.onclose = lambda e: tell("close", code=e.code, reason=e.reason, clean=e.was_clean)
    socket.onerror = lambda e: tell("error", message=e.message, phase=socket.last_error[0])
    socket.add_event_listener("reconnecting", lambda e: tell("reconnecting", ms=e.delay_ms))
    for text in settings.get("send", ()):
        tell("queued", open=socket.send(text))
    await socket.wait_closed()
    tell("ended", stats=socket.stats())


asyncio.run(main())
