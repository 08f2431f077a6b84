"""A module `socket` for the portal's server, on CPython and on MicroPython. Nothing waits.

sockets = Sockets()
sockets.install()  # `import socket` gives it
client = sockets.connect(b"GET / HTTP/1.1...")  # a TCP client, and what it has sent so far
client.got  # bytes that it received
"""

import sys


class Sockets:
    """Replaces the module `socket`. One object for all claims, because modules keep it: `begin`
    empties it.
    """

    SOCK_STREAM, SOCK_DGRAM, AF_INET, SOL_SOCKET, SO_REUSEADDR = 1, 2, 2, 1, 2

    def __init__(self):
        self.begin()

    def install(self):
        sys.modules["socket"] = self

    def begin(self):
        # Sockets that listen, by (kind, port).
        self.bound = {}
        # All clients.
        self.clients = []
        # Clients that nobody has accepted.
        self.waiting = []
        # (question, peer), and (answer, peer).
        self.asked = []
        self.answered = []
        # Kinds that can't be bound.
        self.refused = []

    def connect(self, sent=b"", port=80):
        """A new client. The port must be open."""
        assert (self.SOCK_STREAM, port) in self.bound, "refused"
        client = Client(sent)
        self.clients.append(client)
        self.waiting.append(client)
        return client

    # Functions of the module.

    def socket(self, family, kind):
        return _Server(self, kind)

    def getaddrinfo(self, host, port):
        return [(2, 1, 0, "", (host, port))]


class Client:
    def __init__(self, sent):
        self.sent = sent
        self.got = b""
        # It has closed its side. Or: it does not read.
        self.has_left = False
        self.is_full = False
        # The server has closed it, without unread bytes.
        self.is_closed = False

    def status(self):
        return self.got.split(b" ")[1].decode() if self.got else None

    def text(self):
        return self.got.decode()

    # The server's side.

    def setblocking(self, is_blocking):
        assert not is_blocking

    def recv(self, size):
        if not self.sent:
            if self.has_left:
                return b""
            raise OSError(11, "EAGAIN")
        # In small pieces.
        data, self.sent = self.sent[: min(size, 100)], self.sent[min(size, 100) :]
        return data

    def send(self, data):
        if self.has_left:
            raise OSError(104, "ECONNRESET")
        if self.is_full:
            raise OSError(11, "EAGAIN")
        self.got += bytes(data[:200])
        return min(len(data), 200)

    def close(self):
        self.is_closed = True


class _Server:
    """A socket that is bound."""

    def __init__(self, sockets, kind):
        self._sockets = sockets
        self._kind = kind
        self._key = None

    def setsockopt(self, *arguments):
        pass

    def setblocking(self, is_blocking):
        assert not is_blocking

    def bind(self, address):
        if self._kind in self._sockets.refused:
            raise OSError(98, "EADDRINUSE")
        assert address[0] == "192.168.4.1"
        self._key = (self._kind, address[1])
        assert self._key not in self._sockets.bound, "a socket was left open"
        self._sockets.bound[self._key] = self

    def listen(self, backlog):
        pass

    def accept(self):
        if not self._sockets.waiting:
            raise OSError(11, "EAGAIN")
        return self._sockets.waiting.pop(0), ("192.168.4.16", 50000)

    def recvfrom(self, size):
        if not self._sockets.asked:
            raise OSError(11, "EAGAIN")
        data, peer = self._sockets.asked.pop(0)
        return data[:size], peer

    def sendto(self, data, peer):
        self._sockets.answered.append((data, peer))

    def close(self):
        if self._key is not None:
            self._sockets.bound.pop(self._key, None)
            # TCP resets those that wait.
            self._sockets.waiting[:] = []
