"""CircuitPython boards with native Wi-Fi (ESP32-S2 and S3, Pico W). Sockets are from `socketpool`.

Three things block all other tasks there: the name look-up, the connect of an ESP32 (_CONNECT_S at
most), and the computations of TLS (a handshake on a Pico W: about 1.1 s).
"""

import asyncio
import binascii
import hashlib
import os
import select
import supervisor

from micropython import const

from ..core.errors import Error
from ..core.ticks import ticks_diff
from .tasks import Alarm, collect, current_task, is_cancelled, sleep_ms  # noqa: F401

# It wraps at 2**29, as our ticks do.
ticks_ms = supervisor.ticks_ms
# For a connect that blocks. It leaves time to send a lost SYN again.
_CONNECT_S = const(3)
# The pause between two polls of a socket. It doubles, up to the longest, while nothing happens.
_SHORTEST_MS = const(5)
_LONGEST_MS = const(40)

# errno is newlib's on these boards. The second numbers are Linux's, for ports to come.
_PENDING = (119, 120, 11, 115, 114)  # EINPROGRESS, EALREADY, EAGAIN
_CONNECTED = (127, 106)  # EISCONN
_TIMED_OUT = (116, 110)  # ETIMEDOUT
_ENDED = (128, 107)  # ENOTCONN
# Errors of a connect to a closed port. ECONNRESET on an ESP32. EBADF on a Pico W: its second
# connect() fails, because lwIP has closed its part of the socket.
_NOT_TAKEN = (104, 9)
_AGAIN = const(11)  # EAGAIN
# mbedTLS: X509_CERT_VERIFY_FAILED, and X509_FATAL_ERROR of its roots.
_REFUSED = (-9984, -12288)

running = current_task
_pool = None
try:
    import espidf  # noqa: F401

    # On an ESP32 a connect needs one call that blocks; without blocking it never succeeds.
    _blocks = True
except ImportError:
    _blocks = False


def urandom(n):
    try:
        return os.urandom(n)
    # The board has no hardware source of random numbers.
    except (NotImplementedError, AttributeError):
        from .entropy import urandom

        return urandom(n)


def sha1(data):
    return hashlib.new("sha1", data).digest()


def base64(data):
    return binascii.b2a_base64(data, newline=False)


def pool():
    """The SocketPool of the board's own radio."""
    global _pool
    if _pool is None:
        import socketpool
        import wifi

        _pool = socketpool.SocketPool(wifi.radio)
    return _pool


class Transport:
    """A TCP or TLS socket that does not block, except as the module's docstring says. It tries one
    address after another.
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
        # The (address, port) that is tried now.
        self._peer = None
        # Ticks when that began, and how long it may take if other addresses are left.
        self._begun = 0
        self._turn_ms = 0
        # A poll object each, or None if the socket can't be polled.
        self._readable = self._writable = None

    def start(self, host, port, tls, server_hostname, timeout_ms):
        """Look up the host. This blocks. `tls`: None or an SSLContext."""
        self._tls = tls
        self._name = server_hostname
        found = pool().getaddrinfo(host, port, 0, pool().SOCK_STREAM)
        self._addresses = [(f[0], f[4]) for f in found]
        self._turn_ms = timeout_ms // (len(found) + 1)
        self.phase = "tcp"

    def step(self):
        """Go on connecting. Returns True when TCP is connected and TLS has begun. TLS does its
        handshake in the first write.
        """
        # The look-up may have blocked and a connect may block, so other tasks run between them.
        if self._peer is None:
            self._dial_next()
            return False
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
            self._sock.setsockopt(pool().IPPROTO_TCP, pool().TCP_NODELAY, 1)
        except (OSError, AttributeError):
            # The port does not have it. Then the peer's delayed ACKs make it slower, nothing else.
            pass
        if self._tls is not None:
            self.phase = "tls"
            self._bare = self._sock
            try:
                self._sock = self._tls.wrap_socket(self._bare, server_hostname=self._name)
            # CircuitPython parses the certificates of a context only here.
            except (ValueError, OSError) as e:
                raise Error("ssl holds a certificate that can't be read: %s" % e)
        self._sock.settimeout(0)
        self._readable = _poll(self._sock, select.POLLIN)
        self._writable = _poll(self._sock, select.POLLOUT)
        return True

    def recv_into(self, view):
        try:
            return self._sock.recv_into(view, len(view))
        except OSError as e:
            if e.errno == _AGAIN:
                return None
            if e.errno in _ENDED and self._tls is None:
                return 0
            raise

    def send(self, view):
        try:
            return self._sock.send(view)
        except OSError as e:
            if e.errno == _AGAIN:
                return 0
            # Other platforms raise ValueError: see tls.explained.
            if e.errno in _REFUSED:
                raise ValueError(e.args[-1])
            raise

    async def wait(self, read, write, ms):
        """Wait until the socket seems to be ready, at most `ms`. It polls again and again, because
        after a RST the poll of a Pico W reports nothing: then only a read shows the error.
        """
        poll = self._writable if write else self._readable
        pause = _SHORTEST_MS
        while ms > 0:
            pause = min(pause, ms)
            await asyncio.sleep(pause / 1000)
            if self._sock is None or poll is None:
                return
            for _ in poll.ipoll(0):
                return
            ms -= pause
            pause = min(2 * pause, _LONGEST_MS)

    def close(self):
        sock, self._sock = self._sock, None
        bare, self._bare = self._bare, None
        if sock is not None:
            sock.close()
        if bare is not None:
            bare.close()

    def _dial_next(self):
        """Begin to connect to the next address."""
        self._begun = ticks_ms()
        family, self._peer = self._addresses.pop(0)
        self.address = self._peer[0]
        self._open(family)

    def _open(self, family):
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        self._sock = pool().socket(family, pool().SOCK_STREAM)
        self._sock.settimeout(_CONNECT_S if _blocks else 0)
        self._family = family

    def _connected(self):
        """Go on connecting. connect() is called again until it says that it is connected."""
        global _blocks
        try:
            self._sock.connect(self._peer)
        except OSError as e:
            if e.errno in _CONNECTED:
                return True
            if e.errno in _PENDING:
                return False
            # It timed out at once, so this port can only block, as an ESP32 does.
            if e.errno in _TIMED_OUT and not _blocks:
                _blocks = True
                self._open(self._family)
                return False
            if e.errno in _NOT_TAKEN:
                raise OSError(111, "the connection was refused")  # ECONNREFUSED
            raise
        return True


def _poll(sock, flags):
    try:
        made = select.poll()
        made.register(sock, flags)
        return made
    except (OSError, TypeError):
        return None
