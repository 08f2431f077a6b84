"""An outbox's log on flash: the part that is used all the time. It is made for littlefs.

littlefs writes the last block of a file again with each sync. But a file of at most 120 bytes is
stored inside its folder's metadata and needs no block of its own. So a reading first goes into one
of 32 such files, the slots. When all slots are in use, their readings are appended to a segment, a
file of one block, as one chunk (`core.records`). A segment is removed when all readings in it are
acknowledged; a slot is overwritten.

    00 ... 31       slots: a chunk of one or two records
    id              the state: the epoch and the numbers
    s99999998 ...   segments: chunks, in the order of the records' numbers (`outbox_blocks`)

After a power cut each file has its old or its new content. littlefs keeps names sorted and looks
them up from the first one. So slots come first, then the newest segments, because segment names
count down. The files that are written often are found fast, however many readings wait.

No number is used twice: the state on flash reserves numbers before the first of them is used.

Functions with `self` are methods of Outbox.
"""

from micropython import const

from .base import net
from .core.records import add, records
from .net.flash import crc32, read, write

# This bit in a time means that the clock was not set: see outbox_undated.
UNDATED = 1 << 47
# 2025. A clock that has not been set shows an earlier time on every board.
SET_MS = 1735689600000
SLOTS = 32
# The version of the folder's format.
VERSION = 1
NO_SPACE = 28  # ENOSPC

# The most bytes that littlefs stores inside the folder, where its program size is 32 bytes.
_SLOT_BYTES = const(120)
# If so many readings are in memory, writing them to a segment is cheaper than to slots.
_MANY = const(32)
# Numbers that may be used before the state is written again.
_AHEAD = const(64)


def slot_path(self, slot):
    return "%s%02d" % (self._folder, slot)


def save(self, ahead=_AHEAD):
    """Write the state and reserve `ahead` more numbers. close() reserves none, so that the numbers
    go on without a gap.
    """
    # In every version of the format the version comes first and the check last.
    state = bytearray((VERSION,))
    for value, size in (
        (int(self.epoch, 16), 8),
        (self._number + ahead, 5),
        (self._acknowledged, 5),
        (self._boot, 1),
    ):
        state.extend(value.to_bytes(size, "big"))
    for boot, shift in self._shifts[:4]:
        state.extend((boot << 56 | shift).to_bytes(8, "big"))
    state.extend(crc32(state).to_bytes(4, "big"))
    write(self._folder + "id", state)
    self._reserved = self._number + ahead
    self._is_told = True


def put(self):
    """Write some of the readings in memory, in one step. If flash is full, make room instead. If
    no room can be made, drop them. Raises OSError if nothing was written.
    """
    try:
        if self._number + _AHEAD // 2 > self._reserved:
            save(self)
        chunk = bytearray()
        count = 0
        for number, time, payload in self._fresh:
            if not add(chunk, self._acknowledged, number, time, payload, crc32, _SLOT_BYTES):
                break
            count += 1
        done = max(self._sealed, self._acknowledged)
        slots = self._slots
        free = [i for i in range(SLOTS) if slots[i] <= done]
        if free and len(chunk) <= _SLOT_BYTES and len(self._fresh) < _MANY:
            write(slot_path(self, free[0]), chunk)
            slots[free[0]] = self._fresh[count - 1][0]
        else:
            from .outbox_blocks import seal

            count = seal(self)
        self._is_told = True
        self._is_full = False
    except OSError as e:
        if e.args[0] != NO_SPACE:
            raise
        from .outbox_blocks import make_room

        count = 0
        if not make_room(self):
            count = len(self._fresh)
            self._dropped += count
            self._is_full = True
    self._since = net.ticks_ms()
    self._fresh = self._fresh[count:]
    self._fresh_bytes = sum([len(record[2]) for record in self._fresh])


def finish(self):
    """Remove the readings that the room has acknowledged. The acknowledgement itself is written
    with the next reading, or by the next call.
    """
    was_told = self._is_told
    self._gone_to = self._acknowledged
    self._is_told = False
    if self._oldest <= self._newest:
        from .outbox_blocks import let_go

        was_told = let_go(self) and was_told
    if not was_told:
        save(self)


def after(self, number, most_bytes):
    """Return some of the records after `number` as [(number, time, payload), ...]. If it is more
    than one, they have at most `most_bytes`. Raises OSError if flash fails.
    """
    found = ()
    if number < self._sealed and self._oldest <= self._newest:
        from .outbox_blocks import after_in_blocks

        found = after_in_blocks(self, number)
    if not found:
        found = []
        for last in sorted(self._slots):
            if last > number and last > self._sealed:
                chunk = read(slot_path(self, self._slots.index(last)))
                found += [one for one in records(chunk, crc32) if one and one[0] > number]
                if len(found) >= _MANY:
                    break
        else:
            if self._number > self._reserved:
                save(self)
            found += [one for one in self._fresh if one[0] > number]
    count = 0
    for _, _, payload in found:
        most_bytes -= len(payload)
        if most_bytes < 0 and count:
            break
        count += 1
    return found[:count]
