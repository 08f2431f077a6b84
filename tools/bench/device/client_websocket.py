"""PartySocket's WebSocket with recv()."""

from client_partysocket import Client as _Client

from partysocket import WebSocket


class Client(_Client):
    async def open(self, port, path):
        self.socket = WebSocket(
            f"ws://127.0.0.1:{port}/{path}",
            queue_bytes=self.queue_bytes,
            max_retries=0,
            ping_interval_ms=0,
        )
        if not await self.socket.wait_open(5000):
            raise OSError(f"cannot connect: {self.socket.last_error!r}")

    async def count(self, n, ask, view=False):
        self.socket.send(ask)
        # Do not wait before the first recv(): of earlier messages only one is kept.
        for _ in range(n):
            await self.socket.recv()
