"""An outbox's log on flash, made for littlefs: the part of it that is used all the time.

There a file whose last block is not full is written anew, block by block, with each sync; but one
of at most 120 bytes lies in its folder's own log and costs no block. So what has to be on flash at
once goes into one of 32 such files, the slots. When they are full, what waits in them is appended
to a segment, a file of one block, as one chunk (`core.records`). A segment goes when all in it is
done with; a slot is written anew.

    00 ... 31       slots: a chunk of a record or two
    id              who this log is, and how far it is
    s99999998 ...   segments: chunks, in the order of the records' numbers (`outbox_blocks`)

A power cut leaves each file as it was, or as it was to be. littlefs keeps names sorted and looks
from the first one on. So slots come first, and of the segments the newest, whose names count
down: what is written often is found soon, however many wait.

A number is never given twice: those up to `reserved` are spoken for on flash before the first of
them is used. The functions are the outbox's, in a file of their own.
"""

from micropython import const

from .base import net
from .core.records import add, records
from .net.flash import crc32, read, write

UNDATED = 1 << 47  # in a time: the clock was not set; see Outbox.at
SET_MS = 1735689600000  # 2025: no board's clock stands later before it is set
SLOTS = 32
VERSION = 1  # of the folder's format
NO_SPACE = 28  # ENOSPC

_SLOT_BYTES = const(120)  # littlefs keeps as much in the folder where it writes 32 bytes at once
_MANY = const(32)  # so many together are cheaper in a segment at once
_AHEAD = const(64)  # numbers that may be given before the state is written again


def slot_path(self, slot):
    return "%s%02d" % (self._folder, slot)


def save(self, ahead=_AHEAD):
    """Write who this log is and how far it is. `ahead`: 0 when it is closed, so that the next
    number is known for sure.
    """
    # The version comes first and the check last, in this format and in each to come.
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
    """Write some of what is fresh, in one step. Where flash is full, make room instead; what finds
    none is dropped. OSError: nothing was written.
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
    """What the room has is done with. Flash knows it with the next record that is written, or with
    the next call.
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
    """[(number, time, payload), ...]: some of those that follow `number`, of at most `most_bytes`
    if it is more than one. OSError.
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
