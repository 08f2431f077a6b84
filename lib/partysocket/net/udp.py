"""UDP to one peer, and setting the clock, for `clock`. Only a board's name look-up blocks."""

import socket
import sys

_NOT_YET = (11, 35, 10035)  # EAGAIN of Linux and boards, macOS, and Windows


class Datagrams:
    """A UDP socket that receives only from `host` and `port`. Call `is_ready` until it returns
    True, then `send` and `receive`.
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
        """Whether the name has been looked up. Raises OSError if the look-up fails."""
        if self._sock is None:
            found = self._lookup.found()
            if found is not None:
                self._open(found)
        return self._sock is not None

    def send(self, data):
        self._sock.send(data)

    def receive(self, size):
        """Return the next datagram, cut to `size` bytes, or None."""
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
            # From now on the socket receives only from this address.
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        self._sock = sock


def set_rtc(date):
    """Set the clock to (year, month, day, hour, minute, second, weekday), if the board has one."""
    if sys.implementation.name == "cpython":
        return
    import machine

    if hasattr(machine, "RTC"):
        machine.RTC().datetime(date[:3] + (date[6] + 1,) + date[3:6] + (0,))
