"""CircuitPython's `socketpool`, over the real sockets of MicroPython's unix port.

It behaves as on two boards, each with its own errno values, order of events and missing reports.
README.md here has the table that was measured. BOARD is "pico_w" or "esp32": boot.py sets it.
"""

import io

import usocket
import utime
from uselect import POLLERR, POLLHUP, POLLIN, POLLOUT
from uselect import poll as new_poll

BOARD = "pico_w"
MOST_SOCKETS = 8
# The errno of a Pico W for a FIN in the middle of a connect.
GARBAGE = 539377666

EBADF = 9
EAGAIN = 11
EPIPE = 32
ECONNRESET = 104
ETIMEDOUT = 116
EINPROGRESS = 119
EALREADY = 120
EISCONN = 127
ENOTCONN = 128

# The steps of a connect that blocks.
_STEP_MS = 100
_IOCTL_POLL = 3
_MSG_PEEK = 2
_LINUX_RESETS = (104, 32, 111, 103)  # ECONNRESET, EPIPE, ECONNREFUSED, ECONNABORTED
# All open sockets of the board.
_open = []


def left_open():
    return len(_open)


class gaierror(OSError):
    pass


class SocketPool:
    AF_INET = 2
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    IPPROTO_TCP = 6
    TCP_NODELAY = 1
    gaierror = gaierror

    def __init__(self, radio):
        import wifi

        if radio is not wifi.radio:
            raise TypeError("SocketPool can only be used with wifi.radio")

    def socket(self, family=AF_INET, type=SOCK_STREAM, proto=0):
        if len(_open) == MOST_SOCKETS:
            raise RuntimeError("Out of sockets")
        return (Esp32Socket if BOARD == "esp32" else PicoWSocket)(type)

    def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0):
        try:
            found = usocket.getaddrinfo(host, port, self.AF_INET, type or self.SOCK_STREAM)
        except OSError:
            raise gaierror(-2, "Name or service not known")
        return [(self.AF_INET, type, 0, "", _address(entry[-1])) for entry in found]


def _address(packed):
    family, host, port = usocket.sockaddr(packed)[:3]
    return usocket.inet_ntop(family, host), port


# A stream, because the real one is, and so that poll works.
class _Socket(io.IOBase):
    def __init__(self, type):
        self.type = type
        self._raw = usocket.socket(usocket.AF_INET, type)
        self._raw.setblocking(False)
        # None: wait for ever, as a new socket on a board does.
        self._timeout = None
        # A connect has begun.
        self._has_begun = False
        self._is_connected = False
        _open.append(self)

    def settimeout(self, value):
        if value is not None and value < 0:
            raise ValueError("timeout must be >= 0")
        self._timeout = value

    def setsockopt(self, level, optname, value):
        if (level, optname) == (SocketPool.IPPROTO_TCP, SocketPool.TCP_NODELAY):
            self._raw.setsockopt(level, optname, value)

    def close(self):
        if self in _open:
            _open.remove(self)
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    # Datagrams.

    def sendto(self, data, address):
        return self._live().sendto(data, usocket.getaddrinfo(*address)[0][-1])

    def recvfrom_into(self, buffer):
        try:
            data, peer = self._live().recvfrom(len(buffer))
        except OSError as e:
            raise OSError(e.errno)
        buffer[: len(data)] = data
        return len(data), _address(peer)

    def ioctl(self, request, flags):
        if request != _IOCTL_POLL:
            # There is no file number, which poll would use instead.
            return -1
        if self._raw is None or self.is_deaf():
            return 0
        events = self._events(flags)
        is_over = self.wakes_at_the_end and events & (POLLERR | POLLHUP)
        return flags if is_over else events & flags

    def is_deaf(self):
        return False

    # Internal.

    wakes_at_the_end = True

    def _live(self):
        if self._raw is None:
            raise OSError(EBADF)
        return self._raw

    def _events(self, flags, ms=0):
        """The result of Linux's poll for the socket below."""
        poll = new_poll()
        poll.register(self._raw, flags)
        ready = poll.poll(ms)
        return ready[0][1] if ready else 0

    def _begin(self, address):
        self._has_begun = True
        try:
            self._raw.connect(usocket.getaddrinfo(*address)[0][-1])
        except OSError as e:
            if e.errno != 115:
                raise OSError(ECONNRESET)

    def _state(self, ms=0):
        """EISCONN or EALREADY, or raise. For a call that blocks, a refused connect is a reset."""
        events = self._events(POLLOUT, ms)
        if events & (POLLERR | POLLHUP):
            raise OSError(ECONNRESET)
        return EISCONN if events & POLLOUT else EALREADY

    def _write(self, data):
        """Returns how many bytes were taken, None for none yet, or 0 if the peer has reset it."""
        try:
            return self._raw.write(data)
        except OSError as e:
            if e.errno not in _LINUX_RESETS:
                raise
            return 0

    def _wait_readable(self):
        if self._timeout != 0:
            self._events(POLLIN, -1 if self._timeout is None else int(self._timeout * 1000))


class PicoWSocket(_Socket):
    """As measured on CircuitPython 10.2.1 for Pico W."""

    wakes_at_the_end = False

    def __init__(self, type):
        super().__init__(type)
        # lwIP has closed its part of the socket.
        self._is_reset = False

    def connect(self, address):
        self._live()
        if self._is_reset:
            raise OSError(EBADF)
        if self._has_begun:
            raise OSError(self._state_since())
        self._begin(address)
        if self._timeout == 0:
            raise OSError(EINPROGRESS)
        passed_ms = 0
        while self._timeout is None or passed_ms < self._timeout * 1000:
            utime.sleep_ms(_STEP_MS)
            passed_ms += _STEP_MS
            if self._state() == EISCONN:
                self._is_connected = True
                if self._has_fin():
                    raise OSError(GARBAGE)
                return
        raise OSError(EINPROGRESS)

    def _state_since(self):
        """As _state(), but after a refusal lwIP has already closed its part of the socket."""
        try:
            return self._state()
        except OSError:
            self._is_reset = True
            return EBADF

    def recv_into(self, buffer, bufsize=0):
        self._live()
        view = memoryview(buffer)[: bufsize or len(buffer)]
        self._wait_readable()
        if self._notices_reset():
            raise OSError(EBADF)
        try:
            n = self._raw.readinto(view)
        except OSError:
            self._is_reset = True
            raise OSError(EBADF)
        if n is None:
            raise OSError(EAGAIN if self._timeout == 0 else ETIMEDOUT)
        return n

    def send(self, data):
        self._live()
        if self._notices_reset():
            raise OSError(EBADF)
        if self._has_begun and not self._is_connected:
            self._is_connected = self._state() == EISCONN
        if not self._is_connected or self._has_fin():
            raise BrokenPipeError(EPIPE)
        n = self._write(data)
        if n == 0:
            self._is_reset = True
            raise OSError(EBADF)
        if n is None:
            raise OSError(EAGAIN if self._timeout == 0 else ETIMEDOUT)
        return n

    def _has_fin(self):
        """Whether all has been read, and no more will come."""
        if not self._events(POLLIN) & POLLIN:
            return False
        try:
            return self._raw.recv(1, _MSG_PEEK) == b""
        except OSError:
            return False

    def is_deaf(self):
        """After a RST its poll never wakes up."""
        return self._notices_reset()

    def _notices_reset(self):
        if self._has_begun and not self._is_reset:
            self._is_reset = bool(self._events(POLLIN) & POLLERR)
        return self._is_reset


class Esp32Socket(_Socket):
    """As in its source: ports/espressif/common-hal/socketpool."""

    def __init__(self, type):
        super().__init__(type)
        # Reported once as EAGAIN, like every error, and then as ENOTCONN.
        self._has_been_reset = False

    def connect(self, address):
        self._live()
        if self._has_begun:
            # It is not connected after that.
            raise OSError(self._state())
        self._begin(address)
        passed_ms = 0
        while self._timeout is None or passed_ms < self._timeout * 1000:
            if self._state(_STEP_MS) == EISCONN:
                self._is_connected = True
                return
            passed_ms += _STEP_MS
        raise OSError(ETIMEDOUT)

    def recv_into(self, buffer, bufsize=0):
        self._live()
        view = memoryview(buffer)[: bufsize or len(buffer)]
        self._wait_readable()
        try:
            n = self._raw.readinto(view)
        except OSError:
            n = None
            if self._has_been_reset:
                n = 0
            self._has_been_reset = True
        if n:
            return n
        if self._timeout != 0:
            if n is None:
                raise OSError(ETIMEDOUT)
            return 0
        if n == 0:
            self._is_connected = False
            raise OSError(ENOTCONN)
        raise OSError(EAGAIN)

    def send(self, data):
        self._live()
        if not self._is_connected:
            raise BrokenPipeError(EPIPE)
        n = self._write(data)
        if n == 0:
            self._is_connected = False
            raise OSError(ECONNRESET)
        if n is None:
            # With any timeout.
            raise OSError(EAGAIN)
        return n
