"""PartySocket's React hooks as a context manager: a socket that follows its settings.

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
# These settings and "protocols" say where a socket connects to. Other settings say how.
_PARTY = ("host", "room", "party", "base_path", "prefix", "path", "protocol")
_WEB = ("url",)


def use_party_socket(**settings):
    """A PartySocket that follows its settings. They are the arguments of its constructor, by name,
    and these:

    `on_open`, `on_message`, `on_close`, `on_error`: handlers. `enabled`: False closes the socket,
    and True opens it again. `transfer_enqueued_messages`: when a changed setting makes a new
    socket, whether it takes over the messages that the old one had not sent. True: always. False:
    never. None: if it connects to the same place (the address without `query` and `id`).
    """
    return Hook(PartySocket, _PARTY, settings)


def use_web_socket(url, protocols=None, **settings):
    """A WebSocket that follows its settings, as use_party_socket does."""
    return Hook(WebSocket, _WEB, dict(settings, url=url, protocols=protocols))


class Hook:
    """A context manager that owns a socket. `socket` is the current one. Leaving closes it."""

    def __init__(self, make, place, settings):
        self.socket = None
        self._make = make
        self._place = place + ("protocols",)
        self._settings = settings
        # Old sockets that are still closing.
        self._former = []
        # The task that waits for them and then dials.
        self._successor = None
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
        """Change settings. Handlers are replaced, and `enabled` opens and closes the socket. Any
        other setting that differs makes a new socket, which dials when the old one has closed.
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
            # First, because it may raise, and nothing has changed yet.
            new = self._new(settings)
            self._hand_over(old, new, changed, settings.get("transfer_enqueued_messages"))
            self.socket = new
            self._former.append(old)
            old.close()
        self._settings = settings
        self._attach(self.socket, settings)
        if not is_enabled:
            # A socket that has not dialled yet is not closed, so that tasks can go on waiting for
            # it.
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
        """The names of the settings that are arguments of the socket."""
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
        """Move unsent messages to the new socket, or drop them with a warning."""
        messages = old.drain_queued_messages()
        if not messages:
            return
        if transfer is None:
            transfer = not [name for name in changed if name in self._place]
        if transfer:
            for message in messages:
                new.send(message)
        else:
            # The npm package uses the same words.
            new._warn(
                "discarded %d buffered message(s) while replacing the socket: see "
                "transfer_enqueued_messages" % len(messages)
            )

    def _dial(self):
        """Dial when the old sockets have closed and released their memory."""
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
