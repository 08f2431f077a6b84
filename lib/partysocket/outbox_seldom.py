"""Rarely needed parts of an outbox: figures, flush(), close(), and errors of calls.

Functions with `self` are methods of Outbox.
"""

from .base import Error, net, ticks_diff
from .core.chunks import figures_of
from .core.records import records
from .net.flash import crc32, read
from .outbox_blocks import BLOCK_BYTES, chunks
from .outbox_flash import SLOTS, finish, put, save, slot_path

# How often flush() checks whether the socket has ended.
_LOOK_MS = 1000


def closed():
    return Error("the outbox is closed: make a new one")


def no_reading(text):
    return ValueError(
        'an outbox keeps readings, {"type": "reading", "values": {...}}, not %r' % text[:60]
    )


def not_kept(self, payload):
    """Return the error for a reading that can't be kept."""
    if self._folder is None:
        return closed()
    return ValueError("%d bytes: an outbox takes %d" % (len(payload), self._most_bytes))


def close(self):
    """See Outbox.close."""
    if self._folder is None:
        return
    from .outbox import paths

    try:
        if self._acknowledged > self._gone_to:
            finish(self)
        while self._fresh:
            put(self)
        save(self, 0)
    finally:
        paths.remove(self._folder)
        self._folder = None
        self._wake_tasks()


def waiting(self):
    """Return (number, bytes) of the records that the room has not acknowledged."""
    count = len(self._fresh)
    size = self._fresh_bytes
    if self._folder is not None:
        for segment in range(self._oldest, self._newest + 1):
            for chunk in chunks(self, segment):
                if segment > self._oldest:
                    more, payload = figures_of(chunk)
                else:
                    more, payload = _left(chunk, self._acknowledged)
                count += more
                size += payload
        done = max(self._sealed, self._acknowledged)
        for slot in range(SLOTS):
            if self._slots[slot] > done:
                more, payload = _left(read(slot_path(self, slot)), done)
                count += more
                size += payload
    return count, size


def _left(chunk, done):
    sizes = [
        len(record[2])
        for record in records(chunk, crc32)
        if record is not None and record[0] > done
    ]
    return len(sizes), sum(sizes)


def stats(self):
    """See Outbox.stats."""
    count, size = waiting(self)
    segments = self._newest - self._oldest + 1
    return {
        "waiting": count,
        "waiting_bytes": size,
        "number": self._number,
        "acknowledged": self._acknowledged,
        "dropped": self._dropped,
        "refused": self._refused,
        "torn": self._torn,
        # The folder with the slots takes 8 blocks, and 2 more for every 19 segments.
        "flash_bytes": (segments + 8 + segments // 19 * 2) * BLOCK_BYTES,
        "last_error": self._last_error,
    }


async def flush(self, timeout_ms, ring_flush):
    """See Outbox.flush."""
    socket = self._socket
    if net.current_task() is self._sender:
        return await ring_flush(socket, timeout_ms)
    number = self._latest
    dropped = self._dropped
    begun = net.ticks_ms()
    left = timeout_ms
    alarm = net.Alarm()
    self._alarms.append(alarm)
    try:
        while self._acknowledged < min(number, self._latest):
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if socket._is_ended or (left is not None and left <= 0):
                return False
            await alarm.wait(_LOOK_MS if left is None else min(left, _LOOK_MS))
    finally:
        self._alarms.remove(alarm)
    return await ring_flush(socket, left) and dropped == self._dropped
