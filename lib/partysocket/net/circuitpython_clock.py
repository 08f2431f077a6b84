"""UDP and the real-time clock on CircuitPython, for `clock`."""

import rtc
import time

from .circuitpython import pool

_AGAIN = 11  # EAGAIN


class Datagrams:
    """The same interface as `net.udp.Datagrams`. The name look-up blocks."""

    def __init__(self, host, port):
        made = pool()
        found = made.getaddrinfo(host, port, 0, made.SOCK_DGRAM)[0]
        self._peer = found[4]
        self._sock = made.socket(found[0], made.SOCK_DGRAM)
        self._sock.settimeout(0)

    def is_ready(self):
        return True

    def send(self, data):
        self._sock.sendto(data, self._peer)

    def receive(self, size):
        """The next datagram, cut to `size` bytes, or None."""
        buffer = bytearray(size)
        try:
            n, peer = self._sock.recvfrom_into(buffer)
        except OSError as e:
            if e.errno == _AGAIN:
                return None
            raise
        return bytes(buffer[:n]) if peer == self._peer else None

    def close(self):
        self._sock.close()


def set_rtc(date):
    """Set the board's clock to (year, month, day, hour, minute, second, weekday)."""
    rtc.RTC().datetime = time.struct_time(date + (-1, -1))
