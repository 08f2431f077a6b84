"""PartySocket's WebSocket with a handler."""

import asyncio

from client_partysocket import Client as _PartySocket
from client_websocket import Client as _WebSocket


class Client(_WebSocket):
    count = _PartySocket.count

    async def echo(self, data, n):
        socket = self.socket
        done = asyncio.Event()

        def on_message(event):
            nonlocal n
            n -= 1
            if n:
                socket.send(data)
            else:
                done.set()

        socket.onmessage = on_message
        socket.send(data)
        await done.wait()
