"""The outgoing queue: WebSocket frames, ready but for their masks, in one buffer of fixed size."""

from micropython import const

from .mask import mask

_FIN = const(0x80)  # 5.2; a record never begins with 0, so 0 marks the end of the used part
_MASKED = const(0x80)


def header_bytes(size):
    """Bytes of header and mask before a client's payload of `size` bytes (5.2)."""
    return 6 if size < 126 else 8 if size < 65536 else 14


def put_header(buf, at, first, size):
    """Write a client's header for a payload of `size` bytes to `buf` at `at`, beginning with the
    byte `first`. Returns where the payload goes; the key goes to the four bytes before it.
    """
    buf[at] = first
    if size < 126:
        buf[at + 1] = _MASKED | size
        return at + 6
    if size < 65536:
        buf[at + 1] = _MASKED | 126
        at += 2
    else:
        buf[at + 1] = _MASKED | 127
        for i in range(at + 2, at + 6):
            buf[i] = 0
        buf[at + 6] = size >> 24
        buf[at + 7] = size >> 16 & 0xFF
        at += 8
    buf[at] = size >> 8 & 0xFF
    buf[at + 1] = size & 0xFF
    return at + 6


class Ring:
    """A queue of messages, oldest first, each in one piece: header, room for the mask, payload.

    A message costs its bytes and 6 more, 8 from 126 bytes on (14 from 64 KiB on). Records on their
    way to the socket ("flying") are masked where they lie, side by side, so that several go out in
    one write; they are never dropped. With `keeps`, those written stay until `confirm`, in front
    of all others.
    """

    def __init__(self, size):
        self.buf = bytearray(size)
        self.view = memoryview(self.buf)
        self.keeps = False
        self.count = 0  # records held
        self.kept = 0  # of the oldest: how many are written, and not confirmed
        self.flying = 0  # of those after them: how many are masked
        self.payload_bytes = 0  # in all that are not written
        self.pushed = 0  # records ever taken in
        self.popped = 0  # records ever gone: written, confirmed, dropped or drained
        self.out = 0  # while flying: the next byte to write ...
        self.out_end = 0  # ... and the end of the flying bytes, or else of the kept ones
        self._flying_bytes = 0  # payload of the flying records
        self._head = 0  # where the oldest record begins
        self._tail = 0  # where the next one begins, if it fits there

    @property
    def done(self):
        """How many records, of all ever taken in, wait no more: written, dropped or drained."""
        return self.popped + self.kept

    def fits(self, size):
        """Whether a payload of `size` bytes could ever be held."""
        return size + header_bytes(size) <= len(self.buf)

    def push(self, opcode, data):
        """Append a message and return True; or keep nothing and return False. Allocates nothing
        for bytes-like data.
        """
        size = len(data)
        at = self._room(size + header_bytes(size))
        if at < 0:
            return False
        buf = self.buf
        at = put_header(buf, at, _FIN | opcode, size)
        self._tail = at + size
        buf[at : at + size] = data
        self.count += 1
        self.pushed += 1
        self.payload_bytes += size
        return True

    def take_off(self, most_bytes, most_records, put_key):
        """Mask the oldest records for one write of at most `most_bytes`, but at least one record.

        `put_key(buf, at)` writes a fresh 4-byte key (5.3). Afterwards buf[out:out_end] is to be
        written.
        """
        at = self._follow(self.out_end if self.kept else self._head)
        self.out = at
        self._flying_bytes = 0
        while self.flying < most_records:
            size = self._size(at)
            start = at + header_bytes(size)
            if self.flying and start + size - self.out > most_bytes:
                break
            put_key(self.buf, start - 4)
            mask(self.buf, start, size)
            at = start + size
            self.flying += 1
            self._flying_bytes += size
            last = self.kept + self.flying == self.count
            if last or at == len(self.buf) or not self.buf[at]:
                break
        self.out_end = at

    def written(self, n):
        """The socket took `n` bytes of buf[out:out_end]; True when that was all: the records are
        gone, or kept.
        """
        self.out += n
        if self.out < self.out_end:
            return False
        self.payload_bytes -= self._flying_bytes
        if self.keeps:
            self.kept += self.flying
            self.flying = 0
        while self.flying:
            self.flying -= 1
            self._pop()
        return True

    def confirm(self, done):
        """The peer has the records up to number `done`: those kept of them are gone."""
        while self.kept and self.popped < done:
            self.kept -= 1
            self._pop()

    def land(self):
        """The connection died: records written whole are gone, and counted in the result; the
        others, and those that were kept, are unmasked and wait again.
        """
        gone = 0
        while not self.keeps and self.flying:
            at = self._follow(self._head)
            if at + self._record(at) > self.out:
                break
            self.flying -= 1
            gone += 1
            self.payload_bytes -= self._pop()
        at = self._head
        while self.kept or self.flying:
            at = self._follow(at)
            size = self._size(at)
            at += header_bytes(size)
            mask(self.buf, at, size)
            at += size
            if self.kept:
                self.kept -= 1
                self.payload_bytes += size
            else:
                self.flying -= 1
        return gone

    def drop_oldest(self):
        """Drop the oldest record that is neither kept nor flying and return True; False if there
        is none.
        """
        ahead = self.kept + self.flying
        if ahead == self.count:
            return False
        if not ahead:
            self.payload_bytes -= self._pop()
            return True
        # Those ahead stay where they are: those behind the dropped one move up, so that its room
        # comes free.
        at = self._follow(self.out_end)
        survivors = self.count - ahead - 1
        self.count = ahead
        self.popped += 1
        self.payload_bytes -= self._size(at)
        self._tail = self.out_end
        at += self._record(at)
        while survivors:
            survivors -= 1
            at = self._follow(at)
            need = self._record(at)
            to = self._room(need)  # never behind `at`: placed as before, from further ahead
            for i in range(need):
                self.buf[to + i] = self.buf[at + i]
            self._tail = to + need
            self.count += 1
            at += need
        return True

    def drain(self):
        """Take out all messages that wait: a list, oldest first, of str and bytes."""
        messages = []
        ahead = self.kept + self.flying
        at = self.out_end if ahead else self._head
        for _ in range(self.count - ahead):
            at = self._follow(at)
            size = self._size(at)
            start = at + header_bytes(size)
            data = bytes(self.view[start : start + size])
            messages.append(data if self.buf[at] & 1 == 0 else data.decode())
            self.payload_bytes -= size
            at = start + size
        self.popped += self.count - ahead
        self.count = ahead
        if ahead:
            self._tail = self.out_end
        return messages

    def _room(self, need):
        """Where `need` bytes can lie in one piece, or -1."""
        size = len(self.buf)
        if not self.count:
            self._head = self._tail = 0
        elif self._tail <= self._head:  # the used part goes round the end
            return self._tail if need <= self._head - self._tail else -1
        if need <= size - self._tail:
            return self._tail
        if not self.count or need > self._head:
            return -1
        if self._tail < size:
            self.buf[self._tail] = 0
        return 0

    def _size(self, at):
        """Payload bytes of the record at `at`."""
        size = self.buf[at + 1] & 0x7F
        if size < 126:
            return size
        at += 2
        if size == 127:
            at += 6
            return self._size16(at - 2) << 16 | self._size16(at)
        return self._size16(at)

    def _size16(self, at):
        return self.buf[at] << 8 | self.buf[at + 1]

    def _record(self, at):
        size = self._size(at)
        return header_bytes(size) + size

    def _follow(self, at):
        """Where the record after one that ends at `at` begins: there, or at the front."""
        return 0 if at == len(self.buf) or not self.buf[at] else at

    def _pop(self):
        """Let go of the oldest record; its payload's bytes."""
        at = self._follow(self._head)
        size = self._size(at)
        self._head = at + header_bytes(size) + size
        self.count -= 1
        self.popped += 1
        return size
