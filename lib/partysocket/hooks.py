"""What PartySocket's React hooks do, as a context: a socket that follows its settings.

async with use_party_socket(host="...", room="...", on_message=show) as hook:
    hook.socket.send("hello")
    hook.update(room="another")  # a new connection; the handlers and the queue go with it
    hook.update(enabled=False)  # closed, until enabled=True
"""

import asyncio

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import Error, PartySocket, WebSocket

_HANDLERS = ("on_open", "on_message", "on_close", "on_error")
_PARTY = ("host", "room", "party", "base_path", "prefix", "path", "protocol")  # with "protocols",
_WEB = ("url",)  # where to; other options say how


def use_party_socket(**settings):
    """A PartySocket with the arguments of its constructor, by name; and

    `on_open`, `on_message`, `on_close`, `on_error`: handlers. `enabled`: False closes the socket,
    and True opens it again. `transfer_enqueued_messages`: when a changed setting makes a new
    socket, its queue takes over what the old one had not sent: None, if it goes to the same place
    (all but `query` and `id` of the address); True, always; False, never.
    """
    return Hook(PartySocket, _PARTY, settings)


def use_web_socket(url, protocols=None, **settings):
    """The same for a WebSocket."""
    return Hook(WebSocket, _WEB, dict(settings, url=url, protocols=protocols))


class Hook:
    """A context that owns a socket: `socket`, the live one. Leaving it closes that."""

    def __init__(self, make, place, settings):
        self.socket = None
        self._make = make
        self._place = place + ("protocols",)
        self._settings = settings
        self._former = []  # sockets that still close
        self._successor = None  # the task that waits for those
        self._check(settings)

    async def __aenter__(self):
        self.socket = self._new(self._settings)
        if self._settings.get("enabled", True):
            self.socket.reconnect()
        return self

    async def __aexit__(self, *_):
        if self._successor is not None:
            self._successor.cancel()
        self.socket.close()
        for socket in self._former + [self.socket]:
            await socket.wait_closed()

    def update(self, **changes):
        """Change settings. Handlers are swapped, `enabled` opens and closes; anything else that
        differs from before makes a new socket, which dials when the old one has let go.
        """
        if self.socket is None:
            raise Error("update() before `async with`: nothing is mounted")
        self._check(changes)
        before = self._settings
        settings = dict(before)
        settings.update(changes)
        changed = [name for name in self._connection(settings) if _differs(name, before, settings)]
        old = self.socket
        is_enabled = settings.get("enabled", True)
        if changed:
            new = self._new(settings)  # raises before anything has changed
            self._hand_over(old, new, changed, settings.get("transfer_enqueued_messages"))
            self.socket = new
            self._former.append(old)
            old.close()
        self._settings = settings
        self._attach(self.socket, settings)
        if not is_enabled:
            # A socket that has not begun, or waits for the former ones, need not be closed: who
            # waits for it goes on doing so.
            if not changed and not self._former:
                self.socket.close()
        elif changed or not before.get("enabled", True):
            self._dial()

    def _check(self, settings):
        for name in _HANDLERS:
            handler = settings.get(name)
            if handler is not None and not callable(handler):
                raise TypeError("%s is a callable, not %s" % (name, type(handler).__name__))
        for name in ("enabled", "transfer_enqueued_messages"):
            if settings.get(name) not in (None, True, False):
                raise TypeError("%s is True or False, not %r" % (name, settings[name]))
        if "start_closed" in settings:
            raise TypeError("a hook has enabled=False for start_closed=True")

    def _connection(self, settings):
        """The names of the settings that are the socket's own."""
        ours = _HANDLERS + ("enabled", "transfer_enqueued_messages")
        return [name for name in settings if name not in ours]

    def _new(self, settings):
        arguments = {name: settings[name] for name in self._connection(settings)}
        socket = self._make(start_closed=True, **arguments)
        if not getattr(socket, "room_url", True):
            from .wrong import of_target

            raise of_target(socket.host)
        self._attach(socket, settings)
        return socket

    def _attach(self, socket, settings):
        socket.onopen = settings.get("on_open")
        socket.onmessage = settings.get("on_message")
        socket.onclose = settings.get("on_close")
        socket.onerror = settings.get("on_error")

    def _hand_over(self, old, new, changed, transfer):
        """What was never sent goes to the new socket, or is dropped, and said to be."""
        messages = old.drain_queued_messages()
        if not messages:
            return
        if transfer is None:
            transfer = not [name for name in changed if name in self._place]
        if transfer:
            for message in messages:
                new.send(message)
        else:
            # npm's words.
            new._warn(
                "discarded %d buffered message(s) while replacing the socket: see "
                "transfer_enqueued_messages" % len(messages)
            )

    def _dial(self):
        """Dial when the former sockets have let go of their connections and memory."""
        if not self._former:
            self.socket.reconnect()
        elif self._successor is None:
            self._successor = asyncio.create_task(self._succeed())

    async def _succeed(self):
        try:
            while self._former:
                await self._former[0].wait_closed()
                self._former.pop(0)
            if self._settings.get("enabled", True):
                self.socket.reconnect()
        finally:
            self._successor = None


def _differs(name, before, after):
    if name not in before:
        return after[name] is not None
    return before[name] != after[name]
