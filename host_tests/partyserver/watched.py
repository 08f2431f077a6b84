"""A socket of our library at the real PartyServer, which records the bytes of its connections."""

import asyncio
import binascii
import os

from partysocket import PartySocket, WebSocket
from partysocket.base import net as platform

# The limit of every wait. Only a failure takes this long.
WAIT_S = 30


class Wire(platform.Transport):
    """One connection. `forge`: (bytes, other bytes), a replacement in the first bytes sent."""

    def __init__(self, forge=None):
        super().__init__()
        self.forge = forge
        self.request = b""
        self.got = b""
        # True if the server has ended it.
        self.ended = False
        # While True nothing is sent, as if the network accepted nothing.
        self.mute = False

    def recv_into(self, view):
        n = super().recv_into(view)
        if n:
            if len(self.got) < 100_000:
                self.got += bytes(view[:n])
        elif n == 0:
            self.ended = True
        return n

    def send(self, view):
        if self.mute:
            return 0
        if not self.request:
            self.request = bytes(view)
            if self.forge:
                view = memoryview(self.request.replace(*self.forge))
        return super().send(view)

    def head(self):
        return self.got.split(b"\r\n\r\n")[0]

    def frames(self):
        """(opcode, payload) of each frame after the head."""
        data = self.got[len(self.head()) + 4 :]
        while data:
            size, at = data[1], 2
            if size > 125:
                at = 4 if size == 126 else 10
                size = int.from_bytes(data[2:at], "big")
            assert data[0] & 0xF0 == 0x80, "a fragment, or RSV"
            yield data[0] & 15, data[at : at + size]
            data = data[at + size :]

    def close_frame(self):
        """(code, reason) of the server's Close, or None."""
        for opcode, payload in self.frames():
            if opcode == 8:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()
        return None


class Watched:
    """A socket, its events and its wires. `place`: a `target`, or arguments of PartySocket."""

    def __init__(self, address, forge=None, **place):
        self.wires = []
        self.events = []
        options = {
            "transport": self.transport,
            "ping_interval_ms": 0,
            "min_reconnection_delay": 100,
            "max_reconnection_delay": 100,
            "retry_rules": "always",
            "debug_logger": lambda text: None,
        }
        self._forge = forge
        options.update(place)
        if "target" in options:
            url = "ws://" + address + options.pop("target")
            self.ws = WebSocket(url, options.pop("protocols", None), **options)
        else:
            self.ws = PartySocket(address, options.pop("room", a_room()), **options)
        for type in ("open", "message", "close", "error", "reconnecting"):
            self.ws.add_event_listener(type, self._hear)
        self._at = 0
        self._news = asyncio.Event()

    def transport(self):
        self.wires.append(Wire(self._forge))
        return self.wires[-1]

    def _hear(self, event):
        self.events.append(event)
        self._news.set()

    @property
    def wire(self):
        return self.wires[-1]

    async def next(self, type):
        """The next event of `type`. Events before it are skipped."""
        while True:
            while self._at < len(self.events):
                self._at += 1
                if self.events[self._at - 1].type == type:
                    return self.events[self._at - 1]
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), WAIT_S)
            except asyncio.TimeoutError:
                raise AssertionError("no %s after %r" % (type, self.told()))

    async def text(self):
        return (await self.next("message")).data

    async def echo(self, text="still here"):
        """Wait for an echo from the server. Then all its earlier messages have come."""
        self.ws.send("echo:" + text)
        while await self.text() != "echo:" + text:
            pass

    async def ends(self, code, reason=None):
        """Wait for a close with this code. It must be clean, unless the code is 1006."""
        close = await self.next("close")
        assert (close.code, close.was_clean) == (code, code != 1006), (close.code, close.reason)
        assert reason is None or close.reason == reason, close.reason

    def told(self):
        return [event.type for event in self.events]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.ws.close()
        await self.ws.wait_closed()


def a_room():
    return "facts-" + binascii.hexlify(os.urandom(8)).decode()


async def state_of(address, room, party):
    """The state that the room returns by HTTP."""
    return (await PartySocket.fetch(address, room, party=party)).json()
