"""The peer's last good address, so that a resolver that is slow or dead stalls no reconnect."""

from micropython import const

from .core.errors import HandshakeError
from .core.ticks import ticks_diff
from .net import platform as net

_KEPT_MS = const(3600000)  # an hour: servers move


class Names:
    """Remembers one address. It is dialled first; the name is looked up again when that fails or
    is old. When the look-up fails, the old address has its turn again.
    """

    def __init__(self):
        self._host = None
        self._address = None
        self._asked = 0  # ticks of the last look-up
        self._is_trusted = False  # the next dial goes there

    def known(self, host):
        """The numeric address to dial for `host`, or None: look it up."""
        age = ticks_diff(net.ticks_ms(), self._asked)
        is_fresh = self._is_trusted and 0 <= age < _KEPT_MS
        return self._address if is_fresh and host == self._host else None

    def opened(self, host, address, was_known):
        """A connection was made. `address`: None where the transport doesn't tell."""
        self._host = host
        self._address = address
        self._is_trusted = address is not None
        if not was_known:
            self._asked = net.ticks_ms()

    def failed(self, host, was_known, phase, error):
        """A dial failed before there was a connection."""
        if host != self._host or isinstance(error, HandshakeError):
            return  # a server that answers is the right one
        if was_known:
            self._is_trusted = False
        elif phase == "dns":
            self._is_trusted = self._address is not None
            self._asked = net.ticks_ms()
