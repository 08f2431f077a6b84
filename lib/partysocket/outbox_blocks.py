"""An outbox's segments: what more readings than the slots hold wait in. See `outbox_flash`.

The functions are the outbox's, in a file of their own: only a room that is away for long needs
them.
"""

from .core.chunks import length_of
from .core.records import HEAD_BYTES, add, records
from .net.flash import crc32, read, write
from .net.folder import names, remove
from .outbox_flash import NO_SPACE, SLOTS, save, slot_path

BLOCK_BYTES = 4096
CHUNK_BYTES = 2040  # two of the largest fill a segment
_MOST_SEGMENTS = 99999999  # ever: a name has eight digits


def segment_path(self, segment):
    return "%ss%08d" % (self._folder, _MOST_SEGMENTS - segment)


def segment_of(name):
    """The number of the segment in a file of this name; 0: it is none."""
    is_one = len(name) == 9 and name[0] == "s" and name[1:].isdigit()
    return _MOST_SEGMENTS - int(name[1:]) if is_one else 0


def segments(self):
    """The numbers of the segments that there are, the oldest first."""
    return sorted([segment_of(name) for name in names(self._folder[:-1]) if segment_of(name)])


def chunks(self, segment):
    """Yield the chunks of a segment, up to one that is torn: nothing behind it can be found."""
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
    """Append what waits in the slots, and what of the fresh there is place for, to the newest
    segment, or to a new one; returns how many fresh ones.
    """
    old = []
    # The last time a slot may have found place in part.
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
    # "thin" leaves holes: then the files count.
    if segment - self._oldest >= self._most and len(segments(self)) >= self._most:
        raise OSError(NO_SPACE)
    try:
        write(segment_path(self, segment), chunk, "ab")
    except OSError:
        # Where files are not written wholly or not at all: nothing goes behind a piece of it.
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
    """Remove the segments in which all is done with. False: the newest too, which may have been
    all that said what is done with.
    """
    while self._oldest <= self._newest:
        for chunk in chunks(self, self._oldest):
            for record in records(chunk, crc32):
                if record is not None and record[0] > self._acknowledged:
                    return True
        _remove_first(self)
    return False


def after_in_blocks(self, number):
    """The records of one chunk that follow `number`; none: there are none in segments."""
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
    """Let go of the oldest segment; False: there is none."""
    if self._oldest > self._newest:
        return False
    if self._oldest == self._newest:
        save(self)  # it may be all that says what is done with
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
    """Free some flash, as `full` says; False: it may not, or there is nothing to free."""
    if self._full == "drop-newest" or self._oldest > self._newest:
        return False
    if self._full == "drop-oldest":
        return drop_first(self)
    from .outbox_thin import keep_less

    return keep_less(self)
