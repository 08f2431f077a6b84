"""What goes out on a connection: a queue of finished frames in one ring of bytes, and the control
frames that go before and behind it (RFC 6455 5).
"""

from micropython import const

from .mask import mask

TEXT = 1  # opcodes (5.2)
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

_FIN = const(0x80)  # 5.2: the last fragment of a message, here the only one
_MASKED = const(0x80)
# Of messages that share a write: a TCP segment, so that a pong need not wait for long.
_MOST_BYTES = const(1460)
_KEYS_BYTES = const(64)  # of masking keys drawn at once
_ALL = const(0x1FFFFFFF)  # a record number that is never reached

# What is in flight.
_OTHER = const(0)  # the request, hello, a pong
_RECORDS = const(1)
_PING = const(2)
_FRAGMENT = const(3)
_LAST_FRAGMENT = const(4)
_CLOSE = const(5)


class Outgoing:
    """Owns every byte that a client sends. `to_send()` gives the bytes that the transport should
    take next, `sent(n)` says how many it took.

    In the ring each message is a record: a finished frame but for its mask, in one piece (one
    that doesn't fit at the end begins at the front), since two slices would have to be allocated.
    A message costs its bytes and 6 more, 8 from 126 bytes on (14 from 64 KiB on). From the oldest:

        kept      written, and not confirmed (only with `resend`)
        flying    masked where they lie, and handed to the transport
        waiting

    Each record has a number, counted from the first that was ever pushed. It outlives connections.
    """

    def __init__(self, options, random):
        self.ring = bytearray(options["queue_bytes"])
        self._ring_view = memoryview(self.ring)
        self._options = options
        self._random = random  # bytes of a cryptographic source: random(n)
        self._keys = b""
        self._key_at = 0  # where the next masking key lies in _keys
        self._head = 0  # the oldest record
        self._fly = 0  # behind the flying ones: the oldest that waits
        self._tail = 0  # behind the newest
        # Behind this place the next record begins at the front; -1: the used part does not go
        # round.
        self._wrap = -1
        self._size = 0  # payload bytes of the record that `_body` has found
        self.kept = 0  # records
        self._flying = 0  # records
        self._flying_bytes = 0  # their payload
        self._out = 0  # the next byte of them that the transport has not taken
        self.unwritten = 0  # records that fly or wait ...
        self.unwritten_bytes = 0  # ... and their payload
        self.pushed = 0  # records taken in, and long messages; not those dropped or drained
        self.done = 0  # of them: written
        # What has arrived: a ping is sent after the records, and its pong confirms them.
        self.confirmed = 0  # the peer has all records up to this number
        self.wanted = 0  # flush() waits for the confirmation of all up to this number
        self._pings = 0
        self.bytes_out = 0
        self.messages_out = 0
        self.reset_outgoing(None)

    def reset_outgoing(self, request):
        """A new connection. Nothing but `request` may go out until `open_queue`."""
        self._keeps = self._options["resend"] is not None
        self._flight = request  # a memoryview of what the transport should take, or None
        self._what = _OTHER  # what that is
        self._limit = 0  # records from this number on may not go out: the least of ...
        self._close_after = 0  # ... where our Close comes, if it does, and of _long_number
        self._pong = None  # the payload of a ping that has to be echoed
        self._is_ping_due = False
        self._asked = 0  # the number of a ping whose pong ...
        self._covered = 0  # ... confirms the records up to this number; 0: none is under way
        self.fragment = None  # a finished frame of a long message, until it is written
        # The records up to this number went before a long message of this connection, or are it.
        self._long_end = 0
        self._long_number = -1  # of the long message under way, or -1; later records wait for it
        self.is_split = False  # a part of it is written, and not its end
        self.close_payload = None  # of our Close frame, once there is to be one
        self.is_close_sent = False
        self._is_shut = False  # writing has failed: nothing goes out any more
        # Something besides the queue may have to go out. One flag, looked at before each write.
        self.is_urgent = False

    def open_queue(self):
        """The server has upgraded: all that waits may go out."""
        self._limit = self._close_after = _ALL
        self.is_urgent = True

    # The queue.

    def push(self, opcode, data):
        """Append a message; False if there is no room. Allocates nothing for bytes-like data."""
        # Locals and stack of a function that runs for each message stay within 11 words: beyond,
        # MicroPython takes its frame from the heap at each call.
        n = len(data)
        end = n + (6 if n < 126 else 8 if n < 65536 else 14)
        at = self._tail
        if self._wrap >= 0:
            if end > self._head - at:
                return False
        elif end > len(self.ring) - at:
            if end > self._head:
                return False
            at = 0
        end += at
        # A copy that raises leaves no record behind, so it comes first.
        self.ring[end - n : end] = data
        self.ring[at] = _FIN | opcode
        if n < 126:
            self.ring[at + 1] = _MASKED | n
        else:
            _put_length(self.ring, at + 1, n)
        if not at and self._tail:
            self._wrap = self._tail
        self._tail = end
        self.pushed += 1
        self.unwritten += 1
        self.unwritten_bytes += n
        return True

    def fits(self, n):
        """Whether a payload of `n` bytes could ever be held."""
        return n + (6 if n < 126 else 8 if n < 65536 else 14) <= len(self.ring)

    def oldest_waiting(self):
        """The number of the oldest record that waits, if one does."""
        number = self.pushed - (self.unwritten - self._flying)
        return number if number > self._long_number else number - 1

    def drop_oldest(self):
        """Drop the oldest record that waits; False if there is none. Allocates nothing."""
        left = self.unwritten - self._flying
        if not left:
            return False
        number = self.oldest_waiting()
        self._take_back(number)
        at = self._fly
        if at == self._wrap:
            at = 0
        at = self._body(at) + self._size
        self.unwritten -= 1
        self.unwritten_bytes -= self._size
        if not self.kept and not self._flying:
            self._fly = at
            self._set_head(at)
            return True
        # What is ahead stays where it is, masked or kept. What is behind moves up, so that the
        # room comes free at the tail: each record to where a push would put it, which is never
        # behind where it lies.
        wrap = self._wrap
        to = self._fly
        if to > self._head:
            self._wrap = -1
        while left > 1:
            left -= 1
            if at == wrap:
                at = 0
            end = self._body(at) + self._size
            if self._wrap < 0 and end - at > len(self.ring) - to:
                self._wrap = to
                to = 0
            while at < end:
                self.ring[to] = self.ring[at]
                at += 1
                to += 1
        self._tail = to
        return True

    def rewind(self):
        """The connection is gone. Records written whole are gone with it; the others, and those
        that were kept, are unmasked and wait again. Returns the number of the first record that
        is lost, or -1.
        """
        kept = self.kept
        at = self._head
        for i in range(kept + self._flying):
            if at == self._wrap:
                at = 0
            start = self._body(at)
            n = self._size
            at = start + n
            if i < kept:
                mask(self.ring, start, n, self.ring, start - 4)
                self.unwritten += 1
                self.unwritten_bytes += n
                self.done -= 1
            elif at <= self._out and not self._keeps:
                self._flying -= 1
                self._note_written(1, n)
                self._set_head(at)
                at = self._head
            else:
                # It was cut off, so the peer can't have understood it: nothing is doubled.
                mask(self.ring, start, n, self.ring, start - 4)
        self.kept = self._flying = 0
        self._fly = self._head
        is_lost = self.confirmed < max(self.done, self._long_end)
        first = self.confirmed if is_lost else -1
        self.confirmed = self.done
        if self._long_number >= 0:
            if first < 0:
                first = self._long_number
            self._take_back(self._long_number)
        self.reset_outgoing(None)
        return first

    # Control frames and long messages.

    def send_first(self, opcode, data):
        """Put a message before all that waits: only between the upgrade and `open_queue`."""
        self._flight = self._frame(_FIN | opcode, data)

    def ping(self):
        """Have a ping sent, as soon as nothing is in flight."""
        self._is_ping_due = self.is_urgent = True

    def want(self, number):
        """Have a ping sent once all records up to `number` are written: its pong confirms them."""
        self.wanted = max(self.wanted, number)
        self.is_urgent = True

    def close(self, code, reason, after):
        """Have a Close frame sent, once, behind the records up to number `after` (5.5.1)."""
        if self.close_payload is None:
            self.close_payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
        self._close_after = min(self._close_after, after)
        self._set_limit()
        self.is_urgent = True

    def shut(self):
        """A write has failed: nothing goes out any more. What comes in may still be read."""
        self._is_shut = True
        self._limit = self._close_after = 0
        self._pong = None

    def put_fragment(self, opcode, data, is_last):
        """Have a fragment of the long message sent: see `fragment`. `opcode`: 0 after the first
        one (5.4).
        """
        self.fragment = self._frame((_FIN if is_last else 0) | opcode, data)
        self.is_urgent = True

    def _take_back(self, number):
        """A record, or a long message, gives its number back: all that counts higher numbers
        counts one less.
        """
        self.pushed -= 1
        self.wanted = min(self.wanted, self.pushed)
        if number < self._long_number:
            self._long_number -= 1
        if number < self._close_after < _ALL:
            self._close_after -= 1
        self._set_limit()

    def _set_limit(self):
        self._limit = self._close_after
        if self._long_number >= 0:
            self._limit = min(self._limit, self._long_number)

    # What the transport takes.

    def to_send(self):
        """The bytes to write next, as a memoryview; None: there are none. The same again until
        `sent` has been told how many of them were taken.
        """
        if self._flight is None and not (self.is_urgent and self._take_other()):
            if self.unwritten and self.done < self._limit:
                self._take_records(min(self.unwritten, self._limit - self.done))
        return self._flight

    def _take_other(self):
        """Put into flight what goes before the queue, or behind it; False: the queue's turn."""
        if self.is_close_sent or self._is_shut:
            self.is_urgent = False
        elif self._pong is not None:
            self._flight = self._frame(_FIN | PONG, self._pong)
            self._pong = None
        elif self._is_ping_due or self._has_to_ask():
            self._flight = self._frame(_FIN | PING, b"%d" % (self._pings + 1))
            self._pings += 1
            self._is_ping_due = False
            self._what = _PING
            if not self._asked:
                self._asked = self._pings
                self._covered = self._settled()
        elif self.unwritten and self.done < self._limit:
            return False
        elif self.fragment is not None and self.close_payload is None:
            self._flight = self.fragment
            self._what = _LAST_FRAGMENT if self.fragment[0] & _FIN else _FRAGMENT
            self.is_split = True
        elif self.close_payload is not None:
            self._flight = self._frame(_FIN | CLOSE, self.close_payload)
            self._limit = self._close_after = 0
            self._what = _CLOSE
        else:
            self.is_urgent = False
            return False
        return True

    def _has_to_ask(self):
        """Whether a ping is due whose pong tells that the peer has what was written. One at a
        time: else a steady sender would ask without end.
        """
        if self._asked or self.close_payload is not None or not self._limit:
            return False
        return self.kept > 0 or self.confirmed < self.wanted <= self._settled()

    def _settled(self):
        """All records up to this number are written."""
        return self.done if self._long_number < 0 else min(self.done, self._long_number)

    def _take_records(self, most):
        """Mask the oldest records that wait, side by side, for one write. Masking keys are drawn
        in batches: a call for each would cost more than the mask.
        """
        at = self._fly
        if at == self._wrap:
            at = 0
        self._out = at
        self._flying_bytes = 0
        while self._flying < most:
            start = self._body(at)
            end = start + self._size
            if self._flying and end - self._out > _MOST_BYTES:
                break
            if self._key_at == len(self._keys):
                self._keys = self._random(_KEYS_BYTES)
                self._key_at = 0
            mask(self.ring, start, self._size, self._keys, self._key_at)
            self._key_at += 4
            # At once: drawing the next key may fail.
            self._flying += 1
            self._flying_bytes += self._size
            self._fly = at = end
            if at == self._wrap:
                break
        self._what = _RECORDS
        self._flight = self._ring_view[self._out : at]

    def sent(self, n):
        """The transport took `n` bytes of `to_send()`. True: a ping is out with them."""
        self.bytes_out += n
        what = self._what
        if what == _RECORDS:
            self._out += n
        if n < len(self._flight):
            self._flight = self._flight[n:]
            return False
        self._flight = None
        self._what = _OTHER
        if what == _RECORDS:
            n = self._flying
            self._flying = 0
            if self._keeps:
                self.kept += n
            if self._keeps or self.wanted > self.confirmed:
                self.is_urgent = True
            self._note_written(n, self._flying_bytes)
            if not self._keeps:
                self._set_head(self._fly)
        elif what == _FRAGMENT:
            self.fragment = None
        elif what == _LAST_FRAGMENT:
            self.fragment = None
            self.is_split = False
            self.done += 1
            self._long_end = self.done
            self._long_number = -1
            self._set_limit()
            self.is_urgent = True
        elif what == _CLOSE:
            self.is_close_sent = True
        return what == _PING

    def _note_written(self, records, size):
        self.unwritten -= records
        self.unwritten_bytes -= size
        self.done += records
        self.messages_out += records

    def confirm(self, payload):
        """A pong with `payload` has come. True: it is the last ping's. A pong shows that the peer
        has what was written before its ping, and before all earlier pings.
        """
        if not 0 < len(payload) < 10 or not bytes(payload).isdigit():
            return False
        number = int(bytes(payload))
        if self._asked and self._asked <= number <= self._pings:
            self._asked = 0
            self.is_urgent = True
            self.confirmed = max(self.confirmed, self._covered)
        while self.kept and self.done - self.kept < self.confirmed:
            self.kept -= 1
            self._set_head(self._body(self._head) + self._size)
        return number == self._pings > 0

    # Frames.

    def _frame(self, first, data):
        """A finished frame that begins with the byte `first`, in a buffer of its own."""
        n = len(data)
        frame = bytearray(n + (6 if n < 126 else 8 if n < 65536 else 14))
        start = len(frame) - n
        frame[0] = first
        _put_length(frame, 1, n)
        frame[start:] = data
        mask(frame, start, n, self._random(4), 0)
        return memoryview(frame)

    def _body(self, at):
        """Where the payload of the record at `at` begins; its length is in `_size` then."""
        buf = self.ring
        n = buf[at + 1] & 0x7F
        at += 6
        if n == 127:
            at += 8
            n = buf[at - 8] << 24 | buf[at - 7] << 16 | buf[at - 6] << 8 | buf[at - 5]
        elif n == 126:
            at += 2
            n = buf[at - 6] << 8 | buf[at - 5]
        self._size = n
        return at

    def _set_head(self, at):
        """The oldest record begins at `at` now."""
        if not self.kept and not self.unwritten:
            self._head = self._fly = self._tail = 0
            self._wrap = -1
            return
        if at == self._wrap:
            if self._fly == at:
                self._fly = 0
            self._wrap = -1
            at = 0
        self._head = at


def _put_length(buf, at, n):
    """Write the second byte of a client's header, and the length that follows it (5.2). Behind
    that there are four bytes for the key, and then comes the payload.
    """
    if n < 126:
        buf[at] = _MASKED | n
        return
    if n < 65536:
        buf[at] = _MASKED | 126
    else:
        buf[at] = _MASKED | 127
        for i in range(at + 1, at + 5):
            buf[i] = 0
        buf[at + 5] = n >> 24
        buf[at + 6] = n >> 16 & 0xFF
        at += 6
    buf[at + 1] = n >> 8 & 0xFF
    buf[at + 2] = n & 0xFF
