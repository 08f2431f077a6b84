"""A room elsewhere, which must notice nothing of a fault."""

import asyncio
import threading
import time
from contextlib import contextmanager

from rooms.clients import join, until_all_left

_PAUSE_S = 0.2


class Calm:
    """Readings are passed on in a room, five a second. `longest_s` is the longest time from one
    being sent to it being heard. `close` is what ended it, or None.
    """

    def __init__(self, server, room):
        self.longest_s = 0
        self.close = None
        self._server, self._room = server, room
        self._is_over = threading.Event()

    @contextmanager
    def running(self):
        """Run in a thread of its own."""
        thread = threading.Thread(target=lambda: asyncio.run(until_all_left(self.run())))
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    async def run(self):
        sender = await join(self._server, self._room, role="device", name="calm")
        watcher = await join(self._server, self._room)
        n = 0
        try:
            while not self._is_over.is_set():
                n += 1
                began = time.monotonic()
                await sender.send({"type": "reading", "values": {"n": n}})
                await watcher.next("reading", values={"n": n})
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                await asyncio.sleep(_PAUSE_S)
        except Exception as error:
            self.close = error
