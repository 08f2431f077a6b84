"""An NTP server on loopback whose answers are scripted.

    with NtpServer(good(1_800_000_000)) as server: ...      # server.port; server.queries

An answer is a function of the query (bytes) that gives the datagrams to send, a list.
"""

import socket
import struct
import threading

UNIX = 2208988800  # seconds from 1900 to 1970


def packet(
    query, seconds, fraction=0.25, *, leap=0, mode=4, stratum=2, origin=None, refid=b"TEST"
):
    """An answer that tells `seconds` since 1970."""
    head = struct.pack(">BBbb8x4s8x", leap << 6 | 4 << 3 | mode, stratum, 6, -20, refid)
    stamp = struct.pack(">II", (seconds + UNIX) % 2**32, int(fraction * 2**32))
    return head + (query[40:48] if origin is None else origin) + stamp + stamp


def good(seconds, **changes):
    """Answers as it should; `changes` as for packet()."""
    return lambda query: [packet(query, seconds, **changes)]


class NtpServer:
    """Listens on a free port. It answers from there, or from the socket `other`."""

    def __init__(self, answer, other=None):
        self.queries = []
        self._answer = answer
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._speaker = other or self._sock

    def __enter__(self):
        self._sock.bind(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._sock.close()

    def _serve(self):
        while True:
            query, client = self._sock.recvfrom(1024)
            if not query:
                return
            self.queries.append(query)
            for datagram in self._answer(query):
                self._speaker.sendto(datagram, client)
