"""Sends one long message as fragments (RFC 6455 5.4), with memory for only one of them; and sends
`hello`. Functions with `self` are methods of Driver.
"""

from micropython import const

from .core.errors import Error
from .core.outgoing import BINARY, TEXT
from .core.seldom import begin_long, break_long
from .net import asked

_PIECE_BYTES = const(1024)


async def hello(self):
    """Get the `hello` message of a new connection, and send it before all others."""
    data = await asked(self._options["hello"])
    if data is None:
        return
    opcode = BINARY
    if isinstance(data, str):
        from .core.utf8 import encoded

        opcode = TEXT
        data = encoded(data)
    elif not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("hello gave %s, not str, bytes or None" % type(data).__name__)
    if not self._is_over:
        self._protocol.send_first(opcode, data)


async def send_chunks(self, chunks, opcode):
    """See WebSocket.send_chunks."""
    if not self._is_open():
        return False
    if self._is_streaming:
        raise Error("another send_chunks() is under way: one long message at a time")
    protocol = self._protocol
    serial = self._life.attempts
    if isinstance(chunks, (bytes, bytearray, memoryview, str)):
        chunks = (chunks,)
    self._is_streaming = True
    begin_long(protocol)
    is_done = False
    try:
        if hasattr(chunks, "__aiter__"):
            async for chunk in chunks:
                if len(chunk):
                    if not await _send(self, serial, opcode, chunk):
                        return False
                    opcode = 0
        else:
            for chunk in chunks:
                if len(chunk):
                    if not await _send(self, serial, opcode, chunk):
                        return False
                    opcode = 0
        is_done = await _send(self, serial, opcode, b"", True)
        return is_done
    finally:
        self._is_streaming = False
        if not is_done and self._life.attempts == serial and not self._is_over:
            # If a part was sent, the peer waits for the rest, so no other message could follow.
            if break_long(protocol) and protocol.close_payload is None:
                self._end(Error("a long message was broken off"))
        self._outgoing.set()


async def _send(self, serial, opcode, data, is_last=False):
    """Send `data` as fragments. The first has `opcode`. With `is_last` there is no data, and the
    message ends. Returns False if the connection ends.
    """
    if isinstance(data, str):
        from .core.utf8 import encoded

        data = encoded(data)
    data = memoryview(data)
    protocol = self._protocol
    at = 0
    while at < len(data) or is_last:
        if not _can_go_on(self, serial):
            return False
        protocol.put_fragment(opcode, data[at : at + _PIECE_BYTES], is_last)
        self._outgoing.set()
        while protocol.fragment is not None:
            self._written.clear()
            self._wants_write = True
            await self._written.wait()
            if not _can_go_on(self, serial):
                return False
        opcode = 0
        is_last = False
        at += _PIECE_BYTES
    return True


def _can_go_on(self, serial):
    is_ours = self._life.attempts == serial and not self._is_over
    return is_ours and self._protocol.close_payload is None
