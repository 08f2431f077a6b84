"""One dial: asks the providers, connects, and shakes hands. The functions are the driver's, in a
file of their own. The phase says how far it came, which is what a failure is judged by: the
errors of the network differ from port to port.

The peer's last good address is remembered, so that a resolver that is slow or dead stalls no
reconnect. It is dialled first; the name is looked up again when that fails or is old. When the
look-up fails, the old address has its turn again.
"""

import asyncio

from micropython import const

from .connection import flush, receive
from .core.errors import Error
from .core.handshake import Response, accepted_key, request
from .core.plain_address import split_url
from .core.ticks import ticks_diff
from .net import asked, wait_of
from .net import platform as net

_STEP_MS = const(5)  # between looks at a socket that is being connected
_WAIT_MS = const(1000)
_KEPT_MS = const(3600000)  # an address, for an hour: servers move


async def dial(self):
    """Return when the server has upgraded; raise what went wrong."""
    options = self._options
    protocol = self._protocol
    url = await asked(self._url)
    if not isinstance(url, str):
        raise TypeError("Invalid URL: %s is not str" % type(url).__name__)
    if self._is_over:  # the provider has called close() or reconnect(): ask nobody else
        return
    protocols = self._protocols
    if callable(protocols):
        from .options import protocol_list

        protocols = protocol_list(await asked(protocols))
    headers = await asked(options["headers"])
    secure, authority, host, port, target = split_url(url)
    key = net.base64(net.urandom(16)).decode()
    head = request(authority, target, key, protocols, headers)
    protocol.reset(head)
    if self._is_over:
        return
    self.url = "%s://%s%s" % ("wss" if secure else "ws", authority, target)
    self._debug("dial %d: %s", self._life.attempts, self.url.split("?", 1)[0])
    context = None
    if secure:
        self._phase = "tls"
        context = _context(self, options["ssl"])
    self._phase = "dns"
    transport = self._transport = (options["transport"] or net.Transport)()
    known = _known_address(self, host)
    self._host = host
    self._was_known = known is not None
    self._feed()  # a look-up may block
    now = net.ticks_ms()
    transport.start(known or host, port, context, host, self._life.wait_ms(now))
    self._phase = "tcp"
    is_up = False
    while not is_up:
        try:
            is_up = transport.step()
        finally:  # what a step raises belongs to the phase that it reached
            self._phase = getattr(transport, "phase", "tcp")
        if not is_up:
            await asyncio.sleep(_STEP_MS / 1000)
    await _send(self)
    self._phase = "http"
    response = Response(net.base64(net.sha1(accepted_key(key))), protocols)
    try:
        while True:
            line = protocol.next_line()
            if line is None:
                await receive(self)
            elif response.feed(line):
                break
    except Error as e:
        from .refused import refused

        raise await refused(self, response, head, e)
    self.protocol = response.protocol
    if options["hello"] is not None and not self._is_over:
        from .stream import hello

        self._phase = "provider"
        await hello(self)
        await _send(self)
    address = getattr(transport, "address", None)
    looked_up = self._address[2] if known else net.ticks_ms()
    self._address = (host, address, looked_up, address is not None)


def _known_address(self, host):
    """The numeric address to dial for `host`, or None: look it up."""
    if self._address is None:
        return None
    known, address, looked_up, is_trusted = self._address
    age = ticks_diff(net.ticks_ms(), looked_up)
    return address if is_trusted and 0 <= age < _KEPT_MS and host == known else None


def _context(self, trust):
    """The SSLContext to dial with; Error if there is nothing to verify by."""
    if self._context is None or trust is not self._trust:
        from .net.tls import context

        self._context = context(trust)
        self._trust = trust
        if trust is False:
            self._warn("ssl=False: anybody can pose as the server")
    return self._context


async def _send(self):
    """Write all that the protocol lets out before the queue is open."""
    while flush(self):
        await wait_of(self._transport)(False, True, _WAIT_MS)
