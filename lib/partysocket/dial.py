"""One dial, and the task that runs it and then reads. A dial asks the providers, connects, and
shakes hands. These functions are methods of the driver. `_phase` is how far the dial came. A
failure is judged by it, because the errors of the network differ from port to port.

The last good address of the peer is remembered, so that a slow or dead resolver delays no
reconnect. It is dialled first. The name is looked up again if that fails, or after an hour. If the
look-up fails, the old address is tried again.
"""

import asyncio

from micropython import const

from .connection import flush, read, receive, run_handlers, write
from .core.errors import Error
from .core.handshake import Response, accepted_key, request
from .core.plain_address import split_url
from .core.ticks import ticks_diff
from .ending import fail
from .events import Event
from .net import asked, wait_of
from .net import platform as net

# How often a socket that is being connected is checked.
_STEP_MS = const(5)
_WAIT_MS = const(1000)
# An address is kept for an hour, because servers move.
_KEPT_MS = const(3600000)


async def run(self, serial):
    """The reader's task. `serial` is the number of its dial. When the current dial has another
    number, this task is detached and must touch nothing.
    """
    error = None
    try:
        await dial(self)
        if self._is_over:
            return
        self._phase = "websocket"
        self._life.opened(net.ticks_ms())
        self._protocol.open_queue()
        self._writer = asyncio.create_task(write(self))
        self._wake()
        event = Event("open", self)
        event.reconnected = self._life.opens > 1
        self._debug("open")
        if await run_handlers(self, self._dispatch(event), False, serial):
            await read(self, serial)
    except asyncio.CancelledError:
        # By _let_go, or raised by a provider.
        if not self._is_over and self._is_current(serial):
            self._end(Error("cancelled"))
        raise
    except Exception as e:
        # Ports raise different errors. Each of them ends the connection.
        error = e
        if self._is_current(serial):
            try:
                await fail(self, e)
            except Exception:
                # There was no memory. The connection just ends.
                pass
    finally:
        if self._is_current(serial):
            # After an error this ends the connection, even if `fail` failed too. After the
            # peer's Close it does not: the writer must send the answer.
            if error is not None or not self._protocol.is_closed:
                self._end(error)
            self._reader = None
            self._is_handling = False
            self._wake()
        else:
            self._forget_handler(net.current_task())
            self._woken.set()


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
