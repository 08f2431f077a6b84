"""chumicro-websockets, driven by its ticks. Between them it sleeps in poll()."""

import gc
import select

from chumicro_sockets.sockets_factory import connector_factory
from chumicro_timing import ticks_ms
from chumicro_websockets import WebSocketClient, WebSocketState


class Client:
    async def open(self, port, path):
        self.got = None
        self.received = 0
        self.poll = select.poll()
        self.socket = WebSocketClient(transport_factory=connector_factory())
        self.socket.on_text = self.socket.on_binary = self._on_message
        self.socket.connect(f"ws://127.0.0.1:{port}/{path}")
        while self.socket.state == WebSocketState.CONNECTING:
            self.socket.handle(ticks_ms())
        if self.socket.state != WebSocketState.OPEN:
            raise OSError(f"cannot connect, state {self.socket.state}")
        sock = self.socket.io_socket
        self.poll.register(getattr(sock, "sock", sock), select.POLLIN)

    def _on_message(self, data):
        self.got = data
        self.received += 1

    def _tick(self):
        for _ in self.poll.ipoll(100):
            pass
        self.socket.handle(ticks_ms())
        if self.socket.state != WebSocketState.OPEN:
            raise OSError("it has lost the connection")

    def put(self, data):
        if isinstance(data, str):
            self.socket.send_text(data)
        else:
            self.socket.send_binary(data)

    async def send(self, data):
        self.put(data)
        self._flush()

    async def send_each(self, data, n):
        for _ in range(n):
            self.put(data)
            self._flush()

    async def send_all(self, data, n):
        await self.send_each(data, n)

    async def echo(self, data, n):
        for _ in range(n):
            self.put(data)
            self._flush()
            while self.got is None:
                self._tick()
            self.got = None

    def _flush(self):
        socket = self.socket
        while socket._tx_queue or socket._tx_partial_buffer is not None:
            socket.handle(ticks_ms())

    async def recv(self):
        while self.got is None:
            self._tick()
        data = self.got
        self.got = None
        return data

    async def count(self, n, ask, view=False):
        await self.send(ask)
        self.received = 0
        before = gc.mem_alloc()
        while self.received < n:
            self._tick()
        return gc.mem_alloc() - before
