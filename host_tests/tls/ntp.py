"""An NTP server on loopback with scripted answers.

    with NtpServer(good(1_800_000_000)) as server: ...      # server.port; server.queries

An answer is a function that gets the query (bytes) and returns a list of datagrams to send.
"""

import socketserver
import struct
import threading

# Seconds from 1900 to 1970.
UNIX = 2208988800


def packet(
    query, seconds, fraction=0.25, *, leap=0, mode=4, stratum=2, origin=None, refid=b"TEST"
):
    """An answer with the time `seconds` since 1970."""
    head = struct.pack(">BBbb8x4s8x", leap << 6 | 4 << 3 | mode, stratum, 6, -20, refid)
    stamp = struct.pack(">II", (seconds + UNIX) % 2**32, int(fraction * 2**32))
    return head + (query[40:48] if origin is None else origin) + stamp + stamp


def good(seconds, **changes):
    """Correct answers; `changes` as for packet()."""
    return lambda query: [packet(query, seconds, **changes)]


class NtpServer(socketserver.UDPServer):
    """Listens on a free port. It answers from there, or from the socket `other`."""

    def __init__(self, answer, other=None):
        super().__init__(("127.0.0.1", 0), None)
        self.port = self.server_address[1]
        self.queries = []
        self._answer = answer
        self._speaker = other or self.socket

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.shutdown()
        self.server_close()

    def finish_request(self, request, client):
        query, _ = request
        self.queries.append(query)
        for datagram in self._answer(query):
            self._speaker.sendto(datagram, client)
