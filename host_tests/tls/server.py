"""A server on loopback that records each of its connections until its end: with TLS or without,
WebSocket or HTTP.

    with Server(context) as server:              # or Server(context, script), Server(None, script)
        ...                                      # a device dials server.port
        server.wait_ended(1)                     # its side of the socket is closed
        server.peers[0].request                  # the head it sent; .frames, the bytes after it
"""

import socket
import socketserver
import struct
import threading

from core.wire import CLOSE, accepting, frame, unmasked

# The limit of each wait. Only failing tests reach it.
_TIMEOUT_S = 20
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """One connection, from accept to the client's end of it."""

    def __init__(self):
        self.request = ""
        self.frames = b""
        self.has_ended = False


def talk(sock, peer):
    """Send back messages on a WebSocket until it is closed; "drop" ends it at once. Answer OK to
    other requests.
    """
    if "upgrade: websocket" not in peer.request.lower():
        sock.sendall(OK)
        return
    sock.sendall(accepting(peer.request.encode("latin-1")))
    rest = b""
    while True:
        data = _received(sock)
        peer.frames += data
        frames, rest = unmasked(rest + data)
        for first, payload in frames:
            if payload == b"drop":
                return
            sock.sendall(frame(first & 15, payload))
            if first & 15 == CLOSE:
                return


def answering(data):
    """A script that answers every request with these bytes, and ends."""
    return lambda sock, peer: sock.sendall(data)


# What a peer does to a TLS handshake; for Server(None, handshake=...).


def say_ssh(sock):
    sock.sendall(b"SSH-2.0-not-tls\r\n")


def say_nothing(sock):
    pass


def reset(sock):
    # The handshake has begun.
    sock.recv(1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def hang_up(sock):
    sock.recv(65536)
    sock.shutdown(socket.SHUT_WR)


FAULTS = {"no TLS": say_ssh, "silence": say_nothing, "reset": reset, "end": hang_up}


class Server(socketserver.ThreadingTCPServer):
    """Listens on a free port, with a thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, context=None, script=talk, handshake=None):
        super().__init__(("127.0.0.1", 0), None)
        self.port = self.server_address[1]
        # All connections so far.
        self.peers = []
        self._context = context
        self._script = script
        self._handshake = handshake
        self._state = threading.Condition()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.shutdown()
        self.server_close()

    def wait_ended(self, count):
        """Wait until there have been `count` connections, and all have been ended, also by the
        client.
        """

        def have_ended():
            return len(self.peers) >= count and all(peer.has_ended for peer in self.peers)

        with self._state:
            if not self._state.wait_for(have_ended, _TIMEOUT_S):
                open_ones = sum(not peer.has_ended for peer in self.peers)
                raise AssertionError(f"{len(self.peers)} of {count}, {open_ones} are still open")
        assert len(self.peers) == count

    def finish_request(self, sock, client):
        peer = Peer()
        self.peers.append(peer)
        sock.settimeout(_TIMEOUT_S)
        # The socket below TLS: it shows whether the client has closed its socket.
        watched = sock
        try:
            if self._handshake is not None:
                self._handshake(sock)
            else:
                if self._context is not None:
                    watched = sock.dup()
                    sock = self._context.wrap_socket(sock, server_side=True)
                while "\r\n\r\n" not in peer.request:
                    peer.request += _received(sock).decode("latin-1")
                self._script(sock, peer)
                watched.shutdown(socket.SHUT_WR)
        except OSError:
            # The client has gone, or never completed the handshake.
            pass
        has_ended = _until_the_end(watched)
        sock.close()
        watched.close()
        with self._state:
            peer.has_ended = has_ended
            self._state.notify_all()


def _until_the_end(sock):
    """Whether the client has ended the connection. Bytes before that are ignored."""
    try:
        while sock.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        # It was reset.
        pass
    return True


def _received(sock):
    data = sock.recv(4096)
    if not data:
        raise OSError("the client has gone")
    return data
