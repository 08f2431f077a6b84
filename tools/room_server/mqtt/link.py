"""The connection to a room: the library's own PartySocket, which joins as a dashboard."""

import asyncio
import json
import time
from dataclasses import dataclass, field

from partysocket import PartySocket, QueueFull
from partysocket.fetch import fetch

from .. import logs

# A snapshot of 2,000 devices has 1 MB; this is for rooms with larger bounds.
_MOST_BYTES = 64 << 20
# Devices are described when nothing has changed for so long: first come the hello and the values.
_SETTLE_S = 1.0
# Between a new device and the question for the states of all; after that between two questions.
_ASK_S = 1.0
_ASK_AGAIN_S = 10.0


@dataclass(frozen=True)
class Server:
    """Where the rooms are. `host` is with its port."""

    host: str
    has_tls: bool
    # A file with the certificates to trust, or None for the system's.
    ca: str | None = None
    token: str | None = field(default=None, repr=False)


class Link:
    """Keeps the bridge in one room. start() needs a running loop."""

    def __init__(self, server, party, room):
        self._party = party
        self._room = room
        self._server = server
        self._socket = None
        # What hears, as a Room does.
        self._hearer = None
        self._settling = None
        self._asking = None
        self._is_to_ask = False

    def start(self, hearer):
        """Join, and tell `hearer` from now on."""
        self._hearer = hearer
        self._socket = PartySocket(
            self._server.host,
            self._room,
            party=self._party,
            query={"role": "dashboard"},
            max_message_bytes=_MOST_BYTES,
            receive_bytes=65536,
            queue_bytes=65536,
            overflow="error",
            min_reconnection_delay=1000,
            max_reconnection_delay=30000,
            debug_logger=self._tell,
            **self._access("ws"),
        )
        self._socket.onmessage = self._heard
        self._socket.onclose = self._closed

    async def stop(self):
        if self._asking:
            self._asking.cancel()
        if self._settling:
            self._settling.cancel()
        self._socket.close()
        await self._socket.wait_closed()

    def send(self, message):
        """Send a dict, and return True. While there is no connection, or if too much waits for it,
        return False: a command must not be carried out later.
        """
        if self._socket.ready_state != self._socket.OPEN:
            return False
        try:
            return self._socket.send(json.dumps(message, ensure_ascii=False))
        except QueueFull:
            return False

    def settle(self):
        """Call the hearer's settled() in a second."""
        if self._settling is None:
            self._settling = asyncio.get_running_loop().call_later(_SETTLE_S, self._settled)

    def ask(self):
        """Ask for the states of all devices, for the hearer's looked()."""
        self._is_to_ask = True
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())

    def _settled(self):
        self._settling = None
        self._hearer.settled()

    async def _ask(self):
        pause = _ASK_S
        while self._is_to_ask:
            await asyncio.sleep(pause)
            pause = _ASK_AGAIN_S
            self._is_to_ask = False
            self._hearer.look()
            try:
                answer = await fetch(
                    self._server.host,
                    self._room,
                    party=self._party,
                    query={"history": "0"},
                    max_body_bytes=_MOST_BYTES,
                    **self._access("http"),
                )
                states = answer.json()["devices"]
            except Exception as error:
                # Of the network, or an answer that is a refusal. A snapshot has the states too.
                logs.info("mqtt", f"the room's state cannot be had now: {error!r}")
                self._is_to_ask = self._socket.ready_state == self._socket.OPEN
            else:
                self._hearer.looked(states)

    def _access(self, protocol):
        """Return the arguments for TLS and the token."""
        server = self._server
        headers = {"Authorization": f"Bearer {server.token}"} if server.token else None
        protocol += "s" if server.has_tls else ""
        return {"protocol": protocol, "ssl": server.ca or True, "headers": headers}

    def _heard(self, event):
        if isinstance(event.data, str):
            self._hearer.hears(event.data, time.monotonic() * 1000)

    def _closed(self, _):
        # A command that is still here would be carried out later, when nobody expects it.
        self._socket.drain_queued_messages()
        self._hearer.left()

    def _tell(self, text):
        logs.warning("room", f"{self._party}/{self._room}: {text}")
