"""The lower limit: an asyncio stream that carries the same bytes without frames."""

import asyncio
import gc


class Client:
    async def open(self, port, path):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.size = 0

    def put(self, data):
        self.writer.write(data)

    async def send(self, data):
        self.size = len(data)
        self.writer.write(data)
        await self.writer.drain()

    async def recv(self):
        return await self.reader.readexactly(self.size)

    async def send_each(self, data, n):
        for _ in range(n):
            self.writer.write(data)
            await self.writer.drain()

    async def send_all(self, data, n):
        await self.send_each(data, n)

    async def echo(self, data, n):
        size = len(data)
        for _ in range(n):
            self.writer.write(data)
            await self.writer.drain()
            await self.reader.readexactly(size)

    async def count(self, n, ask, view=False):
        size = int(ask.split()[1])
        await self.send(ask + "\n")
        before = gc.mem_alloc()
        for _ in range(n):
            await self.reader.readexactly(size)
        return gc.mem_alloc() - before
