"""PartySocket, with the echo driven by a handler instead of recv()."""

import asyncio

from client_partysocket import Client as _Client


class Client(_Client):
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
