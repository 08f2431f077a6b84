"""Receiving a message that is larger than the receive buffer, or fragmented (RFC 6455 5.4).

These functions are methods of Protocol. They are loaded when the first such message comes.
"""

from micropython import const

from .errors import ProtocolError
from .outgoing import TEXT

# The same values as in `protocol`. That module imports this one, so it can't be imported here.
_NOTHING = const(0)
_CHUNK = const(3)
# Empty fragments in a row. They cost time and bring nothing.
_MOST_EMPTY = const(1000)


def begin(self, opcode, fin, n):
    """Begin to read a frame of such a message. Its header has been read already."""
    self.is_inside = True
    # Kept as an attribute: an import at each read of a long message would be slow.
    self._go_on = go_on
    self._need = n
    self._fin = fin
    if opcode:
        self._opcode = opcode
        self._is_streamed = self.hears_chunks()
    self._empties = 0 if n else self._empties + 1
    if self._empties > _MOST_EMPTY:
        raise ProtocolError("more than %d empty fragments" % _MOST_EMPTY, 1008)
    n += self._fill
    if self._is_streamed or (self._own is not None and n <= len(self._own)):
        return
    if not fin:
        # More fragments will come. Make room for them now, so that the bytes are not copied again
        # with each fragment.
        n = min(max(n, 2 * self._fill), self._options["max_message_bytes"])
    try:
        own = bytearray(n)
    except MemoryError:
        raise ProtocolError("no memory for a message of %d bytes" % n, 1009)
    if self._fill:
        own[: self._fill] = memoryview(self._own)[: self._fill]
    self._own = own


def go_on(self):
    """Read more of the frame. Returns NOTHING, CHUNK, the opcode of the message if it is whole
    now, or -1: the frame has ended, but its message goes on in another frame.
    """
    start = self.start
    at = self._fill
    n = min(self._need, self.end - start)
    piece = self._view[start : start + n]
    self.start += n
    self._need -= n
    self._fill += n
    self.is_inside = self._need > 0
    is_last = bool(self._fin) and not self.is_inside
    if not self._is_streamed:
        own = memoryview(self._own)
        if n:
            own[at : at + n] = piece
        piece = own[self._checked : at + n]
    opcode = self._opcode
    if opcode == TEXT:
        self._check(piece, is_last)
    if is_last:
        self._opcode = self._fill = self._empties = 0
        if self.close_payload is None:
            self.messages_in += 1
    if self._is_streamed and (n or is_last):
        self.payload = piece
        self.offset = at
        self.is_text = opcode == TEXT
        self.is_last = is_last
        return _CHUNK
    if self.is_inside:
        return _NOTHING
    if not is_last:
        return -1
    self.payload = memoryview(self._own)[: at + n]
    return opcode
