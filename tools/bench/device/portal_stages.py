"""A Portal in steps, to measure the heap that each of them keeps. There is no loop: its task is
driven by hand.
"""

import asyncio
import sys

_TURNS = 40
_portal = _task = None
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
    """Where a client has sent half of a request of the longest kind."""

    left = 0

    def setsockopt(self, *arguments):
        pass

    setblocking = bind = listen = close = setsockopt

    def accept(self):
        if not _Socket.left:
            raise OSError(11)
        return self, None

    def recvfrom(self, size):
        raise OSError(11)

    def recv(self, size):
        if not _Socket.left:
            raise OSError(11)
        _Socket.left -= size
        return b"a" * size


class _Wifi:
    word = "waiting: no network"

    def status(self):
        return self.word


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


def _keep(task):
    global _task
    _task = task
    return task


def _sleep(seconds):
    yield


def closed():
    """A portal that watches."""
    global _portal
    from partysocket.portal import Portal

    _portal = Portal(_Wifi(), "/secrets.py", "/portal_password", lambda text: None)
    _portal.start()
    _turn(3)


def opened():
    """It is open, and nobody is there."""
    from partysocket.base import net

    ticks = net.ticks_ms
    net.ticks_ms = lambda: ticks() + 301000
    _turn(_TURNS)
    assert _portal.is_open


def visited():
    """A client has sent 384 bytes, of one line."""
    _Socket.left = 384
    _turn(_TURNS)


def closed_again():
    """There is a link."""
    _Wifi.word = "up"
    _Socket.left = 0
    from partysocket.base import net

    ticks = net.ticks_ms
    net.ticks_ms = lambda: ticks() + 20000
    _turn(_TURNS)
    assert not _portal.is_open


def _turn(count):
    for _ in range(count):
        _task.send(None)
