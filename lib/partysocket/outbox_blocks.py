"""An outbox's segments: the files for waiting readings that the slots can't hold. `outbox_flash`
describes them.

Functions with `self` are methods of Outbox. They are only needed when the room is away for long.
"""

from .core.chunks import length_of
from .core.records import HEAD_BYTES, add, records
from .net.flash import crc32, read, write
from .net.folder import names, remove
from .outbox_flash import NO_SPACE, SLOTS, save, slot_path

BLOCK_BYTES = 4096
# Two of the largest chunks fill a segment.
CHUNK_BYTES = 2040
# For the whole life of a log: a segment's name has eight digits.
_MOST_SEGMENTS = 99999999


def segment_path(self, segment):
    return "%ss%08d" % (self._folder, _MOST_SEGMENTS - segment)


def segment_of(name):
    """The number of the segment in the file `name`. 0 if it is not a segment."""
    is_one = len(name) == 9 and name[0] == "s" and name[1:].isdigit()
    return _MOST_SEGMENTS - int(name[1:]) if is_one else 0


def segments(self):
    """The numbers of all segments on flash, the oldest first."""
    return sorted([segment_of(name) for name in names(self._folder[:-1]) if segment_of(name)])


def chunks(self, segment):
    """Yield the chunks of a segment. Stop at a torn chunk: those after it can't be found."""
    path = segment_path(self, segment)
    offset = 0
    while True:
        top = read(path, offset, HEAD_BYTES)
        if len(top) < HEAD_BYTES:
            return
        size = length_of(top)
        if not HEAD_BYTES < size <= BLOCK_BYTES - offset:
            return
        yield read(path, offset, size)
        offset += size


def seal(self):
    """Append the readings in the slots, and as many of those in memory as fit, to the newest
    segment or to a new one. Returns how many of those in memory were written.
    """
    old = []
    # The last call may have had room for a part of a slot only.
    done = max(self._sealed, self._acknowledged)
    for slot in range(SLOTS):
        if self._slots[slot] > done:
            for record in records(read(slot_path(self, slot)), crc32):
                if record is not None and record[0] > done:
                    old.append(record)
    old.sort()
    chunk = bytearray()
    count = 0
    for record in old + self._fresh:
        if not add(chunk, self._acknowledged, *record, crc32, CHUNK_BYTES):
            break
        last = record[0]
        count += 1
    is_new = self._oldest > self._newest or self._newest_bytes + len(chunk) > BLOCK_BYTES
    segment = self._newest + is_new
    # "thin" leaves gaps in the numbers of the segments, so then the files are counted.
    if segment - self._oldest >= self._most and len(segments(self)) >= self._most:
        raise OSError(NO_SPACE)
    try:
        write(segment_path(self, segment), chunk, "ab")
    except OSError:
        # On some file systems a part of the chunk may be written. Nothing may be appended to that.
        if is_new:
            remove(segment_path(self, segment))
        else:
            self._newest_bytes = BLOCK_BYTES
        raise
    self._newest = segment
    self._newest_bytes = len(chunk) + (0 if is_new else self._newest_bytes)
    self._sealed = last
    return max(0, count - len(old))


def let_go(self):
    """Remove the segments in which all is acknowledged. Returns False if none is left: then the
    file that said what was acknowledged may be gone.
    """
    while self._oldest <= self._newest:
        for chunk in chunks(self, self._oldest):
            for record in records(chunk, crc32):
                if record is not None and record[0] > self._acknowledged:
                    return True
        _remove_first(self)
    return False


def after_in_blocks(self, number):
    """The records after `number` in the first chunk that has some. Empty if no segment has any."""
    segment, place = self._where
    if number < self._asked or segment < self._oldest:
        segment = self._oldest
        place = 0
    self._asked = number
    while segment <= self._newest:
        for i, chunk in enumerate(chunks(self, segment)):
            if i >= place:
                self._where = (segment, i)
                found = [one for one in records(chunk, crc32) if one and one[0] > number]
                if found:
                    return found
        segment += 1
        place = 0
    return ()


def drop_first(self):
    """Remove the oldest segment. Returns False if there is none."""
    if self._oldest > self._newest:
        return False
    if self._oldest == self._newest:
        # It may be the only file that says what was acknowledged.
        save(self)
    for chunk in chunks(self, self._oldest):
        for record in records(chunk, crc32):
            if record is not None and record[0] > self._acknowledged:
                self._dropped += 1
    _remove_first(self)
    return True


def _remove_first(self):
    for chunk in chunks(self, self._oldest):
        self._torn += sum([record is None for record in records(chunk, crc32)])
    remove(segment_path(self, self._oldest))
    self._oldest += 1
    self._is_full = False


def make_room(self):
    """Free some flash, as the option `full` says. Returns False if nothing may or can be freed."""
    if self._full == "drop-newest" or self._oldest > self._newest:
        return False
    if self._full == "drop-oldest":
        return drop_first(self)
    from .outbox_thin import keep_less

    return keep_less(self)
