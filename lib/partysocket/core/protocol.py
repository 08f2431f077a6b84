"""One connection's bytes, both ways (RFC 6455): what came in is parsed in a receive buffer of
fixed size, and what that calls for, a pong or a Close, goes out by itself.

    out:  push() -> to_send() -> the transport takes n bytes -> sent(n)
    in:   space() -> the transport puts n bytes there -> received(n)
          -> take_short() or next(), until they say NOTHING
"""

from micropython import const

from .mask import is_ascii
from .outgoing import BINARY, CLOSE, PING, PONG, TEXT, Outgoing

NOTHING = 0  # what `next` says when it needs more bytes; else CHUNK, or an opcode (5.2)
CHUNK = 3  # a piece of a message that is handed on in pieces

_FIN = const(0x80)
_RSV = const(0x70)
_OPCODE = const(0x0F)
_CONTROL = const(0x08)
_MOST_CONTROL_BYTES = const(125)  # 5.5
_MOST_HEADER_BYTES = const(10)  # a server's: 2, and 8 of length


class Protocol(Outgoing):
    """A message that lies whole in the receive buffer is a view of it. A longer or a fragmented
    one gets a buffer of its own, never over `max_message_bytes`, or passes through in pieces.
    What breaks the protocol raises ProtocolError with the close code: hand it to `reject`.
    """

    def __init__(self, options, random, hears_chunks=bool):
        """`hears_chunks()`: whether messages beyond the receive buffer are wanted as CHUNKs, asked
        when one begins; `bool` says that they never are. For `options` and `random` see Outgoing.
        """
        # The large pieces come first, while the heap has room in one piece.
        self._options = options
        self.start = self.end = 0
        self.renew_buffer()
        super().__init__(options, random)
        self.hears_chunks = hears_chunks
        self.bytes_in = 0
        self.messages_in = 0  # whole ones, before our Close
        self.reset(None)

    def renew_buffer(self):
        """Take another receive buffer, with what is not parsed yet: somebody may still look into
        the last one. Not while a message beyond it is under way.
        """
        buf = bytearray(self._options["receive_bytes"] + _MOST_HEADER_BYTES)
        n = self.end - self.start
        if n:
            buf[:n] = self._view[self.start : self.end]
        self._view = memoryview(buf)
        self._buf = buf
        self._own = None
        self.start = 0
        self.end = n

    def reset(self, request):
        """A new connection begins, with `request` (bytes) to go out. The queue stays."""
        self.reset_outgoing(request and memoryview(request))
        self.is_closed = False  # the peer's Close has come
        self.code = 1006  # of the close event
        self.reason = ""
        self.clear()

    def clear(self):
        """Forget what came in."""
        self.start = 0  # bytes from here ...
        self.end = 0  # ... to here are not parsed yet
        self._length = 0  # payload bytes of the frame whose header was checked last
        # The message that goes beyond the receive buffer:
        self._opcode = 0  # TEXT or BINARY, or 0: there is none
        self._own = None  # its buffer, perhaps a larger one that the last such message left
        self._is_streamed = False  # it comes as CHUNKs
        self._fill = 0  # bytes of it that came
        self._need = 0  # of its current frame: bytes that are still to come ...
        self._fin = 0  # ... and not 0 if it is the message's last
        self.is_inside = False  # whether the next bytes belong to that frame ...
        self._go_on = None  # ... and what takes them: see `long`
        self._empties = 0  # its last fragments that were empty
        # A text that comes in pieces is checked piece by piece:
        self._checked = 0  # bytes of it that are checked
        self._utf8 = None  # what knows the character that is cut, once one was not ASCII
        self.payload = None  # of what `next` found: a memoryview that holds until the next call
        self.offset = 0  # of a CHUNK: bytes of its message before it ...
        self.is_text = self.is_last = False  # ... what it is, and whether it ends the message
        self.is_drained = False  # the last read left nothing behind: asking again is in vain
        self._room = 0  # bytes of the last `space`

    # What the transport gives.

    def space(self):
        """A memoryview to receive into, never empty."""
        if self._need >= len(self._buf) and not self._is_streamed:
            self._room = self._need
            return memoryview(self._own)[self._fill : self._fill + self._need]
        n = self.end - self.start
        if self.start:
            # What is not parsed moves to the front: a frame that the buffer can hold lies in one
            # piece then.
            if n:
                self._view[:n] = self._view[self.start : self.end]
            self.start = 0
            self.end = n
        self._room = len(self._buf) - n
        return self._view[n:] if n else self._view

    def received(self, n):
        """`n` bytes came into the last `space()`."""
        if self._need >= len(self._buf) and not self._is_streamed:
            self._fill += n
            self._need -= n
        else:
            self.end += n
        self.bytes_in += n
        self.is_drained = n < self._room

    def next_line(self):
        """The next line of an HTTP head, as bytes without its end; None while it isn't whole."""
        end = self._buf.find(b"\n", self.start, self.end)
        if end < 0:
            if self.end - self.start == len(self._buf):
                from .violation import of_line

                raise of_line()
            return None
        line = bytes(self._view[self.start : end])
        self.start = end + 1
        return line[:-1] if line.endswith(b"\r") else line

    # What is in it.

    def take_short(self):
        """The way that most messages take: TEXT or BINARY, with the bytes in `payload`, if a
        message lies next that is whole, in one frame, and right; else NOTHING, and it is as if
        nobody had looked. Then `next` finds out.
        """
        start = self.start
        at = start + 2
        if at > self.end or self._opcode or self._checked:
            return NOTHING
        buf = self._buf
        n = buf[start + 1]
        if n > 125:
            at += 2
            if n != 126 or at > self.end:
                return NOTHING
            n = buf[start + 2] << 8 | buf[start + 3]
        start = buf[start]
        n += at
        if start != 0x82 and start != 0x81 or n > self.end:
            return NOTHING
        payload = self._view[at:n]
        if (start == 0x81 and not is_ascii(payload)) or n - at > self._options[
            "max_message_bytes"
        ]:
            return NOTHING
        self.payload = payload
        self.start = n
        if self.close_payload is None:
            self.messages_in += 1
        return start & 3

    def next(self):
        """What lies next, with its bytes in `payload`: TEXT or BINARY, a whole message; CHUNK;
        CLOSE; PONG, the answer to our last ping; PING, one that must wait until the last one's
        pong is written: call again then; or NOTHING.
        """
        self.payload = None
        while True:
            if self.is_inside:
                kind = self._go_on(self)
                if kind >= 0:
                    return kind
            start = self.start
            have = self.end - start
            header = self._check_header(start, have)
            if not header:
                return NOTHING
            n = self._length
            first = self._buf[start]
            opcode = first & _OPCODE
            if not opcode & _CONTROL:
                if not first & _FIN or not opcode or header + n > len(self._buf):
                    from .long import begin

                    self.start += header
                    begin(self, opcode, first & _FIN, n)
                    continue
            end = start + header + n
            is_whole = end <= self.end
            if opcode == TEXT:
                self._check(self._view[end - n + self._checked : min(end, self.end)], is_whole)
            if not is_whole:
                return NOTHING
            payload = self._view[end - n : end]
            if opcode == PING:
                if self._pong is not None:
                    return PING
                if not self._is_shut and not self.is_close_sent:
                    self._pong = bytes(payload)
                    self.is_urgent = True
            self.start = end
            if opcode == PONG:
                is_of_last = self.confirm(payload)
                if not is_of_last:
                    continue
            elif opcode == PING:
                continue
            elif opcode == CLOSE:
                self._take_close(payload)
            elif self.close_payload is None:
                self.messages_in += 1
            self.payload = payload
            return opcode

    def _check_header(self, at, have):
        """The header's length, with the payload's in `_length`; 0 while it isn't whole. Believes
        no length that it hasn't checked.
        """
        if have < 2:
            return 0
        buf = self._buf
        first = buf[at]
        n = buf[at + 1]
        opcode = first & _OPCODE
        if opcode & _CONTROL:
            is_right = opcode <= PONG and n <= _MOST_CONTROL_BYTES and first & _FIN
        else:
            is_right = opcode <= BINARY and (opcode == 0) == (self._opcode != 0)  # 5.4
        if not is_right or first & _RSV or n > 127:
            from .violation import of_header

            raise of_header(first, n)
        header = 2
        if n > 125:
            header = 4 if n == 126 else _MOST_HEADER_BYTES
            if have < header:
                return 0
            n = 0
            for i in range(at + 2, at + header):
                if n > 0x3FFFFF:  # a big int with the next byte, whatever the limit
                    from .violation import of_size

                    raise of_size(1 << 30)
                n = n << 8 | buf[i]
        most = self._options["max_message_bytes"]
        if not opcode & _CONTROL and self._fill + n > most:
            if not (self.hears_chunks() if opcode else self._is_streamed):
                from .violation import of_size

                raise of_size(most)
        self._length = n
        return header

    def _check(self, piece, is_last):
        """Fail at the first byte of a text that can't be UTF-8 (8.1)."""
        if self._utf8 is not None or not is_ascii(piece):
            from .utf8 import check_piece

            check_piece(self, piece, is_last)
        self._checked = 0 if is_last else self._checked + len(piece)

    # The Close handshake (5.5.1, 7.1).

    def _take_close(self, payload):
        """The peer's Close: answer it, once, with its own code."""
        n = len(payload)
        code = 1005  # 7.1.5: it has none
        reason = ""
        if n:
            code = payload[0] << 8 | payload[1] if n > 1 else 0
            if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
                from .violation import of_close

                raise of_close(code)
            # The Close may come between the halves of a text's character.
            self._utf8 = None
            self._check(payload[2:], True)
            reason = str(payload[2:], "utf-8")
        self.is_closed = True
        self.code = code
        self.reason = reason
        # The peer reads no more: nothing else goes out before the answer.
        self.close(code if n else 1000, "", 0)

    def reject(self, error):
        """The peer broke the protocol: say so in a Close frame (7.1.7), behind what waits."""
        self.code = error.code
        self.close(error.code, str(error), self.pushed)
