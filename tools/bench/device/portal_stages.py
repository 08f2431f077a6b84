"""A Portal in steps, to measure the heap that each of them keeps. There is no loop: its task is
driven by hand.
"""

import asyncio
import sys

_TURNS = 40
_portal = _task = None
_now = 0
# What an access point finds: ten names, each of 12 bytes.
_AROUND = [(b"network %04d" % i, b"", 1, -i, 3, False) for i in range(20)]


class _Interface:
    def active(self, *on):
        return True

    def config(self, *name, **settings):
        return {"mac": b"123456", "security": 3}[name[0]] if name else None

    def ifconfig(self):
        return ("192.168.4.1",)

    def scan(self):
        return _AROUND


class _Socket:
    """Where a client has sent half of a request of the longest kind, or takes no more of the
    answer.
    """

    left = 0
    is_whole = False

    def setsockopt(self, *arguments):
        pass

    setblocking = bind = listen = close = setsockopt

    def accept(self):
        if not _Socket.left and not _Socket.is_whole:
            raise OSError(11)
        return self, None

    def recvfrom(self, size):
        raise OSError(11)

    def send(self, data):
        raise OSError(11)

    def recv(self, size):
        if _Socket.is_whole:
            return b"GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n"
        if not _Socket.left:
            raise OSError(11)
        size = min(size, _Socket.left)
        _Socket.left -= size
        return b"a" * size


class _Wifi:
    word = "waiting: no network"

    def status(self):
        return self.word


_wifi = _Wifi()
_wifi.word = "waiting: no network"


class _Module:
    WLAN = IF_AP = IF_STA = None


_network, _sockets = _Module(), _Module()


def _wlan(interface):
    return _Interface()


def prepare():
    """The step before a portal is made."""
    _network.WLAN = _wlan
    _network.AP_IF, _network.STA_IF, _network.STAT_GOT_IP = 1, 0, 1010
    sys.modules["network"] = _network
    for name in ("AF_INET", "SOCK_STREAM", "SOCK_DGRAM", "SOL_SOCKET", "SO_REUSEADDR"):
        setattr(_sockets, name, 1)
    _sockets.socket = lambda *kind: _Socket()
    _sockets.getaddrinfo = lambda *place: [(None,)]
    sys.modules["socket"] = _sockets
    asyncio.create_task = _keep
    asyncio.sleep = _sleep
    from partysocket.base import net

    net.ticks_ms = _ticks


def _keep(task):
    global _task
    _task = task
    return task


def _sleep(seconds):
    yield


def _ticks():
    return _now


def closed():
    """A portal that watches."""
    global _portal
    from partysocket.portal import Portal

    _portal = Portal(_wifi, "/secrets.py", "/portal_password", _say_nothing)
    _portal.start()
    _turn(0)


def opened():
    """It is open, and nobody is there."""
    _turn(301000)
    assert _portal.is_open


def visited():
    """A client has sent the longest line that is read."""
    _Socket.left = 416
    _turn(0)


def answered():
    """That client has gone, and another one asks for the page, of which it takes nothing."""
    _turn(11000)
    _Socket.is_whole = True
    _turn(0)


def closed_again():
    """There was a link. A second time, because names that files share stay in memory."""
    _Socket.is_whole = False
    _turn(11000)
    for _ in range(2):
        _wifi.word = "up"
        _turn(20000)
        assert not _portal.is_open
        _wifi.word = "waiting: no network"
        _turn(301000)
        assert _portal.is_open
    _wifi.word = "up"
    _turn(20000)


def _say_nothing(text):
    pass


def _turn(ms):
    """Let time pass, and the task run."""
    global _now
    _now += ms
    for _ in range(_TURNS):
        _task.send(None)
