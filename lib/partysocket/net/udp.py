"""What `clock` needs: datagrams to one peer and back, without blocking but for a board's name
look-up, and the clock to set.
"""

import socket
import sys

_NOT_YET = (11, 35, 10035)  # EAGAIN by port


class Datagrams:
    """A UDP socket that hears `host` and `port` alone. `is_ready` until it says so, then `send`
    and `receive`.
    """

    def __init__(self, host, port):
        self._sock = None
        self._lookup = None
        if sys.implementation.name == "cpython":
            from .cpython import _Lookup

            self._lookup = _Lookup(host, port)
        else:
            self._open(socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM))

    def is_ready(self):
        """Whether the name has been looked up; OSError if there is none."""
        if self._sock is None:
            found = self._lookup.found()
            if found is not None:
                self._open(found)
        return self._sock is not None

    def send(self, data):
        self._sock.send(data)

    def receive(self, size):
        """The next datagram, cut to `size` bytes, or None."""
        try:
            return self._sock.recv(size)
        except OSError as e:
            if e.errno in _NOT_YET:
                return None
            raise

    def close(self):
        if self._sock is not None:
            self._sock.close()

    def _open(self, found):
        family, address = found[0][0], found[0][-1]
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(address)  # from here on it hears nobody else
        except OSError:
            sock.close()
            raise
        self._sock = sock


def set_rtc(date):
    """Set a board's clock, if it has one, to (year, month, day, hour, minute, second, weekday)."""
    if sys.implementation.name == "cpython":
        return
    import machine

    if hasattr(machine, "RTC"):
        machine.RTC().datetime(date[:3] + (date[6] + 1,) + date[3:6] + (0,))
