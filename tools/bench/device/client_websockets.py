"""micropython-websockets, unchanged."""

import gc

from micropython_websockets import connect


class Client:
    async def open(self, port, path):
        self.socket = await connect(f"ws://127.0.0.1:{port}/{path}").__aenter__()

    def put(self, data):
        try:
            self.socket.send(data).send(None)
        except StopIteration:
            pass

    async def send(self, data):
        await self.socket.send(data)

    async def recv(self):
        return await self.socket.recv()

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
