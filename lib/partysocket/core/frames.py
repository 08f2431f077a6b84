"""RFC 6455 frames: bytes in, whole messages out; and the control frames we send."""

from micropython import const

from .errors import ProtocolError
from .mask import mask
from .ring import put_header
from .utf8 import Utf8, is_ascii

NOTHING = 0  # what `next` answers when it needs more bytes; else CHUNK, or an opcode (5.2)
TEXT = 1
BINARY = 2
CHUNK = 3  # a piece of a message that is streamed
CLOSE = 8
PING = 9
PONG = 10
MAX_CONTROL_BYTES = 125  # 5.5
MAX_CONTROL_FRAME = 131  # with header and mask

_FIN = const(0x80)
_RSV = const(0x70)
_OPCODE = const(0x0F)
_CONTROL = const(0x08)
_MASKED = const(0x80)
_MAX_HEADER = const(10)  # a server's: 2 bytes, and 8 of length
_MOST_EMPTY = const(1000)  # fragments in a row without a byte: they cost time and bring nothing


class FrameReader:
    """Parses what a server sends, in a receive buffer of fixed size.

    `space()` says where the next bytes go, `received(n)` that they came; then `next()`, until it
    says NOTHING. A message longer than the buffer, or fragmented, gets a buffer of its own, never
    over `max_message_bytes`. What breaks the protocol raises ProtocolError with the close code.
    """

    def __init__(self, size, max_message_bytes):
        self.max_message_bytes = max_message_bytes
        self.streams = False  # whether messages beyond the receive buffer come as CHUNKs
        self.payload = None  # of what `next` found: a memoryview that holds until the next call
        self.offset = 0  # of a CHUNK: bytes of its message before it ...
        self.is_text = self.is_last = False  # ... what it is, and whether it ends the message
        self._buf = bytearray(size + _MAX_HEADER)
        self._view = memoryview(self._buf)
        self._utf8 = Utf8()
        self.reset()

    def reset(self):
        """Forget everything: a new connection."""
        self._start = 0  # bytes from here ...
        self._end = 0  # ... to here are not parsed yet
        self._header = 0  # the frame at _start: bytes of its header ...
        self._size = 0  # ... and of its payload
        self._opcode = 0  # of the message that goes beyond the receive buffer, or 0
        self._streamed = False  # whether it comes as CHUNKs
        self._message = None  # else its buffer, perhaps larger than needed ...
        self._spare = b""  # ... which the next such message takes over
        self._fill = 0  # bytes of the message that came
        self._empties = 0  # its last fragments that were empty
        self._filling = False  # whether the current frame's payload goes there ...
        self._need = 0  # ... how much of it is still to come ...
        self._fin = False  # ... and whether it ends the message
        self._straight = False  # whether the last `space` was in _message
        self._checked = 0  # bytes of a text that is coming in that are known to be UTF-8 ...
        self._is_checked = False  # ... and whether that is all of `payload`
        self.payload = None
        self._utf8.reset()

    def space(self):
        """A memoryview to receive into, never empty."""
        self._straight = not self._streamed and self._need >= len(self._buf)
        if self._straight:
            return memoryview(self._message)[self._fill : self._fill + self._need]
        return self._view[self._end :] if self._end else self._view

    def received(self, n):
        """`n` bytes came into the last `space()`."""
        if self._straight:
            self._fill += n
            self._need -= n
        else:
            self._end += n

    def line(self):
        """The next line of an HTTP head, as bytes without its end; None while it isn't whole."""
        end = self._buf.find(b"\n", self._start, self._end)
        if end < 0:
            self._make_room(len(self._buf))
            if self._end == len(self._buf):
                raise ProtocolError("a header line is longer than receive_bytes", 1002)
            return None
        line = bytes(self._view[self._start : end])
        self._start = end + 1
        return line[:-1] if line.endswith(b"\r") else line

    def next(self):
        """The opcode of the next message or control frame, or NOTHING."""
        self.payload = None
        self._is_checked = False
        while True:
            if self._filling:
                kind = self._fill_up()
                if kind >= 0:
                    return kind
            if not self._parse_header():
                self._make_room(_MAX_HEADER)
                return NOTHING
            opcode = self._buf[self._start] & _OPCODE
            if self._goes_apart(opcode):
                self._begin(opcode)
                continue
            end = self._start + self._header + self._size
            at = end - self._size + self._checked
            if end > self._end:
                if opcode == TEXT:
                    self._check(self._view[at : self._end])
                self._make_room(self._header + self._size)
                return NOTHING
            if self._checked and opcode == TEXT:
                self._check(self._view[at:end])
                self._end_check()
            self.payload = self._view[end - self._size : end]
            self._start = end
            return opcode

    def text(self):
        """The payload as str. Bytes that are no UTF-8 raise ProtocolError 1007 (8.1)."""
        if not self._is_checked:
            self._check(self.payload)
            self._end_check()
        return str(self.payload, "utf-8")

    def close_code(self):
        """The code of a CLOSE, 1005 if it has none (7.1.5). A wrong one raises ProtocolError 1002
        (7.4).
        """
        size = len(self.payload)
        if not size:
            return 1005
        code = self.payload[0] << 8 | self.payload[1] if size > 1 else 0
        if 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999:
            return code
        raise ProtocolError("a Close with the code %d" % code, 1002)

    def close_reason(self):
        """The reason of a CLOSE, as str. No UTF-8: ProtocolError 1007."""
        reason = self.payload[2:]
        text = Utf8()  # of its own: the Close may come between the halves of a character
        if not text.feed(reason, 0, len(reason)) or not text.is_complete:
            raise ProtocolError("a Close reason that is not UTF-8", 1007)
        return str(reason, "utf-8")

    def _parse_header(self):
        """Read and check the header at _start; False while it isn't whole. Believes no length it
        hasn't checked.
        """
        buf = self._buf
        at = self._start
        have = self._end - at
        if have < 2:
            return False
        first = buf[at]
        size = buf[at + 1]
        opcode = first & _OPCODE
        if first & _RSV:
            raise ProtocolError("reserved bits without an extension", 1002)
        if size & _MASKED:
            raise ProtocolError("a masked frame from a server", 1002)  # 5.1
        if opcode & _CONTROL:
            if opcode > PONG:
                raise ProtocolError("opcode %d" % opcode, 1002)
            if size > MAX_CONTROL_BYTES or not first & _FIN:
                raise ProtocolError("a control frame that is long or fragmented", 1002)
        elif opcode > BINARY:
            raise ProtocolError("opcode %d" % opcode, 1002)
        elif (opcode == 0) != (self._opcode != 0):  # 5.4
            raise ProtocolError("a fragment out of order", 1002)
        header = 2
        if size > MAX_CONTROL_BYTES:
            header = 4 if size == 126 else _MAX_HEADER
            if have < header:
                return False
            size = 0
            for i in range(at + 2, at + header):
                if size > 0x3FFFFF:  # a big int with the next byte, whatever the limit
                    raise ProtocolError("a message of 1 GiB or more", 1009)
                size = size << 8 | buf[i]
        if self._limits(opcode, size):
            raise ProtocolError("a message of more than %d bytes" % self.max_message_bytes, 1009)
        self._header = header
        self._size = size
        return True

    def _limits(self, opcode, size):
        """Whether the frame makes its message longer than `max_message_bytes`."""
        if opcode & _CONTROL or self._fill + size <= self.max_message_bytes:
            return False
        return not (self.streams if opcode else self._streamed)

    def _goes_apart(self, opcode):
        """Whether the frame at _start belongs to a message that goes beyond the receive buffer."""
        if opcode & _CONTROL:
            return False
        whole = opcode and self._buf[self._start] & _FIN
        return not whole or self._header + self._size > len(self._buf)

    def _begin(self, opcode):
        """Take the header off, and make room for its payload in the message's own buffer."""
        self._fin = self._buf[self._start] & _FIN != 0
        self._start += self._header
        self._opcode = self._opcode or opcode
        self._need = self._size
        self._filling = True
        self._empties = 0 if self._size else self._empties + 1
        if self._empties > _MOST_EMPTY:
            raise ProtocolError("more than %d empty fragments" % _MOST_EMPTY, 1008)
        if opcode:
            self._streamed = self.streams
        size = self._fill + self._size
        if not self._streamed:
            if self._message is None:
                self._message, self._spare = self._spare, b""
            if len(self._message) < size:
                self._grow(size)

    def _grow(self, size):
        """Give the message a buffer for `size` bytes, with room for more if it isn't the last."""
        if not self._fin:
            size = min(max(size, 2 * self._fill), self.max_message_bytes)
        try:
            message = bytearray(size)
        except MemoryError:
            raise ProtocolError("no memory for a message of %d bytes" % size, 1009)
        if self._fill:
            message[: self._fill] = memoryview(self._message)[: self._fill]
        self._message = message

    def _fill_up(self):
        """Go on with a frame that goes beyond: NOTHING, its message's opcode, CHUNK, or -1 when it
        is through and its message goes on.
        """
        n = min(self._need, self._end - self._start)
        piece = self._view[self._start : self._start + n]
        self._start += n
        self._need -= n
        if not self._streamed:
            piece = memoryview(self._message)
            if n:
                piece[self._fill : self._fill + n] = self._view[self._start - n : self._start]
            piece = piece[self._checked : self._fill + n]
        if self._opcode == TEXT:
            self._check(piece)
        self.offset = self._fill
        self._fill += n
        self._filling = self._need > 0
        self.is_last = self._fin and not self._filling
        if self._streamed and (n or self.is_last):
            self.payload = piece
            self.is_text = self._opcode == TEXT
            if self.is_last:
                self._finish()
            return CHUNK
        if self._filling:
            self._make_room(_MAX_HEADER)
            return NOTHING
        if not self._fin:
            return -1
        self.payload = memoryview(self._message)[: self._fill]
        return self._finish()

    def _finish(self):
        opcode = self._opcode
        if opcode == TEXT:
            self._end_check()
        if self._message is not None:
            self._spare = self._message
        self._message = None
        self._streamed = False
        self._opcode = 0
        self._fill = 0
        self._empties = 0
        return opcode

    def _check(self, piece):
        """Fail at the first byte of a text that can't be UTF-8."""
        size = len(piece)
        self._checked += size
        if self._utf8.is_complete and is_ascii(piece):
            return
        if not self._utf8.feed(piece, 0, size):
            self._utf8.reset()
            raise ProtocolError("text that is not UTF-8", 1007)

    def _end_check(self):
        self._checked = 0
        if not self._utf8.is_complete:
            self._utf8.reset()
            raise ProtocolError("text that ends inside a character", 1007)
        self._is_checked = True

    def _make_room(self, size):
        """Let `size` bytes from _start on lie in one piece, at the front if need be."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start and self._start + size > len(self._buf):
            n = self._end - self._start
            self._view[:n] = self._view[self._start : self._end]
            self._start = 0
            self._end = n


def control_frame(buf, opcode, payload, put_key):
    """Write a masked control frame to `buf` (MAX_CONTROL_FRAME bytes) and return its length."""
    size = len(payload)
    put_header(buf, 0, _FIN | opcode, size)
    buf[6 : 6 + size] = payload
    put_key(buf, 2)
    mask(buf, 6, size)
    return 6 + size


def close_payload(code, reason):
    """The body of a Close frame: the code, and the reason as UTF-8 (5.5.1)."""
    return bytes((code >> 8, code & 0xFF)) + reason.encode()
