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
    told = (seconds + UNIX) % 2**32
    stamp = struct.pack(">II", told, int(fraction * 2**32))
    if seconds is None or seconds == -UNIX:
        stamp = bytes(8)
    origin = query[40:48] if origin is None else origin
    return head + origin + stamp + stamp


def good(seconds, **changes):
    """Answers as it should; `changes` as for packet()."""
    return lambda query: [packet(query, seconds, **changes)]


class NtpServer:
    """Listens on a free port."""

    def __init__(self, *answers):
        self.queries = []
        self._answers = answers  # one a query; the last one again and again
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

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
            number = min(len(self.queries), len(self._answers)) - 1
            for datagram in self._answers[number](query):
                self._sock.sendto(datagram, client)
