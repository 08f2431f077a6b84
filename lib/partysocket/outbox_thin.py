"""How a full outbox keeps fewer of its old readings.

Functions with `self` are methods of Outbox.
"""

import json

from .core.records import add, records
from .net.flash import crc32, read, write
from .net.folder import remove, rename
from .outbox_blocks import BLOCK_BYTES, CHUNK_BYTES, chunks, drop_first, segment_path, segments
from .outbox_flash import NO_SPACE

# "latest" can distinguish so many sets of value names.
_MOST_KEYS = 64


def keep_less(self):
    """Make room by keeping fewer readings, as the option `full` says. Returns True."""
    return (_thin if self._full == "thin" else _latest)(self)


def _thin(self):
    """Join two neighbouring segments into one, keeping every second record. Each call takes the
    next two. After the newest it begins with the oldest again, so older readings are thinner.
    """
    # The newest one is left out: more may be appended to it.
    there = segments(self)[:-1]
    if len(there) < 2:
        return drop_first(self)
    later = [segment for segment in there if segment > self._thinned]
    pair = (later if len(later) > 1 else there)[:2]
    self._thinned = pair[1]
    found = _all(self, pair)
    return _replace(self, pair, _every_second(found), len(found))


def _every_second(found):
    """Return every second record. The newest is always kept."""
    return [found[i] for i in range(len(found)) if (len(found) - i) % 2]


def _latest(self):
    """Keep the last record of each set of value names."""
    there = segments(self)
    found = _all(self, there)
    last = {}
    for record in found:
        last[" ".join(sorted(json.loads(record[2])["values"]))] = record
    if len(last) > _MOST_KEYS:
        return drop_first(self)
    return _replace(self, there, sorted(last.values()), len(found))


def _all(self, numbers):
    """The records of these segments that are not acknowledged."""
    found = []
    for segment in numbers:
        for chunk in chunks(self, segment):
            for record in records(chunk, crc32):
                if record is not None and record[0] > self._acknowledged:
                    found.append(record)
    return found


def _replace(self, numbers, kept, count):
    """Replace all these segments by one with the records `kept`. They had `count` records."""
    data = b""
    chunk = bytearray()
    for record in kept:
        if not add(chunk, self._acknowledged, *record, crc32, CHUNK_BYTES):
            data += chunk
            chunk = bytearray()
            add(chunk, self._acknowledged, *record, crc32, CHUNK_BYTES)
    data += chunk
    if len(data) > BLOCK_BYTES and self._full == "thin" and len(kept) > 1:
        return _replace(self, numbers, _every_second(kept), count)
    if len(data) > BLOCK_BYTES or len(kept) == count:
        return drop_first(self)
    name = "%08d%08d" % (numbers[0], numbers[-1])
    try:
        write(self._folder + name, data)
    except OSError as e:
        if e.args[0] != NO_SPACE:
            raise
        return drop_first(self)
    take_place(self, name)
    self._where = (0, 0)
    if numbers[-1] == self._newest:
        self._oldest = self._newest
        self._newest_bytes = len(data)
    self._dropped += count - len(kept)
    return True


def take_place(self, name):
    """Replace the segments that a file's name lists by that file. If the power is cut after the
    file was written, the next start finishes this. If the file is empty, it was not written:
    littlefs makes a file before it writes the content.
    """
    if read(self._folder + name, 0, 1):
        for segment in range(int(name[:8]), int(name[8:])):
            remove(segment_path(self, segment))
        rename(self._folder + name, segment_path(self, int(name[8:])))
    else:
        remove(self._folder + name)
