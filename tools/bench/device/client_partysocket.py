"""PartySocket, used as in an application."""

import asyncio
import gc

from partysocket import PartySocket

QUEUE_BYTES = 4096  # the default


class Client:
    def __init__(self, queue_bytes=0):
        self.queue_bytes = queue_bytes or QUEUE_BYTES

    async def open(self, port, path, root=None):
        more = {"protocol": "wss", "ssl": root} if root else {}
        self.socket = PartySocket(
            f"{'localhost' if root else '127.0.0.1'}:{port}",
            path,
            queue_bytes=self.queue_bytes,
            max_retries=0,
            **more,
        )
        if not await self.socket.wait_open(5000):
            raise OSError(f"cannot connect: {self.socket.last_error!r}")

    async def reconnect(self):
        self.socket.reconnect()
        if self.socket.ready_state == 1:
            raise ValueError("still the old connection")
        if not await self.socket.wait_open(5000):
            raise OSError(f"cannot reconnect: {self.socket.last_error!r}")

    def put(self, data):
        self.socket.send(data)

    async def send(self, data):
        self.socket.send(data)
        while self.socket.buffered_amount:
            await asyncio.sleep(0)

    async def send_each(self, data, n):
        socket = self.socket
        for _ in range(n):
            socket.send(data)
            while socket.buffered_amount:
                await asyncio.sleep(0)

    async def send_all(self, data, n):
        socket = self.socket
        # A message takes its bytes and at most 8 more. Records do not wrap at the ring's end.
        most = (self.queue_bytes // (len(data) + 8) - 2) * len(data)
        for _ in range(n):
            while socket.buffered_amount > most:
                await asyncio.sleep(0)
            socket.send(data)
        while socket.buffered_amount:
            await asyncio.sleep(0)

    async def echo(self, data, n):
        socket = self.socket
        for _ in range(n):
            socket.send(data)
            await socket.recv()

    async def recv(self):
        return await self.socket.recv()

    async def count(self, n, ask, view=False):
        """Send `ask` and receive `n` messages with a handler, as most devices do."""
        if view:
            self.socket.binary_type = "memoryview"
        done = asyncio.Event()
        left = n

        def on_message(event):
            nonlocal left
            left -= 1
            if not left:
                done.set()

        self.socket.onmessage = on_message
        await self.send(ask)
        before = gc.mem_alloc()
        await done.wait()
        return gc.mem_alloc() - before
