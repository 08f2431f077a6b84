"""A TCP server that does the handshake by hand, so that it can go wrong in any way."""

import asyncio

from simulation.wire import CLOSE, PING, PONG, accepting, frame, text_frame, unmasked

WAIT_S = 30  # the bound of every wait: only a failure takes as long


class RawServer:
    """Connections wait in line until the test takes them: `connection()`, `opened()`."""

    out_of_memory = 0  # how often a device said that it has no room for a message

    async def __aenter__(self):
        self._waiting = asyncio.Queue()
        self._server = await asyncio.start_server(self._came, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _came(self, reader, writer):
        await self._waiting.put(Connection(reader, writer))

    async def connection(self):
        """The next dial, of which nothing has been read yet."""
        return await asyncio.wait_for(self._waiting.get(), WAIT_S)

    async def opened(self):
        """The next dial, with the handshake done."""
        connection = await self.connection()
        await connection.accept()
        return connection


class Connection:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.request = b""
        self._frames = []
        self._rest = b""

    async def read_request(self):
        self.request = await self._within(self.reader.readuntil(b"\r\n\r\n"))

    async def accept(self):
        await self.read_request()
        self.writer.write(accepting(self.request))

    async def send(self, data):
        """Write; a client that has gone already is no fault."""
        try:
            self.writer.write(data)
            await self._within(self.writer.drain())
        except OSError:
            pass

    async def frame(self):
        """The next frame as (opcode, payload); pings of the device's own are answered and passed
        over.
        """
        while True:
            opcode, payload = await self._within(self._frame())
            if opcode != PING:
                return opcode, payload
            self.writer.write(frame(PONG, payload))

    async def _frame(self):
        while not self._frames:
            data = await self.reader.read(65536)
            if not data:
                raise EOFError("the device has gone")
            self._frames, self._rest = unmasked(self._rest + data)
        first, payload = self._frames.pop(0)
        assert first & 0xF0 == 0x80, "not whole"
        return first & 0x0F, payload

    async def close_code(self):
        """The code of the Close that comes before anything else but pongs."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big") if payload else 1005
            assert opcode == PONG, (opcode, payload)

    async def alloc(self):
        """The device's heap in use, by its own word."""
        self.writer.write(text_frame("alloc"))
        opcode, payload = await self.frame()
        return int(payload)

    async def ended(self):
        """Wait until the device has ended the connection."""
        try:
            while await self._within(self.reader.read(65536)):
                pass
        except OSError:
            pass

    def reset(self):
        self.writer.transport.abort()

    def end(self):
        self.writer.close()

    @staticmethod
    async def _within(awaitable):
        return await asyncio.wait_for(awaitable, WAIT_S)
