"""MicroPython: boards with `network` (ESP32, Pico W) and the unix port."""

import asyncio
import binascii
import hashlib
import os
import select
import socket
import time

from micropython import const

from ..core.ticks import TICKS_MASK, ticks_diff
from .tasks import Alarm, collect, current_task, is_cancelled, sleep_ms  # noqa: F401

if hasattr(os, "urandom"):
    urandom = os.urandom
else:
    from .entropy import urandom  # noqa: F401 (others take it from here)
running = current_task
# errno differs between ports: EINPROGRESS is 115, 119 (newlib) or 36 (macOS), EALREADY is 114, 120
# or 37, EAGAIN is 11 or 35.
_PENDING = (115, 119, 36, 114, 120, 37, 11, 35)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)


def ticks_ms():
    return time.ticks_ms() & TICKS_MASK


def sha1(data):
    return hashlib.sha1(data).digest()


def base64(data):
    return binascii.b2a_base64(data, newline=False)


class _Turn:
    """An awaitable that can be used again and again. A generator would be allocated each time."""

    def __init__(self, is_write):
        self.sock = None
        self._is_write = is_write
        self._done = StopIteration()

    def __iter__(self):
        return self

    def __next__(self):
        sock = self.sock
        if sock is None:
            # Otherwise it would grow by a line each time.
            self._done.__traceback__ = None
            raise self._done
        self.sock = None
        queue = asyncio.core._io_queue
        return queue.queue_write(sock) if self._is_write else queue.queue_read(sock)


class Transport:
    """A TCP or TLS socket that does not block, except for the name look-up in `start`. It tries
    one address after another.
    """

    def __init__(self):
        self.phase = "dns"
        self.address = None
        self._sock = None
        # The TCP socket below TLS.
        self._bare = None
        self._tls = None
        self._name = None
        # Addresses that have not been tried.
        self._addresses = []
        # Ticks when the current address was tried, and how long that may take if others are left.
        self._begun = 0
        self._turn_ms = 0
        self._poll = select.poll()
        self._read_turn = _Turn(False)
        self._write_turn = _Turn(True)

    def start(self, host, port, tls, server_hostname, timeout_ms):
        """Look up the host and begin to connect. `tls`: None or an SSLContext. The look-up blocks,
        because `getaddrinfo` does.
        """
        self._tls = tls
        self._name = server_hostname
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        self._addresses = [(f[0], f[-1]) for f in found]
        self._turn_ms = timeout_ms // (len(found) + 1)
        self.phase = "tcp"
        self._dial_next()

    def step(self):
        """Go on connecting. Returns True when TCP is connected and TLS has begun. TLS does its
        handshake in the first write.
        """
        try:
            if not self._connected():
                if self._addresses and ticks_diff(ticks_ms(), self._begun) > self._turn_ms:
                    self._dial_next()
                return False
        except OSError:
            if not self._addresses:
                raise
            self._dial_next()
            return False
        try:
            self._sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        except (OSError, AttributeError):
            # The port does not have it. Then the peer's delayed ACKs make it slower, nothing else.
            pass
        if self._tls is not None:
            self.phase = "tls"
            self._bare = self._sock
            self._sock = self._tls.wrap_socket(
                self._bare, server_hostname=self._name, do_handshake_on_connect=False
            )
            self._sock.setblocking(False)
        return True

    def recv_into(self, view):
        return self._sock.readinto(view)

    def send(self, view):
        return self._sock.write(view) or 0

    def wait(self, read, write, ms):
        """Return an awaitable that waits until the socket can be read or written. `ms` is not
        used: the driver cancels it at its deadline. At most one task reads and one writes.
        """
        turn = self._write_turn if write else self._read_turn
        turn.sock = self._sock
        return turn

    def close(self):
        sock, self._sock = self._sock, None
        bare, self._bare = self._bare, None
        if sock is not None:
            sock.close()
        # TLS leaves it open after a failed handshake (MicroPython #19630).
        if bare is not None:
            bare.close()

    def _dial_next(self):
        """Begin to connect to the next address. Skip addresses that fail at once."""
        while True:
            self._begun = ticks_ms()
            if self._sock is not None:
                self._poll.unregister(self._sock)
                self._sock.close()
                self._sock = None
            family, address = self._addresses.pop(0)
            self.address = _numeric(address)
            try:
                self._sock = socket.socket(family, socket.SOCK_STREAM)
                self._sock.setblocking(False)
                self._poll.register(self._sock, select.POLLOUT)
                self._sock.connect(address)
                return
            except OSError as e:
                if e.errno in _PENDING:
                    return
                if not self._addresses:
                    raise

    def _connected(self):
        ready = self._poll.poll(0)
        if ready:
            if ready[0][1] & (select.POLLERR | select.POLLHUP):
                # This raises the error with the reason.
                self._sock.readinto(bytearray(1))
                raise OSError(103, "the connection failed")
            self._poll.unregister(self._sock)
        return bool(ready)


def _numeric(address):
    """The numeric host of a socket address, which is a tuple on boards and packed bytes on the
    unix port.
    """
    if isinstance(address, tuple):
        return address[0]
    family, packed = socket.sockaddr(address)[:2]
    return socket.inet_ntop(family, packed)
