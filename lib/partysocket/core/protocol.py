"""One connection's bytes in both directions (RFC 6455). Incoming bytes are parsed in a receive
buffer of fixed size. Pings and Closes are answered without the driver's help.

    out:  push() -> to_send() -> the transport takes n bytes -> sent(n)
    in:   space() -> the transport puts n bytes there -> received(n)
          -> take_short() or next(), until they say NOTHING
"""

from micropython import const

from .mask import is_ascii
from .outgoing import BINARY, CLOSE, PING, PONG, TEXT, Outgoing

# `next` returns one of these two, or an opcode (5.2).
NOTHING = 0  # more bytes are needed
CHUNK = 3  # a piece of a message that is handed on in pieces

_FIN = const(0x80)
_RSV = const(0x70)
_OPCODE = const(0x0F)
_CONTROL = const(0x08)
_MOST_CONTROL_BYTES = const(125)  # 5.5
# Of a server's frame: 2 bytes, and 8 for the length.
_MOST_HEADER_BYTES = const(10)


class Protocol(Outgoing):
    """Parses what a server sends, and owns the receive buffer.

    A message in one frame that fits into the receive buffer is handed on as a view of it. A longer
    or fragmented message gets its own buffer of at most `max_message_bytes`, or is handed on in
    pieces. If the peer breaks the protocol, a ProtocolError with the close code is raised: pass it
    to `reject`.
    """

    def __init__(self, options, random, hears_chunks=bool):
        """`hears_chunks()` is called when a message begins that is too large for the receive
        buffer, or fragmented. It returns whether the message is wanted as CHUNKs. The default
        `bool` always returns False. For `options` and `random` see Outgoing.
        """
        # The large buffers come first, while the heap still has large free pieces.
        self._options = options
        self.start = self.end = 0
        self.renew_buffer()
        super().__init__(options, random)
        self.hears_chunks = hears_chunks
        self.bytes_in = 0
        # Whole messages that came before our Close.
        self.messages_in = 0
        self.reset(None)

    def renew_buffer(self):
        """Make a new receive buffer, and move the unparsed bytes there: the application may still
        look into the old one. Not while a message with its own buffer is under way.
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
        """Begin a new connection. `request` (bytes) goes out first. The queue stays."""
        self.reset_outgoing(request and memoryview(request))
        # The peer's Close has come.
        self.is_closed = False
        # Code and reason of the close event.
        self.code = 1006
        self.reason = ""
        self.clear()

    def clear(self):
        """Forget all bytes that came in."""
        # The unparsed bytes in the receive buffer begin and end here.
        self.start = 0
        self.end = 0
        # Payload bytes of the frame whose header was checked last.
        self._length = 0
        # The message that is larger than the receive buffer, or fragmented: TEXT, BINARY, or 0 if
        # there is none.
        self._opcode = 0
        # Its buffer. It may be larger than needed, because the next such message uses it again.
        self._own = None
        # The message is handed on as CHUNKs.
        self._is_streamed = False
        # Bytes of the message that came.
        self._fill = 0
        # Bytes of its current frame that are still missing.
        self._need = 0
        # Not 0 if its current frame is the last one.
        self._fin = 0
        # The next bytes belong to its current frame. The function `_go_on` reads them: see `long`.
        self.is_inside = False
        self._go_on = None
        # Empty fragments in a row.
        self._empties = 0
        # A text that comes in pieces is checked piece by piece. Bytes of it that are checked:
        self._checked = 0
        # The Utf8 object that checks it, as soon as it has a character that is not ASCII.
        self._utf8 = None
        # The payload that `next` found: a memoryview that is valid until the next call.
        self.payload = None
        # Of a CHUNK: bytes of its message before it, its type, and whether it ends the message.
        self.offset = 0
        self.is_text = self.is_last = False
        # The last read did not fill the space, so another read would find nothing.
        self.is_drained = False
        # Bytes of the last `space`.
        self._room = 0

    # Bytes from the transport.

    def space(self):
        """Return a memoryview to receive into. It is never empty."""
        if self._need >= len(self._buf) and not self._is_streamed:
            self._room = self._need
            return memoryview(self._own)[self._fill : self._fill + self._need]
        n = self.end - self.start
        if self.start:
            # Unparsed bytes move to the front, so that a frame that fits into the buffer lies in
            # one piece.
            if n:
                self._view[:n] = self._view[self.start : self.end]
            self.start = 0
            self.end = n
        self._room = len(self._buf) - n
        return self._view[n:] if n else self._view

    def received(self, n):
        """`n` bytes were received into the last `space()`."""
        if self._need >= len(self._buf) and not self._is_streamed:
            self._fill += n
            self._need -= n
        else:
            self.end += n
        self.bytes_in += n
        self.is_drained = n < self._room

    def next_line(self):
        """Return the next line of an HTTP head as bytes without the line end, or None if it is not
        complete yet.
        """
        end = self._buf.find(b"\n", self.start, self.end)
        if end < 0:
            if self.end - self.start == len(self._buf):
                from .violation import of_line

                raise of_line()
            return None
        line = bytes(self._view[self.start : end])
        self.start = end + 1
        return line[:-1] if line.endswith(b"\r") else line

    # Parsing.

    def take_short(self):
        """Read a message the fast way, as most can be: it is complete, in one frame, and valid.
        Returns TEXT or BINARY, with the bytes in `payload`. Otherwise returns NOTHING and changes
        nothing: call `next` then.
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
        """Read what comes next, with its bytes in `payload`. Returns

        TEXT or BINARY: a whole message; CHUNK: a piece of one; CLOSE; PONG: the answer to our last
        ping; PING: a ping that must wait until the pong to the one before is written, call again
        then; NOTHING: more bytes are needed.
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
        """Check the header at `at` and return its length, or 0 if it is not complete. `_length` is
        the payload's length then. A length over the limits raises, so nothing is allocated for it.
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
                # With the next byte `n` would be a big int. No limit is as large as that.
                if n > 0x3FFFFF:
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
        """Raise at the first byte that makes a text invalid UTF-8 (8.1)."""
        if self._utf8 is not None or not is_ascii(piece):
            from .utf8 import check_piece

            check_piece(self, piece, is_last)
        self._checked = 0 if is_last else self._checked + len(piece)

    # The Close handshake (5.5.1, 7.1).

    def _take_close(self, payload):
        """The peer's Close has come: answer it, once, with the same code."""
        n = len(payload)
        # 7.1.5: the Close has no code.
        code = 1005
        reason = ""
        if n:
            code = payload[0] << 8 | payload[1] if n > 1 else 0
            if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
                from .violation import of_close

                raise of_close(code)
            # The Close may come while a text is cut inside a character.
            self._utf8 = None
            self._check(payload[2:], True)
            reason = str(payload[2:], "utf-8")
        self.is_closed = True
        self.code = code
        self.reason = reason
        # The peer no longer reads data, so the answer goes out before all records.
        self.close(code if n else 1000, "", 0)

    def reject(self, error):
        """The peer broke the protocol: send it a Close frame (7.1.7) after all records."""
        self.code = error.code
        self.close(error.code, str(error), self.pushed)
