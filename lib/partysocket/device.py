"""A device in a room, in a few lines: its readings, its commands, and its description.

    device = Device("192.168.1.20:1999", "home", "porch", units={"temperature": "°C"})
    device.send(temperature=21.5)

The messages are those of tools/room_server/ROOMS.md.
"""

import asyncio
import gc
import json

from micropython import const

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import Error, PartySocket, asked, net, ticks_diff
from .net.rssi import rssi

# Between two readings that also have free_memory, reconnects and rssi.
_STATUS_MS = const(60000)
# With those three it is 32 values at most, the room's limit.
_MOST_VALUES = const(29)
# Limits of the room for a text and for an integer.
_MOST_CHARS = const(256)
_MOST_INT = 1 << 53
# An async handler is cancelled after this time.
_COMMAND_S = const(60)
# The last complaints are kept, so that each is told only once.
_MOST_TOLD = const(8)
# What a handler may raise.
_MISTAKES = (Exception, asyncio.CancelledError)


class Device:
    """The device `name` in a room. Its PartySocket is `.socket`.

    `host`, `room` and `options` are those of PartySocket. `title`: the name to show to people.
    `units`: {value name: unit}. `controls`: what a dashboard offers, a list of dicts with
    `name`, `type` ("button", "switch", "slider"), perhaps `label`, and for a slider `min`,
    `max` and perhaps `step`. These three may be changed later: the room is told with the next
    join, or by `say_hello()`. `token`: the one that the server asks for, if it does.

    From the room it gets only its own commands, and the results of commands that it has sent
    itself. To get everything: query={"hears": "all"}.

    If the room refuses something, that is an `error` event of the socket and a line to its
    `debug_logger`, once for each text. ValueError: the name is no text of 1 to 64 characters.
    """

    def __init__(
        self, host, room, name, *, title=None, units=None, controls=None, token=None, **options
    ):
        if not isinstance(name, str) or not 0 < len(name) <= 64:
            raise ValueError("a device's name is a text of 1 to 64 characters, not %r" % (name,))
        self.name = name
        self.title = title
        self.units = units
        self.controls = controls
        # {command: handler}, and {command: task} of the async ones that are at work.
        self._handlers = {}
        self._running = {}
        self._told = []
        self._opens = 0
        # Ticks of the last reading with _STATUS_MS's three values.
        self._status_at = 0
        self._link = options.get("link")
        options["query"] = _joined(
            {"role": "device", "name": name, "hears": "commands"}, options.get("query")
        )
        if token:
            authorization = {"Authorization": "Bearer %s" % token}
            options["headers"] = _joined(authorization, options.get("headers"))
        self.socket = PartySocket(host, room, hello=self._hello, **options)
        self.socket.add_event_listener("open", self)
        self.socket.add_event_listener("message", self)

    def send(self, values=None, **named):
        """Send a reading, as send(temperature=21.5) or send({"temperature": 21.5}): at most 32
        values, each a number, a bool or a text. Returns what PartySocket.send returns, or False
        if there is nothing to send. ValueError: it is longer than the socket's queue.

        A text is cut after 256 characters. Anything that is no value, for example None from a
        sensor that failed, is left out and told once. `free_memory`, `reconnects` and `rssi`,
        if the board can tell them, are sent with each connection and then with one reading a
        minute.
        """
        if values is not None and not hasattr(values, "items"):
            raise TypeError(
                "send takes values by name, as send(temperature=21.5), not %r" % (values,)
            )
        reading = {}
        given = dict(values or (), **named)
        for name in given:
            value = given[name]
            if isinstance(value, str):
                reading[name] = value[:_MOST_CHARS]
            elif (
                isinstance(value, float)
                and value - value == 0
                or (
                    # Infinity minus itself is not 0, and neither is "not a number".
                    isinstance(value, (bool, int)) and abs(value) <= _MOST_INT
                )
            ):
                reading[name] = value
            else:
                # A list is not shown in full: it may be long, and different each time.
                shown = value if value is None or isinstance(value, float) else type(value)
                self._complain("%s=%s is left out: no finite number, bool or text" % (name, shown))
        # Not while offline: only what was measured should wait, perhaps on flash.
        if (
            self.socket.ready_state == self.socket.OPEN
            and len(reading) <= _MOST_VALUES
            and ticks_diff(net.ticks_ms(), self._status_at) >= _STATUS_MS
        ):
            self._add_status(reading)
        return bool(reading) and self._say("reading", values=reading)

    def on_command(self, name, handler=None):
        """Carry out the command `name` by `handler(value)`, async or not. If the command has no
        value, it is None. Also a decorator: @device.on_command("led").

        The handler's return value is the result's value. If it raises, the sender gets the text
        of the exception. Afterwards a switch or slider in `controls` shows the returned value,
        or the commanded value if it returned None: it is sent as a reading. An async handler is
        cancelled after a minute; until it is done, the same command is refused.
        """
        if not isinstance(name, str) or not (handler is None or callable(handler)):
            raise TypeError("on_command takes a command's name and perhaps what carries it out")
        if handler is None:
            return lambda handler: self.on_command(name, handler)
        self._handlers[name] = handler
        return handler

    def say_hello(self):
        """Tell the room what has changed in `title`, `units` or `controls`."""
        if self.socket.ready_state == self.socket.OPEN:
            self.socket.send(self._hello())

    def close(self, code=1000, reason=""):
        """See PartySocket.close."""
        self.socket.close(code, reason)

    async def flush(self, timeout_ms=None):
        """See PartySocket.flush."""
        return await self.socket.flush(timeout_ms)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()
        for task in list(self._running.values()):
            task.cancel()
        await self.socket.wait_closed()

    # For the socket.

    def handle_event(self, event):
        """A connection is there, or a message has come."""
        if event.type == "open":
            self._opens += 1
            reading = {}
            self._add_status(reading)
            self._say("reading", values=reading)
            return None
        try:
            message = json.loads(event.data)
            kind = message["type"]
            what = message["name" if kind == "command" else "error"]
        except (ValueError, TypeError, KeyError):
            # It is another message of the room.
            return None
        if kind == "command":
            self._obey(what, message.get("value"))
            return self._written()
        if kind == "error":
            self._complain("the room refuses: %s" % what, True)

    def _hello(self):
        told = {
            "type": "hello",
            "name": self.title,
            "units": self.units,
            "controls": self.controls,
        }
        return json.dumps({key: told[key] for key in told if told[key] is not None})

    # Inside.

    def _say(self, kind, **fields):
        return self.socket.send(json.dumps(dict(fields, type=kind)))

    def _add_status(self, reading):
        self._status_at = net.ticks_ms()
        reading["reconnects"] = max(0, self._opens - 1)
        if hasattr(gc, "mem_free"):
            gc.collect()
            reading["free_memory"] = gc.mem_free()
        signal = rssi(self._link)
        if signal:
            reading["rssi"] = signal

    def _obey(self, name, wanted):
        """Carry out a command, and answer. An async handler gets its own task, so that the
        reader can go on and answer the server's pings.
        """
        if name not in self._handlers:
            known = ", ".join(sorted(self._handlers)) or "none"
            self._refuse(name, "no command %r: this device has %s" % (name, known))
        elif name in self._running:
            self._refuse(name, "busy: the last %r is not done" % name)
        else:
            try:
                value = self._handlers[name](wanted)
                if hasattr(value, "send"):
                    awaiting = self._await(name, wanted, value)
                    self._running[name] = asyncio.create_task(awaiting)
                    return
                self._answer(name, value)
            except _MISTAKES as e:
                self._fail(name, e)
            else:
                self._show(name, wanted if value is None else value)

    async def _await(self, name, wanted, awaitable):
        try:
            # Without this limit a handler that never ends would block its command for ever, and
            # nobody would know why.
            value = await asyncio.wait_for(awaitable, _COMMAND_S)
            self._answer(name, value)
        except _MISTAKES as e:
            self._fail(name, e)
        else:
            self._show(name, wanted if value is None else value)
        finally:
            del self._running[name]

    async def _written(self):
        """Wait until the answer is written. Otherwise a burst of commands would push the first
        answers out of the queue.
        """
        socket = self.socket
        while socket._protocol.unwritten and socket.ready_state == socket.OPEN:
            await asyncio.sleep(0.01)

    def _answer(self, name, value):
        if value is None:
            self._say("result", name=name, ok=True)
            return
        try:
            # On boards json.dumps accepts everything, even if the result is no JSON.
            json.loads(json.dumps(value))
        except (ValueError, TypeError):
            raise TypeError("the handler returned what is no JSON: %r" % (value,))
        self._say("result", name=name, ok=True, value=value)

    def _show(self, name, value):
        """If there is a control of that name, send a reading so that it shows this value."""
        for control in self.controls or ():
            if control["name"] == name and control["type"] != "button" and value is not None:
                self.send({name: value})

    def _fail(self, name, error):
        self.socket._report(error)
        try:
            text = str(error)
        except Exception:
            # An application's exception may raise here.
            text = ""
        self._refuse(name, text or type(error).__name__)

    def _refuse(self, name, text):
        self._say("result", name=name, ok=False, error=text[:_MOST_CHARS])

    def _complain(self, text, is_event=False):
        """Tell the device's owner what is wrong, once for each text."""
        if text in self._told:
            return
        self._told = self._told[1 - _MOST_TOLD :] + [text]
        socket = self.socket
        socket._warn(text)
        if is_event:
            socket._tell(socket._new_event("error", error=Error(text), message=text))


def _joined(ours, more):
    """Return a query or headers: `ours` with those of the application. It is a callable if the
    application's are one.
    """
    if more is None:
        return ours
    if not callable(more):
        # PartySocket refuses anything else.
        return dict(ours, **more) if hasattr(more, "items") else more

    async def both():
        return dict(ours, **(await asked(more) or {}))

    return both
