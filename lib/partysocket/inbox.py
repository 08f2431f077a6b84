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
        self.is_lent = False  # the last one taken is a view of a receive buffer, still in use
        self._message = None
        self._is_asked = False  # somebody waits
        self._changed = asyncio.Event()

    def put(self, message):
        if self._message is not None:
            self.unread += 1
            return
        if not self.is_used and isinstance(message, memoryview):
            message = memoryview(bytes(message))  # reading goes on, and over the buffer
        self._message = message
        self._changed.set()

    def is_full(self):
        """Whether a message, or the buffer of one, has to be let go of before another may come."""
        return self.is_used and (self._message is not None or self.is_lent) and not self.is_shut

    def wake(self):
        """Have who waits look again."""
        self._changed.set()

    async def change(self):
        self._changed.clear()
        await self._changed.wait()

    async def take(self):
        """The next message; Error after the end. Cancelling loses nothing."""
        if self._is_asked:
            raise Error("another recv() waits already: one reader at a time")
        self._is_asked = self.is_used = True
        self.is_lent = False
        self._changed.set()
        try:
            while self._message is None or self.is_shut:
                if self.is_ended:
                    raise Error("the socket is closed: no more messages")
                await self.change()
            message = self._message
            self._message = None
            self.is_lent = isinstance(message, memoryview)
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
