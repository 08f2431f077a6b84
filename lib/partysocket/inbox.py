"""Messages for who asks for them: `recv()` and `async for`. One waits at most."""

import asyncio

from .core.errors import Error


class Inbox:
    """Where a message waits until the application takes it.

    Until somebody first asks, the one that waits is the oldest, and later ones are counted and
    dropped: a device that only sends never stalls. From then on a message that waits keeps the
    next one from being read.
    """

    def __init__(self):
        self.unread = 0  # messages dropped because nobody ever asked
        self.is_used = False  # somebody has asked
        self.is_ended = False  # no more messages will come ...
        self.is_shut = False  # ... and the one that waits is not given out any more
        self._message = None
        self._is_asked = False  # somebody waits
        self._changed = asyncio.Event()

    def put(self, message):
        if self._message is None:
            self._message = message
            self._changed.set()
        else:
            self.unread += 1

    def is_full(self):
        return self.is_used and self._message is not None and not self.is_shut

    async def wait_for_room(self):
        while self.is_full():
            self._changed.clear()
            await self._changed.wait()

    async def take(self):
        """The next message; Error after the end. Cancelling loses nothing."""
        if self._is_asked:
            raise Error("another recv() waits already: one reader at a time")
        self._is_asked = self.is_used = True
        try:
            while self._message is None or self.is_shut:
                if self.is_ended:
                    raise Error("the socket is closed: no more messages")
                self._changed.clear()
                await self._changed.wait()
            message = self._message
            self._message = None
            self._changed.set()
            return message
        finally:
            self._is_asked = False

    def has_ended(self):
        """Whether `take` would raise for there being no more."""
        return self.is_shut or (self.is_ended and self._message is None)

    def end(self, shut):
        """Nothing more will come; `shut`: not even what waits."""
        self.is_ended = True
        self.is_shut = self.is_shut or shut
        self._changed.set()

    def reopen(self):
        self.is_ended = self.is_shut = False
