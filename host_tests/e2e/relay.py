"""A TCP relay on loopback whose two sides can end separately, for half-open connections."""

import socket
import threading


class Relay:
    """Passes bytes between clients and `address` ("host:port")."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        # One for each connection, oldest first.
        self._clients = []
        self._servers = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        for sock in (self._listener, *self._clients, *self._servers):
            _end(sock)

    def lose_client(self):
        """The newest client sees an end; the server does not."""
        _end(self._clients[-1])

    def lose_server(self, index):
        """The server sees the end of a connection."""
        _end(self._servers[index])

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._clients.append(client)
            self._servers.append(server)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()


def _pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        # One side has ended. The other one stays until the test ends it.
        pass


def _end(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()
