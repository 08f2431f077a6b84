"""micropython-async-websocket-client, unchanged."""

import gc

from async_websocket_client import AsyncWebsocketClient


class Client:
    async def open(self, port, path):
        self.socket = AsyncWebsocketClient()
        await self.socket.handshake(f"ws://127.0.0.1:{port}/{path}")

    def hurry(self):
        """Do not sleep after reads, and do not wait for delayed ACKs."""
        self.socket.delay_read = 0
        self.socket.sock.setsockopt(6, 1, 1)

    def put(self, data):
        try:
            self.socket.send(data).send(None)
        except StopIteration:
            pass

    async def send(self, data):
        await self.socket.send(data)

    async def recv(self):
        data = await self.socket.recv()
        if data is None:
            raise OSError("it has lost the connection")
        return data

    async def send_each(self, data, n):
        """Send n messages. Each is on its way before the next one."""
        for _ in range(n):
            await self.socket.send(data)

    async def send_all(self, data, n):
        """Send n messages as fast as possible."""
        await self.send_each(data, n)

    async def echo(self, data, n):
        """Send a message and wait for its echo, n times."""
        for _ in range(n):
            await self.socket.send(data)
            await self.socket.recv()

    async def count(self, n, ask, view=False):
        await self.socket.send(ask)
        before = gc.mem_alloc()
        for _ in range(n):
            await self.recv()
        return gc.mem_alloc() - before
