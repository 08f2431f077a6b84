"""All frames that a client sends (RFC 6455 5): a queue of finished frames in a ring of bytes, and
the control frames before and after it.
"""

from micropython import const

from .mask import mask

# Opcodes (5.2).
TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

# 5.2: the last fragment of a message. Queued messages have only one.
_FIN = const(0x80)
_MASKED = const(0x80)
# The most bytes that are written at once: a TCP segment, so that a pong does not wait long.
_MOST_BYTES = const(1460)
# Masking keys are drawn in batches of this size.
_KEYS_BYTES = const(64)
# A record number that is never reached.
_ALL = const(0x1FFFFFFF)

# What is in flight.
_OTHER = const(0)  # the request, the hello message, or a pong
_RECORDS = const(1)
_PING = const(2)
_FRAGMENT = const(3)
_LAST_FRAGMENT = const(4)
_CLOSE = const(5)


class Outgoing:
    """Owns every byte that a client sends. `to_send()` returns the bytes that the transport should
    take next; `sent(n)` says how many it took.

    In the ring each message is a record: a finished frame that is not masked yet. A record lies in
    one piece, because for two pieces two slices would have to be allocated. If it does not fit at
    the end of the ring, it begins at the front. A record takes the bytes of the message and 6 more
    (8 from 126 bytes on, 14 from 64 KiB on). The records, from the oldest to the newest:

        kept      written, but not confirmed (only with `resend`)
        flying    masked in place, and handed to the transport
        waiting

    Each record has a number, counted from the first `push`. Numbers go on across connections.
    """

    def __init__(self, options, random):
        self.ring = bytearray(options["queue_bytes"])
        self._ring_view = memoryview(self.ring)
        self._options = options
        # random(n) returns n bytes of a cryptographic source.
        self._random = random
        # Masking keys, and where the next one lies in them.
        self._keys = b""
        self._key_at = 0
        # Places in the ring: the oldest record, the oldest that waits (after the flying ones), and
        # the end of the newest.
        self._head = 0
        self._fly = 0
        self._tail = 0
        # The record after this place begins at the front of the ring. -1: the used part of the
        # ring does not wrap.
        self._wrap = -1
        # Payload bytes of the record that `_body` found last.
        self._size = 0
        self.kept = 0  # number of records that are kept
        self._flying = 0  # number of records that fly
        self._flying_bytes = 0  # their payload
        # Place of the first flying byte that the transport has not taken.
        self._out = 0
        # Records that fly or wait, and their payload.
        self.unwritten = 0
        self.unwritten_bytes = 0
        # Records and long messages that were taken in, without those dropped or drained.
        self.pushed = 0
        # How many of them are written.
        self.done = 0
        # The peer has all records up to this number. A ping is sent after records; its pong
        # confirms them.
        self.confirmed = 0
        # flush() waits until all records up to this number are confirmed.
        self.wanted = 0
        # Pings sent on all connections.
        self._pings = 0
        self.bytes_out = 0
        self.messages_out = 0
        self.reset_outgoing(None)

    def reset_outgoing(self, request):
        """Begin a new connection. Only `request` may go out until `open_queue` is called."""
        self._keeps = self._options["resend"] is not None
        # A memoryview of the bytes in flight (the transport should take them), or None.
        self._flight = request
        # What kind of bytes that is.
        self._what = _OTHER
        # No record from this number on may go out. It is the smaller of `_close_after` and
        # `_long_number`.
        self._limit = 0
        # Our Close frame goes out after this many records.
        self._close_after = 0
        # The payload of a ping that we have to answer, or None.
        self._pong = None
        self._is_ping_due = False
        # The pong to ping number `_asked` confirms all records up to number `_covered`. 0: no such
        # ping is under way.
        self._asked = 0
        self._covered = 0
        # A finished frame of a long message, until it is written.
        self.fragment = None
        # `done` when the last long message of this connection was written whole, or 0.
        self._long_end = 0
        # The number of the long message under way, or -1. Later records wait for it.
        self._long_number = -1
        # A part of it is written, but not its end.
        self.is_split = False
        # The payload of our Close frame, as soon as one should be sent.
        self.close_payload = None
        self.is_close_sent = False
        # A write has failed: nothing goes out any more.
        self._is_shut = False
        # Something besides the queue may have to go out. It is one flag, so that each write checks
        # only one.
        self.is_urgent = False

    def open_queue(self):
        """The server has upgraded the connection: all records may go out."""
        self._limit = self._close_after = _ALL
        self.is_urgent = True

    # The queue.

    def push(self, opcode, data):
        """Append a message. Returns False if there is no room. Allocates nothing for bytes-like
        data.
        """
        # This runs for each message, so its locals and stack must stay within 11 words. With more,
        # MicroPython allocates its frame on the heap at each call.
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
        # The copy comes first: if it raises, no part of a record is left behind.
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
        """Whether a payload of `n` bytes fits into an empty ring."""
        return n + (6 if n < 126 else 8 if n < 65536 else 14) <= len(self.ring)

    def oldest_waiting(self):
        """The number of the oldest record that waits. Only valid if there is one."""
        number = self.pushed - (self.unwritten - self._flying)
        return number if number > self._long_number else number - 1

    def drop_oldest(self):
        """Drop the oldest record that waits. Returns False if there is none. Allocates nothing."""
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
        # Older records are kept or flying and stay where they are. Newer records move toward the
        # dropped one, so that the free room is at the tail. Each moves to the place where a push
        # would put it. That place is never after the record's own.
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
        """The connection has ended. Records that were written whole are lost with it, unless they
        are kept. All others are unmasked and wait again. Returns the number of the first record
        that is lost, or -1.
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
                # Only a part of it was written, so the peer could not read it: sending it again
                # doubles nothing.
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
        """Send a message before all records. Only between the upgrade and `open_queue`."""
        self._flight = self._frame(_FIN | opcode, data)

    def ping(self):
        """Send a ping as soon as nothing is in flight."""
        self._is_ping_due = self.is_urgent = True

    def want(self, number):
        """Send a ping once all records up to `number` are written. Its pong confirms them."""
        self.wanted = max(self.wanted, number)
        self.is_urgent = True

    def close(self, code, reason, after):
        """Send one Close frame, after the records up to number `after` (5.5.1)."""
        if self.close_payload is None:
            self.close_payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
        self._close_after = min(self._close_after, after)
        self._set_limit()
        self.is_urgent = True

    def shut(self):
        """A write has failed: nothing goes out any more. Reading may go on."""
        self._is_shut = True
        self._limit = self._close_after = 0
        self._pong = None

    def put_fragment(self, opcode, data, is_last):
        """Send a fragment of the long message. `opcode` is 0 for all but the first (5.4)."""
        self.fragment = self._frame((_FIN if is_last else 0) | opcode, data)
        self.is_urgent = True

    def _take_back(self, number):
        """The record or long message `number` is taken back. All higher numbers go down by one."""
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
        """Return the bytes to write next as a memoryview, or None if there are none. Returns the
        same bytes until `sent` is called.
        """
        if self._flight is None and not (self.is_urgent and self._take_other()):
            if self.unwritten and self.done < self._limit:
                self._take_records(min(self.unwritten, self._limit - self.done))
        return self._flight

    def _take_other(self):
        """Put a frame into flight that goes before or after the queue. Returns False if there is
        none, or if records go first.
        """
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
        """Whether a ping is due whose pong would confirm records. Only one such ping is under way
        at a time: otherwise a device that sends all the time would send pings all the time.
        """
        if self._asked or self.close_payload is not None or not self._limit:
            return False
        return self.kept > 0 or self.confirmed < self.wanted <= self._settled()

    def _settled(self):
        """All records and long messages up to this number are written."""
        return self.done if self._long_number < 0 else min(self.done, self._long_number)

    def _take_records(self, most):
        """Mask the oldest records that wait, for one write of all of them. Masking keys are drawn
        in batches: one call for each record would cost more than the masking.
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
            # Counted here and not after the loop: drawing the next key may fail.
            self._flying += 1
            self._flying_bytes += self._size
            self._fly = at = end
            if at == self._wrap:
                break
        self._what = _RECORDS
        self._flight = self._ring_view[self._out : at]

    def sent(self, n):
        """The transport took `n` bytes of `to_send()`. Returns True if they complete a ping."""
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
        """A pong with `payload` has come. Returns True if it answers the last ping. A pong shows
        that the peer has all that was written before its ping, and before all earlier pings.
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
        """Make a finished frame in a new buffer. Its first byte is `first`."""
        n = len(data)
        frame = bytearray(n + (6 if n < 126 else 8 if n < 65536 else 14))
        start = len(frame) - n
        frame[0] = first
        _put_length(frame, 1, n)
        frame[start:] = data
        mask(frame, start, n, self._random(4), 0)
        return memoryview(frame)

    def _body(self, at):
        """Return where the payload of the record at `at` begins, and set `_size` to its length."""
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
        """The oldest record now begins at `at`."""
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
    """Write the second byte of a client's header and the length after it (5.2). Four bytes for the
    masking key follow, then the payload.
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
