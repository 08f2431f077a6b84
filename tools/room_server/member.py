"""Messages to one client: a bounded queue, and the task that sends its messages."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType

from . import logs
from .budget import Budget
from .links import EXPIRED
from .metrics import Counts

# The time from a close to the end of TCP, even if the client does not answer.
_CLOSE_S = 5.0
_MESSAGES = (WSMsgType.TEXT, WSMsgType.BINARY)


@dataclass(frozen=True)
class Shared:
    """What all members of a server have in common."""

    settings: Any
    # Bytes that wait for all members together.
    backlog: Budget
    counts: Counts
    # Called before anything is sent: commits the changes that it may be about.
    settle: Callable


class Member:
    """A client in a room. When its queue is full it is dropped; the others never wait for it."""

    def __init__(
        self,
        id,
        role,
        device,
        transport,
        shared,
        only_reads=False,
        place=("", ""),
        epoch=None,
        hears="all",
        link=None,
    ):
        """`place` is the party and the room, for the log."""
        self.id = id
        self.role = role  # one of room.ROLES
        # The device's name, or None if it is not a device.
        self.device = device
        # Of a device that keeps its readings until they are acknowledged; else None.
        self.epoch = epoch
        self.hears = hears  # one of room.HEARS
        self.only_reads = only_reads
        # The share Link by which it came, or None.
        self.link = link
        # Set when it is closed. From then on it accepts no messages.
        self.close_code = None
        self.close_reason = ""
        self._transport = transport
        self._shared = shared
        self._place = place
        self._queue = deque()  # (payload, opcode)
        self._queued_bytes = 0
        # Its part of the backlog: the queue, and the message that is being written.
        self._held_bytes = 0
        self._wake = asyncio.Event()
        # True while the writer waits for the client to read.
        self._is_held_up = False

    def __str__(self):
        return f"device {self.device!r}" if self.device else f"{self.role or 'client'} {self.id!r}"

    def facts(self):
        """Return fields that identify it in the log."""
        party, room = self._place
        facts = {"party": party, "room": room, "client": self.id, "role": self.role or "other"}
        return {**facts, "device": self.device} if self.device else facts

    def send(self, payload, is_text):
        """Queue a message. Return False if the member is closed or was dropped."""
        # Here, so that no link needs a timer.
        if self.link and self.link.has_expired():
            self.close(1008, EXPIRED)
        return self._put(payload, WSMsgType.TEXT if is_text else WSMsgType.BINARY)

    def send_control(self, opcode, payload):
        """Queue a ping or pong ahead of all messages."""
        self._put(payload, opcode)

    def close(self, code, reason):
        """Send the queue, then a close frame. Drop TCP if that takes too long."""
        if self.close_code is None:
            self.close_code = code
            self.close_reason = reason
            self._wake.set()
            asyncio.get_running_loop().call_later(_CLOSE_S, self._transport.abort)

    def abort(self):
        """Drop the connection at once."""
        if self.close_code is None:
            self.close_code = 1006
        self._queue.clear()
        self._queued_bytes = 0
        self._wake.set()
        self._transport.abort()

    async def write(self, send_frame):
        """Send queued messages until the member is closed or the connection is lost."""
        settle, counts = self._shared.settle, self._shared.counts
        try:
            while self._queue or self.close_code is None:
                while self._queue:
                    payload, opcode = self._queue.popleft()
                    self._queued_bytes -= len(payload)
                    settle()
                    self._is_held_up = True
                    await send_frame(payload, opcode)
                    self._is_held_up = False
                    if opcode in _MESSAGES:
                        counts.messages_out += 1
                        counts.bytes_out += len(payload)
                    self._give_back(len(payload))
                if self.close_code is None:
                    self._wake.clear()
                    await self._wake.wait()
        except ConnectionError:
            # The reader sees the same end.
            pass

    def let_go(self):
        """Remove its bytes from the backlog, when the session is over."""
        self._give_back(self._held_bytes)

    def _give_back(self, count):
        # let_go() may have returned some bytes already.
        count = min(count, self._held_bytes)
        self._held_bytes -= count
        self._shared.backlog.give_back(count)

    def _put(self, payload, opcode):
        if self.close_code is not None:
            return False
        if self._is_held_up and self._is_full(payload):
            logs.warning("dropped", f"{self} reads too slowly: dropped", **self.facts())
            self._shared.counts.dropped += 1
            self.abort()
            return False
        if opcode in (WSMsgType.PING, WSMsgType.PONG):
            self._queue.appendleft((payload, opcode))
        else:
            self._queue.append((payload, opcode))
        self._queued_bytes += len(payload)
        self._held_bytes += len(payload)
        self._shared.backlog.take(len(payload))
        self._wake.set()
        return True

    def _is_full(self, payload):
        # Only called while the writer waits for the client. Messages that came in one turn of the
        # loop and wait for the writer's turn do not show that the client is slow. An empty queue
        # accepts a message of any length.
        settings = self._shared.settings
        if not self._shared.backlog.has(len(payload)):
            return True
        too_long = self._queued_bytes + len(payload) > settings.queue_bytes
        return len(self._queue) >= settings.queue_messages or (bool(self._queue) and too_long)
