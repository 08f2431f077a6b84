"""The queue of messages: finished client frames (RFC 6455 5.2) in a ring that never grows."""

from micropython import const

from .mask import mask

# 5.2: the last fragment of a message. Queued messages have only one.
FIN = const(0x80)
_MASKED = const(0x80)
# The most bytes that are written at once: a TCP segment, so that a pong does not wait long.
_MOST_BYTES = const(1460)
# Masking keys are drawn in batches of this size.
_KEYS_BYTES = const(64)


class Queue:
    """Keeps messages as records: finished frames that are not masked yet. A record lies in one
    piece, because for two pieces two slices would have to be allocated. If it does not fit at the
    end of the ring, it begins at the front. A record takes the bytes of the message and 6 more (8
    from 126 bytes on, 14 from 64 KiB on). The records, from the oldest to the newest:

        kept      written, but not confirmed (only with `resend`)
        flying    masked in place, and handed to the transport
        waiting

    random(n) returns n bytes of a cryptographic source.
    """

    def __init__(self, options, random):
        self.ring = bytearray(options["queue_bytes"])
        self._ring_view = memoryview(self.ring)
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
        self.ring[at] = FIN | opcode
        if n < 126:
            self.ring[at + 1] = _MASKED | n
        else:
            put_length(self.ring, at + 1, n)
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

    def _cut_oldest(self):
        """Take the oldest record that waits out of the ring. There is one. Allocates nothing."""
        left = self.unwritten - self._flying
        at = self._fly
        if at == self._wrap:
            at = 0
        at = self._body(at) + self._size
        self.unwritten -= 1
        self.unwritten_bytes -= self._size
        if not self.kept and not self._flying:
            self._fly = at
            self._set_head(at)
            return
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

    def _take_records(self, most):
        """Mask the oldest records that wait, at most so many, for one write of all of them.
        Returns them as a memoryview. Masking keys are drawn in batches: one call for each record
        would cost more than the masking.
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
        return self._ring_view[self._out : at]

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


def put_length(buf, at, n):
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
