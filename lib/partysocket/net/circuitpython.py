"""CircuitPython boards with native Wi-Fi: ESP32-S2 and S3, Pico W; sockets from `socketpool`.

What blocks everything else there: the name look-up, the connect of an ESP32 (_CONNECT_S at most),
and what TLS computes between two looks at the socket (a handshake on a Pico W: about 1.1 s).
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

ticks_ms = supervisor.ticks_ms  # its period is ours
_CONNECT_S = const(3)  # for a connect that blocks: time for a SYN that got lost
_SHORTEST_MS = const(5)  # between two looks at a socket, doubled from look to look ...
_LONGEST_MS = const(40)  # ... while nothing happens

# errno is newlib's on these boards; the second numbers are Linux's, for ports to come.
_PENDING = (119, 120, 11, 115, 114)  # EINPROGRESS, EALREADY, EAGAIN
_CONNECTED = (127, 106)  # EISCONN
_TIMED_OUT = (116, 110)  # ETIMEDOUT
_ENDED = (128, 107)  # ENOTCONN
# What a connect says when the server's port is closed: an ESP32 ECONNRESET; a Pico W, asked again,
# EBADF, since lwIP has taken its part of the socket away by then.
_NOT_TAKEN = (104, 9)
_AGAIN = const(11)  # EAGAIN
_REFUSED = (-9984, -12288)  # mbedTLS: X509_CERT_VERIFY_FAILED, and X509_FATAL_ERROR of its roots

running = current_task
_pool = None
try:
    import espidf  # noqa: F401

    _blocks = True  # an ESP32: it connects in one call that waits, or never
except ImportError:
    _blocks = False


def urandom(n):
    try:
        return os.urandom(n)
    except (NotImplementedError, AttributeError):  # no source of true chance
        from .entropy import urandom

        return urandom(n)


def sha1(data):
    return hashlib.new("sha1", data).digest()


def base64(data):
    return binascii.b2a_base64(data, newline=False)


def pool():
    """The sockets of the board's own radio."""
    global _pool
    if _pool is None:
        import socketpool
        import wifi

        _pool = socketpool.SocketPool(wifi.radio)
    return _pool


class Transport:
    """A TCP or TLS socket that never blocks, but for what the module names. Tries each address in
    turn.
    """

    def __init__(self):
        self.phase = "dns"
        self.address = None
        self._sock = None
        self._bare = None  # the TCP socket below TLS
        self._tls = None
        self._name = None
        self._addresses = []
        self._peer = None  # the address in turn, with its port
        self._begun = 0  # ticks of the current address's turn ...
        self._turn_ms = 0  # ... and how long it may take while there are others
        self._readable = self._writable = None  # a poll each, if the socket can be polled

    def start(self, host, port, tls, server_hostname, timeout_ms):
        """Look the host up, which blocks. `tls`: None or an SSLContext."""
        self._tls = tls
        self._name = server_hostname
        found = pool().getaddrinfo(host, port, 0, pool().SOCK_STREAM)
        self._addresses = [(f[0], f[4]) for f in found]
        self._turn_ms = timeout_ms // (len(found) + 1)
        self.phase = "tcp"

    def step(self):
        """True when TCP is up and TLS begun; the first write shakes hands."""
        if self._peer is None:  # between two calls that may block, others have their turn
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
            pass  # a port that lacks it: slower by the peer's delayed ACK, no worse
        if self._tls is not None:
            self.phase = "tls"
            self._bare = self._sock
            try:
                self._sock = self._tls.wrap_socket(self._bare, server_hostname=self._name)
            except (ValueError, OSError) as e:  # looked at here, and no sooner
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
            if e.errno in _REFUSED:  # what other platforms raise: see tls.explained
                raise ValueError(e.args[-1])
            raise

    async def wait(self, read, write, ms):
        """Until the socket seems to be ready, at most `ms`. Asks, and is never told: after a RST
        the poll of a Pico W says nothing any more, and only a read finds out.
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
        """Go on connecting: ask again until the answer is that it is."""
        global _blocks
        try:
            self._sock.connect(self._peer)
        except OSError as e:
            if e.errno in _CONNECTED:
                return True
            if e.errno in _PENDING:
                return False
            if e.errno in _TIMED_OUT and not _blocks:  # given up at once: another like ESP32
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
