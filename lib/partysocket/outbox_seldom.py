"""What an outbox seldom does: figures, flush(), servers that do not acknowledge, trouble, and keeping
less when it is full. The functions are the outbox's, in a file of their own.
"""

import asyncio
import json

from .base import Error, net, ticks_diff
from .core.records import MOST_BESIDE_BYTES, add, records
from .net.flash import crc32, read, write
from .net.folder import remove, rename
from .outbox_blocks import BLOCK_BYTES, CHUNK_BYTES, chunks, drop_first, segment_path
from .outbox_courier import PACE_MS, after, hand_over, item, rewind, send
from .outbox_flash import SLOTS, finish, put, save, slot_path

_PAUSE_MS = 30000  # after the server could not store a reading
_LOOK_MS = 1000  # between two looks of flush() at whether the socket has ended
_UNHEARD_BYTES = 1400  # of readings between two pings to a server that does not acknowledge
_MOST_KEYS = 64  # sets of value names that "latest" tells apart
_NO_SPACE = 28  # ENOSPC


def attach(self, socket):
    """See Outbox.attach."""
    if socket._options["resend"] is not None:
        raise ValueError("outbox and resend both keep what was sent: leave out resend")
    if self._folder is None:
        raise closed()
    if self._socket is not None:
        self._socket.remove_event_listener("open", self)
        self._socket.remove_event_listener("close", self)
    self._socket = socket
    self._is_open = False
    self._serial += 1
    socket.add_event_listener("open", self)
    socket.add_event_listener("close", self)


def closed():
    return Error("the outbox is closed: make a new one")


def no_reading(text):
    return ValueError(
        'an outbox keeps readings, {"type": "reading", "values": {...}}, not %r' % text[:60]
    )


def not_kept(self, payload):
    """Why a reading is not taken."""
    if self._folder is None:
        return closed()
    return ValueError("%d bytes: an outbox takes %d" % (len(payload), self._most_bytes))


def close(self):
    """See Outbox.close."""
    if self._folder is None:
        return
    from .outbox_begin import paths

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
    """(records, bytes of them) that the room has not acknowledged."""
    count = len(self._fresh)
    size = self._fresh_bytes
    if self._folder is not None:
        for segment in range(self._oldest_block, self._newest_block + 1):
            for chunk in chunks(self, segment):
                if segment > self._oldest_block:
                    count += chunk[2]  # its head tells: see core.records
                    size += chunk[3] << 8 | chunk[4]
                else:
                    more, payload = _left(self, chunk)
                    count += more
                    size += payload
        for slot in range(SLOTS):
            if self._slots[slot] > max(self._sealed, self._acknowledged):
                more, payload = _left(self, read(slot_path(self, slot)))
                count += more
                size += payload
    return count, size


def _left(self, chunk):
    sizes = [
        len(record[2])
        for record in records(chunk, crc32)
        if record is not None and record[0] > self._acknowledged
    ]
    return len(sizes), sum(sizes)


def stats(self):
    """See Outbox.stats."""
    count, size = waiting(self)
    segments = self._newest_block - self._oldest_block + 1
    return {
        "waiting": count,
        "waiting_bytes": size,
        "number": self._number,
        "acknowledged": self._acknowledged,
        "dropped": self._dropped,
        "refused": self._refused,
        "torn": self._torn,
        "flash_bytes": (segments + segments // 24 + 6) * BLOCK_BYTES,
        "last_error": self._last_error,
    }


async def flush(self, timeout_ms, ring_flush):
    """See Outbox.flush."""
    socket = self._socket
    if net.current_task() is self._sender:
        return await ring_flush(socket, timeout_ms)
    number = self._number
    dropped = self._dropped
    begun = net.ticks_ms()
    left = timeout_ms
    alarm = net.Alarm()
    self._alarms.append(alarm)
    try:
        while self._acknowledged < number:
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if socket._is_ended or (left is not None and left <= 0):
                return False
            await alarm.wait(_LOOK_MS if left is None else min(left, _LOOK_MS))
    finally:
        self._alarms.remove(alarm)
    return await ring_flush(socket, left) and dropped == self._dropped


def hear_more(self, message):
    """An acknowledgement that says more than a number."""
    refused = message.get("refused")
    if refused:
        self._refused += len(refused)
        self._socket._warn("the room refused reading %d: %s" % tuple(refused[0]))
    if message.get("n") is None:
        self._is_acknowledging = False
        if not self._has_warned:
            self._has_warned = True
            self._socket._warn("no reading is acknowledged: %s" % message.get("error"))
        self._wake_tasks()


async def send_unacknowledged(self, serial):
    """To a server that does not acknowledge: readings one by one. They are done with when a ping
    that followed them is answered: it has read them, and may have stored them or not.
    """
    found = after(self, self._sent_to, _UNHEARD_BYTES)
    for record in found:
        while self._socket._protocol.unwritten:
            await net.sleep_ms(PACE_MS)
            if self._serial != serial:
                return 0
        hand_over(self, item(self, record, ""))
        await net.sleep_ms(PACE_MS)
    if not found:
        return _LOOK_MS
    if await _ring_flush(self, serial):
        self._sent_to = found[-1][0]
        self._acknowledge(self._sent_to)
    return 0


async def _ring_flush(self, serial):
    is_there = await self._socket.flush(_PAUSE_MS)
    return is_there and self._serial == serial


async def send_carefully(self, serial):
    """The server has answered a message of readings with an error.

    If it could not store them: send them again after a while. If it could not even read one, and
    so can't say which: send each alone. The one that is answered by an error again, and not
    acknowledged, is refused.
    """
    trouble = self._trouble
    if trouble and trouble[0] >= 500:
        await _pause(self, serial)
        self._trouble = None
        rewind(self)
    elif self._alone_to <= self._known_to:
        self._alone_to = self._sent_to
        self._trouble = None
        rewind(self)
    elif trouble and self._flying:
        number = self._flying[0]
        # The answer to another message may have come in between: an acknowledgement would too.
        await _ring_flush(self, serial)
        if self._flying[:1] == [number] and self._serial == serial:
            self._refused += 1
            self._socket._warn("the room refused reading %d: %s" % (number, trouble[1]))
            self._acknowledge(number)
            rewind(self)
        self._trouble = None
    else:
        self._trouble = None
        return send(self, 1, 1)
    return 0


async def _pause(self, serial):
    begun = net.ticks_ms()
    while self._serial == serial and ticks_diff(net.ticks_ms(), begun) < _PAUSE_MS:
        await net.sleep_ms(_LOOK_MS)


def keep_less(self):
    """Make room by keeping less of what is old, as `full` says."""
    return (_thin if self._full == "thin" else _latest)(self)


def _thin(self):
    """Keep every second record of two neighbouring segments, in one. Each call takes the next two,
    and begins with the oldest again behind the newest: so what is older is thinner.
    """
    segment = self._thinned + 1
    if segment < self._oldest_block or segment + 1 >= self._newest_block:
        segment = self._oldest_block
    found = _all(self, segment) + _all(self, segment + 1)
    self._thinned = segment + 1
    # The newest of them among those that stay.
    kept = [found[i] for i in range(len(found)) if (len(found) - i) % 2]
    return _replace(self, segment, segment + 1, kept, len(found))


def _latest(self):
    """Keep the last record of each set of value names."""
    last = {}
    count = 0
    for segment in range(self._oldest_block, self._newest_block + 1):
        for record in _all(self, segment):
            count += 1
            last[" ".join(sorted(json.loads(record[2]).get("values", ())))] = record
            if len(last) > _MOST_KEYS:
                return drop_first(self)
    return _replace(self, self._oldest_block, self._newest_block, sorted(last.values()), count)


def _all(self, segment):
    """The records of a segment that are not done with."""
    found = []
    for chunk in chunks(self, segment):
        for record in records(chunk, crc32):
            if record is not None and record[0] > self._acknowledged:
                found.append(record)
    return found


def _replace(self, first, last, kept, count):
    """Put the records `kept`, of `count`, in the place of these segments. A cut in between leaves
    some twice: whoever reads them passes over numbers that are not higher than the last.
    """
    data = b""
    chunk = bytearray()
    for record in kept:
        if chunk and len(chunk) + len(record[2]) + MOST_BESIDE_BYTES > CHUNK_BYTES:
            data += chunk
            chunk = bytearray()
        add(chunk, self._acknowledged, *record, crc32)
    data += chunk
    if len(data) > BLOCK_BYTES or len(kept) == count:
        return drop_first(self)
    try:
        write(self._folder + "new", data)
    except OSError as e:
        if e.args[0] != _NO_SPACE:
            raise
        return drop_first(self)
    rename(self._folder + "new", segment_path(self, last))
    for segment in range(first, last):
        remove(segment_path(self, segment))
    self._where = (0, 0)
    if last == self._newest_block:
        self._oldest_block = last
        self._newest_bytes = len(data)
    self._dropped += count - len(kept)
    return True
