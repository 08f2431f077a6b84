"""RFC 6455 frames: bytes in, whole messages out; and the control frames we send."""

from micropython import const

from .errors import ProtocolError
from .mask import mask
from .utf8 import Utf8

NOTHING = 0  # what `next` answers when it needs more bytes; else one of these opcodes (5.2)
TEXT = 1
BINARY = 2
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


class FrameReader:
    """Parses what a server sends, in a receive buffer of fixed size.

    `space()` says where the next bytes go, `received(n)` that they came; then `next()`, until it
    says NOTHING. A message longer than the buffer, or fragmented, gets a buffer of its own, never
    over `max_message_bytes`. What breaks the protocol raises ProtocolError with the close code.
    """

    def __init__(self, size, max_message_bytes):
        self.max_message_bytes = max_message_bytes
        self.payload = None  # of what `next` found: a memoryview that holds until the next call
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
        self._opcode = 0  # of the message that is put together in a buffer of its own, or 0
        self._message = None  # that buffer, perhaps larger than needed
        self._fill = 0  # bytes of the message that came
        self._filling = False  # whether the current frame's payload goes there ...
        self._need = 0  # ... how much of it is still to come ...
        self._fin = False  # ... and whether it ends the message
        self._straight = False  # whether the last `space` was in _message
        self.payload = None

    def space(self):
        """A memoryview to receive into, never empty."""
        self._straight = self._need >= len(self._buf)
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
        while True:
            if self._filling:
                self._fill_up()
                if self._need:
                    return NOTHING
                self._filling = False
                if self._fin:
                    return self._finish()
            if not self._parse_header():
                self._make_room(_MAX_HEADER)
                return NOTHING
            opcode = self._buf[self._start] & _OPCODE
            if self._goes_apart(opcode):
                self._begin(opcode)
                continue
            end = self._start + self._header + self._size
            if end > self._end:
                self._make_room(self._header + self._size)
                return NOTHING
            self.payload = self._view[end - self._size : end]
            self._start = end
            return opcode

    def text(self):
        """The payload as str. Bytes that are no UTF-8 raise ProtocolError 1007 (8.1)."""
        payload = self.payload
        size = len(payload)
        try:
            text = str(payload, "utf-8")
        except UnicodeError:
            text = None
        # Board decoders are lax, but as many characters as bytes means that all of them are ASCII.
        if text is None or len(text) != size:
            self._utf8.reset()
            if not (self._utf8.feed(payload, 0, size) and self._utf8.is_complete):
                raise ProtocolError("text that is not UTF-8", 1007)
        return text

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
        self.payload = self.payload[2:]
        return self.text()

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
        if not opcode & _CONTROL and self._fill + size > self.max_message_bytes:
            raise ProtocolError("a message of more than %d bytes" % self.max_message_bytes, 1009)
        self._header = header
        self._size = size
        return True

    def _goes_apart(self, opcode):
        """Whether the frame at _start needs a message buffer: it can't lie in the receive one."""
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
        size = self._fill + self._size
        if self._message is None or len(self._message) < size:
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
        """Move what has come of the current frame into the message's own buffer."""
        n = min(self._need, self._end - self._start)
        if n:
            self._message[self._fill : self._fill + n] = self._view[self._start : self._start + n]
            self._start += n
            self._fill += n
            self._need -= n
        if self._start == self._end:
            self._start = self._end = 0

    def _finish(self):
        opcode = self._opcode
        self.payload = memoryview(self._message)[: self._fill]
        self._message = None
        self._opcode = 0
        self._fill = 0
        return opcode

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
    buf[0] = _FIN | opcode
    buf[1] = _MASKED | size
    buf[6 : 6 + size] = payload
    put_key(buf, 2)
    mask(buf, 6, size)
    return 6 + size


def close_payload(code, reason):
    """The body of a Close frame: the code, and the reason as UTF-8 (5.5.1)."""
    return bytes((code >> 8, code & 0xFF)) + reason.encode()
