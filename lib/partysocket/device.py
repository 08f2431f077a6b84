"""A device in a room, in a few lines: its readings, its commands, and what it tells of itself.

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

_STATUS_MS = const(60000)  # between two readings that also tell how the board is
_COMMAND_S = const(60)  # for an async handler
_MOST_CHARS = const(256)  # of a text, as the room takes it
_MOST_TOLD = const(8)  # complaints that are remembered, so that each is told once


class Device:
    """The device `name` in a room, over a PartySocket of its own, at `.socket`.

    `host`, `room` and `options`: as for PartySocket. `title`: what people call it. `units`:
    {value name: unit}. `controls`: what a dashboard offers, a list of dicts with `name`, `type`
    ("button", "switch", "slider"), perhaps `label`, and a slider's `min`, `max` and `step`. All
    three may be changed later: the room hears of it with the next join, or by `say_hello()`.
    `token`: what the server asks for.

    Of the room it hears only its own commands, and the results of those that it has sent. To hear
    everything: query={"hears": "all"}.

    What the room refuses becomes an `error` event of the socket, and a line to its
    `debug_logger`, once. ValueError: a name that is no text of 1 to 64 characters.
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
        self._handlers = {}  # by command
        self._told = []  # the complaints
        self._opens = 0
        self._is_due = False  # the next reading tells how the board is ...
        self._status_at = 0  # ... as it did at these ticks
        self._link = options.get("link")
        options["query"] = _joined(
            {"role": "device", "name": name, "hears": "commands"}, options.get("query")
        )
        if token:
            authorization = {"Authorization": "Bearer " + token}
            options["headers"] = _joined(authorization, options.get("headers"))
        self.socket = PartySocket(host, room, hello=self._hello, **options)
        self.socket.add_event_listener("open", self)
        self.socket.add_event_listener("message", self)

    def send(self, values=None, **named):
        """Send a reading, as send(temperature=21.5) or send({"temperature": 21.5}); a value is a
        number, a bool or a text. True and False as of PartySocket.send; False too if there is
        nothing to send.

        A text is cut after 256 characters. Anything else that the room would refuse, as None of a
        sensor that failed, is left out, and told once. With each connection, and then with a
        reading a minute, go `free_memory`, `reconnects` and `rssi`, where the board can tell them.
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
            # What infinity and "not a number" have in common: less themselves they are not 0.
            elif isinstance(value, (bool, int, float)) and value - value == 0:
                reading[name] = value
            else:
                self._complain("%s=%r is left out: no number, bool or text" % (name, value))
        # Not while offline: what waits, perhaps on flash, is what was measured.
        if self._is_due or (
            self.socket.ready_state == self.socket.OPEN
            and ticks_diff(net.ticks_ms(), self._status_at) >= _STATUS_MS
        ):
            self._add_status(reading)
        return bool(reading) and self._say("reading", values=reading)

    def on_command(self, name, handler=None):
        """Carry out the command `name` by `handler(value)`, async or not; the value is None if the
        command has none. As a decorator: @device.on_command("led").

        What the handler returns is the result's value; what it raises is told to the sender. When
        it has returned, a switch or slider that is declared in `controls` shows that value, or the
        commanded one if that is None: it is sent as a reading. An async handler has a minute;
        meanwhile the next command waits.
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
        await self.socket.wait_closed()

    # For the socket.

    def handle_event(self, event):
        """A connection is there, or a message has come."""
        if event.type == "open":
            self._opens += 1
            self._is_due = True
            self.send()
            return None
        try:
            message = json.loads(event.data)
            kind = message["type"]
            what = message["name" if kind == "command" else "error"]
        except (ValueError, TypeError, KeyError):
            return None  # something else that is said in the room
        if kind == "command":
            return self._obey(what, message.get("value"))
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
        self._is_due = False
        self._status_at = net.ticks_ms()
        reading["reconnects"] = max(0, self._opens - 1)
        if hasattr(gc, "mem_free"):
            gc.collect()
            reading["free_memory"] = gc.mem_free()
        signal = rssi(self._link)
        if signal:
            reading["rssi"] = signal

    def _obey(self, name, wanted):
        """Carry out a command, and answer; returns what an async handler wants awaited."""
        if name not in self._handlers:
            known = ", ".join(sorted(self._handlers)) or "none"
            error = "no command %r: this device has %s" % (name, known)
            self._say("result", name=name, ok=False, error=error[:_MOST_CHARS])
            return None
        try:
            value = self._handlers[name](wanted)
            if hasattr(value, "send"):
                return self._await(name, wanted, value)
            self._answer(name, value)
        except Exception as e:
            return self._fail(name, e)
        self._show(name, wanted if value is None else value)

    async def _await(self, name, wanted, awaitable):
        try:
            # With no end to it, the device would hear no command any more, and nobody would know.
            value = await asyncio.wait_for(awaitable, _COMMAND_S)
            self._answer(name, value)
        except Exception as e:
            return self._fail(name, e)
        self._show(name, wanted if value is None else value)

    def _answer(self, name, value):
        if value is None:
            self._say("result", name=name, ok=True)
            return
        try:
            # On boards json.dumps makes something of everything, though it may not be JSON.
            json.loads(json.dumps(value))
        except (ValueError, TypeError):
            raise TypeError("the handler returned what is no JSON: %r" % (value,))
        self._say("result", name=name, ok=True, value=value)

    def _show(self, name, value):
        """Have the control of that name show this value, if there is one that shows any."""
        for control in self.controls or ():
            if control["name"] == name and control["type"] != "button" and value is not None:
                self.send({name: value})

    def _fail(self, name, error):
        self.socket._report(error)
        text = str(error) or type(error).__name__
        self._say("result", name=name, ok=False, error=text[:_MOST_CHARS])

    def _complain(self, text, is_event=False):
        """Tell the device's owner what is wrong, once."""
        if text in self._told:
            return
        self._told = self._told[1 - _MOST_TOLD :] + [text]
        socket = self.socket
        socket._warn(text)
        if is_event:
            socket._tell(socket._new_event("error", error=Error(text), message=text))


def _joined(ours, more):
    """A query or headers: `ours`, and over them the application's; a callable if these are one."""
    if more is None:
        return ours
    if not callable(more):
        # Something else is for PartySocket to refuse.
        return dict(ours, **more) if hasattr(more, "items") else more

    async def both():
        return dict(ours, **(await asked(more) or {}))

    return both
