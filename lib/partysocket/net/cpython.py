"""CPython 3.10 and later, for tests, gateways, or a Raspberry Pi."""

import asyncio
import binascii
import errno
import hashlib
import os
import socket
import threading
import time

from ..core.ticks import TICKS_MASK, ticks_diff

urandom = os.urandom
_PENDING = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


def ticks_ms():
    try:
        # The loop's clock, as for timeouts, so that virtual time works too.
        now = asyncio.get_running_loop().time()
    except RuntimeError:
        now = time.monotonic()
    return int(now * 1000) & TICKS_MASK


def sha1(data):
    return hashlib.sha1(data).digest()


def base64(data):
    return binascii.b2a_base64(data, newline=False)


def running():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def current_task():
    return asyncio.current_task() if running() else None


def collect():
    pass


def sleep_ms(ms):
    return asyncio.sleep(ms / 1000)


def is_cancelled():
    task = asyncio.current_task()
    # CPython 3.10 can't tell, so it counts as cancelled there.
    return not hasattr(task, "cancelling") or task.cancelling() > 0


class Alarm:
    """Wakes the one task that waits for it. On CPython it belongs to one event loop."""

    def __init__(self):
        self._event = asyncio.Event()

    def set(self):
        self._event.set()

    async def wait(self, ms):
        """Wait until it is set, and clear it; or for `ms` (None: for ever)."""
        if self._event.is_set():
            # If it is set all the time, other tasks must still get to run.
            await asyncio.sleep(0)
        timer = None
        # A timer, because `wait_for` may lose a cancellation.
        if ms is not None:
            timer = asyncio.get_running_loop().call_later(ms / 1000, self._event.set)
        try:
            await self._event.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._event.clear()


class _Lookup:
    """A name look-up in a thread. The thread may hang for minutes, so it is never joined."""

    def __init__(self, host, port):
        self._found = self._error = None
        # A numeric address needs no thread.
        try:
            flags = socket.AI_NUMERICHOST
            self._found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        except OSError:
            threading.Thread(target=self._run, args=(host, port), daemon=True).start()

    def _run(self, host, port):
        try:
            self._found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as e:
            self._error = e

    def found(self):
        """Return the result of getaddrinfo or raise its error. None: not finished yet."""
        if self._error is not None:
            raise self._error
        return self._found


class Transport:
    """A TCP or TLS socket that never blocks. It tries one address after another."""

    def __init__(self):
        self.phase = "dns"
        self.address = None
        self._sock = None
        self._lookup = None
        self._tls = None
        self._name = None
        # Addresses that have not been tried.
        self._addresses = []
        # Ticks when the current address was tried, and how long that may take if others are left.
        self._begun = 0
        self._turn_ms = 0
        # Futures of waiting tasks, by whether they wait to write.
        self._waits = {}

    def start(self, host, port, tls, server_hostname, timeout_ms):
        """Begin to look up the host. `tls`: None or an SSLContext."""
        self._tls = tls
        self._name = server_hostname
        self._turn_ms = timeout_ms
        self._lookup = _Lookup(host, port)

    def step(self):
        """Go on connecting. Returns True when TCP and TLS are connected."""
        if self.phase == "dns":
            found = self._lookup.found()
            if found is None:
                return False
            self._addresses = [(f[0], f[4]) for f in found]
            self._turn_ms //= len(found) + 1
            self.phase = "tcp"
            self._dial_next()
        if self.phase == "tcp":
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
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                return True
            self.phase = "tls"
            self._sock = self._tls.wrap_socket(
                self._sock, server_hostname=self._name, do_handshake_on_connect=False
            )
        return self._unless_blocked(self._sock.do_handshake) is not None

    def recv_into(self, view):
        return self._unless_blocked(self._sock.recv_into, view)

    def send(self, view):
        return self._unless_blocked(self._sock.send, view) or 0

    async def wait(self, read, write, ms):
        """Wait until the socket can be read or written, or is closed. `ms` is not used: the driver
        closes the socket at its deadline.
        """
        loop = asyncio.get_running_loop()
        fd = self._sock.fileno()
        ready = self._waits[write] = loop.create_future()
        try:
            (loop.add_writer if write else loop.add_reader)(fd, _wake, ready)
        # The default loop of Windows can't do it, so the caller polls.
        except NotImplementedError:
            await asyncio.sleep(0.01)
            return
        try:
            await ready
        finally:
            if self._waits.get(write) is ready:
                del self._waits[write]
                (loop.remove_writer if write else loop.remove_reader)(fd)

    def close(self):
        sock, self._sock = self._sock, None
        if sock is None:
            return
        for write, ready in self._waits.items():
            loop = asyncio.get_running_loop()
            (loop.remove_writer if write else loop.remove_reader)(sock.fileno())
            _wake(ready)
        self._waits = {}
        sock.close()

    def _dial_next(self):
        """Begin to connect to the next address. Skip addresses that fail at once."""
        while True:
            self._begun = ticks_ms()
            if self._sock is not None:
                self._sock.close()
            family, address = self._addresses.pop(0)
            self.address = address[0]
            try:
                self._sock = socket.socket(family, socket.SOCK_STREAM)
                self._sock.setblocking(False)
                error = self._sock.connect_ex(address)
                if error and error not in _PENDING:
                    raise OSError(error, os.strerror(error))
                return
            except OSError:
                if not self._addresses:
                    raise

    def _connected(self):
        error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        try:
            self._sock.getpeername()
        except OSError:
            # Not connected yet.
            return False
        return True

    def _unless_blocked(self, call, *args):
        """Return the result of `call`, or None if the socket is not ready. A handshake returns
        None when it is done; that becomes True.
        """
        import ssl

        if self._sock is None:
            raise OSError(errno.EBADF, "the socket is closed")
        try:
            result = call(*args)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        return True if result is None else result


def _wake(ready):
    if not ready.done():
        ready.set_result(None)
