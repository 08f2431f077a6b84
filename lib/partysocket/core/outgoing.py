"""What a client sends, and when: the queue of messages, the control frames before and after it
(RFC 6455 5.5), long messages in fragments (5.4); and what of it the peer has.
"""

from micropython import const

from .mask import mask
from .queue import FIN, Queue, put_length

# Opcodes (5.2).
TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

# A record number that is never reached.
_ALL = const(0x1FFFFFFF)

# What is in flight.
_OTHER = const(0)  # the request, the hello message, or a pong
_RECORDS = const(1)
_PING = const(2)
_FRAGMENT = const(3)
_LAST_FRAGMENT = const(4)
_CLOSE = const(5)


class Outgoing(Queue):
    """Owns every byte that a client sends. `to_send()` returns the bytes that the transport should
    take next; `sent(n)` says how many it took.

    Each record of the queue has a number, counted from the first `push`. Numbers go on across
    connections.
    """

    def __init__(self, options, random):
        super().__init__(options, random)
        self._options = options
        # How many of the messages that were pushed are written.
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

    def oldest_waiting(self):
        """The number of the oldest record that waits. Only valid if there is one."""
        number = self.pushed - (self.unwritten - self._flying)
        return number if number > self._long_number else number - 1

    def drop_oldest(self):
        """Drop the oldest record that waits. Returns False if there is none. Allocates nothing."""
        if self.unwritten == self._flying:
            return False
        self._take_back(self.oldest_waiting())
        self._cut_oldest()
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
        self._flight = self._frame(FIN | opcode, data)

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
        self.fragment = self._frame((FIN if is_last else 0) | opcode, data)
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
                self._flight = self._take_records(min(self.unwritten, self._limit - self.done))
                self._what = _RECORDS
        return self._flight

    def _take_other(self):
        """Put a frame into flight that goes before or after the queue. Returns False if there is
        none, or if records go first.
        """
        if self.is_close_sent or self._is_shut:
            self.is_urgent = False
        elif self._pong is not None:
            self._flight = self._frame(FIN | PONG, self._pong)
            self._pong = None
        elif self._is_ping_due or self._has_to_ask():
            self._flight = self._frame(FIN | PING, b"%d" % (self._pings + 1))
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
            self._what = _LAST_FRAGMENT if self.fragment[0] & FIN else _FRAGMENT
            self.is_split = True
        elif self.close_payload is not None:
            self._flight = self._frame(FIN | CLOSE, self.close_payload)
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
        put_length(frame, 1, n)
        frame[start:] = data
        mask(frame, start, n, self._random(4), 0)
        return memoryview(frame)
