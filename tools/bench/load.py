"""The server for the part `pace`: threads of this process that answer with prepared frames."""

import base64
import hashlib
import socket
import socketserver
import threading

from .server import GUID, frame

_CHUNK_BYTES = 65536
# How often the server checks whether it should end.
_POLL_S = 0.05
# The answer to the last message of a client.
_END = b"e"


class Load:
    """Serves one client at a time. `job` is (task, size, n). Set it before the client dials.

    "echo" sends back each message of `size` bytes. "pull" sends `n` of them after the first bytes
    came. "push" receives `n` of them, and then answers _END; it never does if one was dropped.
    """

    def __init__(self):
        self.job = None
        self.ports = {}
        self._servers = []

    def __enter__(self):
        for kind in (_Raw, _WebSocket):
            server = _Server(("127.0.0.1", 0), kind)
            server.load = self
            self.ports[kind.name] = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True).start()
            self._servers.append(server)
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Ignore errors here: the client is gone, and reports itself what went wrong."""


class _Raw(socketserver.BaseRequestHandler):
    """Payloads without frames."""

    name = "raw"

    def handle(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buf = bytearray(_CHUNK_BYTES)
        task, size, n = self.server.load.job
        came = self.shake_hands()
        whole = size + self.more(size)
        if task == "echo":
            answer = self.frame(b"x" * size)
            while True:
                while came >= whole:
                    self.request.sendall(answer)
                    came -= whole
                came += self.read()
        if task == "pull":
            if not came:
                self.read()
            self.flood(self.frame(b"x" * size), n)
        else:
            while came < n * whole:
                came += self.read()
            self.request.sendall(self.frame(_END))
        # Closing a socket with unread bytes would lose what was sent.
        while True:
            self.read()

    def read(self):
        """Read, and return how many bytes came."""
        count = self.request.recv_into(self._buf)
        if not count:
            raise EOFError
        return count

    def flood(self, one, n):
        at_once = max(1, _CHUNK_BYTES // len(one))
        chunk = one * at_once
        for _ in range(n // at_once):
            self.request.sendall(chunk)
        self.request.sendall(one * (n % at_once))

    def shake_hands(self):
        """Do the handshake. Return how many bytes of messages came with it."""
        return 0

    def more(self, size):
        """How many bytes a client's frame is longer than its payload."""
        return 0

    def frame(self, payload):
        return payload


class _WebSocket(_Raw):
    name = "websocket"

    def shake_hands(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._buf[: self.read()]
        head, _, rest = head.partition(b"\r\n\r\n")
        key = next(
            line.split(b":")[1].strip()
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key:")
        )
        self.request.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n"
            % base64.b64encode(hashlib.sha1(key + GUID).digest())
        )
        return len(rest)

    def more(self, size):
        return 4 + len(self.frame(b"x" * size)) - size

    def frame(self, payload):
        return frame(1, payload)
