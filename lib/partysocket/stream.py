"""Sending one long message as fragments (RFC 6455 5.4), in the memory of one of them."""

import asyncio

from micropython import const

from .core.errors import Error
from .core.frames import BINARY, TEXT
from .core.mask import mask
from .core.ring import put_header
from .core.utf8 import encoded

_PIECE_BYTES = const(1024)
_FIN = const(0x80)


class Stream:
    """A long message under way on a link: its writer sends `fragment`, once the ring is so far."""

    def __init__(self, link, keys, after):
        self.after = after  # records of the ring that go first; later ones wait
        self.fragment = None  # the one to write, or None
        self.has_begun = False  # some of it has gone out
        self.gone = asyncio.Event()  # it was written, or the link ended
        self._link = link
        self._keys = keys
        self._view = memoryview(bytearray(8 + _PIECE_BYTES))

    async def send(self, first, data):
        """Send `data` as fragments, the first one beginning with the byte `first`; False if the
        link ended.
        """
        if isinstance(data, str):
            data = encoded(data)
        data = memoryview(data)
        at = 0
        while at < len(data) or first & _FIN:
            piece = data[at : at + _PIECE_BYTES]
            start = put_header(self._view, 0, first, len(piece))
            end = start + len(piece)
            self._view[start:end] = piece
            self._keys.put(self._view, start - 4)
            mask(self._view, start, len(piece))
            self.fragment = self._view[:end]
            self._link.nudge()
            while self.fragment is not None:
                if not self._link.can_stream():
                    return False
                self.gone.clear()
                await self.gone.wait()
            first = 0
            at += _PIECE_BYTES
        return True


async def hello(engine):
    """The frame that greets the server on a new connection, or None."""
    from .face import asked

    data = await asked(engine.options["hello"])
    if data is None:
        return None
    opcode = BINARY
    if isinstance(data, str):
        opcode = TEXT
        data = encoded(data)
    elif not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("hello gave %s, not str, bytes or None" % type(data).__name__)
    frame = memoryview(bytearray(len(data) + 14))
    start = put_header(frame, 0, _FIN | opcode, len(data))
    end = start + len(data)
    frame[start:end] = data
    engine.keys.put(frame, start - 4)
    mask(frame, start, len(data))
    return frame[:end]


async def send_chunks(engine, chunks, opcode):
    """See WebSocket.send_chunks."""
    if not engine.is_open():
        return False
    link = engine.link
    if link.stream is not None:
        raise Error("another send_chunks() is under way: one long message at a time")
    stream = link.stream = Stream(link, engine.keys, engine.ring.pushed)
    if isinstance(chunks, (bytes, bytearray, memoryview, str)):
        chunks = (chunks,)
    is_done = False
    try:
        if hasattr(chunks, "__aiter__"):
            async for chunk in chunks:
                if len(chunk) and not await stream.send(opcode, chunk):
                    return False
                opcode = 0 if len(chunk) else opcode
        else:
            for chunk in chunks:
                if len(chunk) and not await stream.send(opcode, chunk):
                    return False
                opcode = 0 if len(chunk) else opcode
        is_done = await stream.send(_FIN | opcode, b"")
        return is_done
    finally:
        if is_done or not stream.has_begun:
            link.stream = None
            link.nudge()
        elif link.can_stream():  # the peer waits for the rest, and nothing else could follow
            link.end(Error("a long message was broken off"))
