"""The start of an outbox: check its arguments and read the flash. Unloaded after the start.

Functions with `self` are methods of Outbox.
"""

from .base import Error, net
from .core.chunks import done_of, length_of
from .core.records import records
from .net.flash import crc32, read, wall_ms
from .net.folder import explained, has_slept, let_go_of, names
from .outbox_blocks import BLOCK_BYTES, CHUNK_BYTES, chunks, drop_first, segment_of, segment_path
from .outbox_flash import SLOTS, VERSION, save, slot_path

_LEAST_BYTES = 10 * BLOCK_BYTES
_BATCH_BYTES = 1400
_POLICIES = ("drop-oldest", "drop-newest", "thin", "latest")


def begin(self, path, size_bytes, options):
    """Check the arguments, and open the folder."""
    batch_count = options.pop("batch_count", 1)
    batch_ms = options.pop("batch_ms", 60000)
    full = options.pop("full", "drop-oldest")
    for name in options:
        raise TypeError("an outbox has no option %r" % name)
    if not isinstance(path, str) or not path.rstrip("/"):
        raise ValueError("path is a folder's name, not %r" % (path,))
    for what, value, least in (
        ("size_bytes", size_bytes, _LEAST_BYTES),
        ("batch_count", batch_count, 1),
        ("batch_ms", batch_ms, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError("%s is a whole number from %d up, not %r" % (what, least, value))
    if full not in _POLICIES:
        raise ValueError("full is one of %s, not %r" % (", ".join(_POLICIES), full))
    from .outbox import paths

    folder = path.rstrip("/") + "/"
    self._batch_count = batch_count
    self._batch_ms = batch_ms
    self._full = full
    # The largest reading: a chunk without its head and without a record's numbers.
    self._most_bytes = CHUNK_BYTES - 37
    # How many segments there may be. stats() has the formula for their blocks.
    self._most = max(1, (size_bytes // BLOCK_BYTES - 8) * 19 // 21)
    # Readings in memory that are not on flash yet, each as (number, time, payload).
    self._fresh = []
    self._fresh_bytes = 0
    # The last write found no space on flash.
    self._is_full = False
    # All readings up to this number should be written now.
    self._due = 0
    # Ticks when the oldest reading in memory came.
    self._since = 0
    # The last reading that was measured, as in `_fresh`.
    self._measured_last = None
    # The time of day when it was last read, and the ticks then.
    self._wall_ms = wall_ms()
    self._ticks = net.ticks_ms()
    # What is on flash.
    self._folder = folder
    # The id of this log. `_open` replaces it by the one on flash.
    self.epoch = new_epoch()
    # The last number that was used, or that may have been used before a power cut.
    self._number = 0
    # Numbers up to this one may be used: flash says so.
    self._reserved = 0
    # The room has all readings up to this number.
    self._acknowledged = 0
    # Segments were removed for acknowledgements up to this number.
    self._gone_to = 0
    # Flash knows about these acknowledgements too.
    self._is_told = True
    # Counts the starts of the board; 0 follows 127.
    self._boot = 0
    # [(boot, ms by which its clock was behind until it was set)], newest first.
    self._shifts = []
    # The highest number in each slot.
    self._slots = [0] * SLOTS
    # The oldest and the newest segment. If newest < oldest, there is none.
    self._oldest = 1
    self._newest = 0
    # Bytes in the newest segment.
    self._newest_bytes = 0
    # The highest number in segments.
    self._sealed = 0
    # The segment and chunk where the last search found records, and the number it asked for.
    self._where = (0, 0)
    self._asked = 0
    # The last segment that "thin" has made.
    self._thinned = 0
    self._dropped = self._refused = self._torn = 0
    # The error of the last write to flash, or None.
    self._last_error = None
    # The task that writes to flash.
    self._task = None
    # Alarms of the task that writes, the task that sends, and each call of flush().
    self._alarms = [net.Alarm(), net.Alarm()]
    # The task that sends.
    self._sender = None
    self._socket = None
    self._is_open = False
    # Counts the opens and closes of the socket.
    self._serial = 0
    # The outbox itself is calling socket.send().
    self._is_sending = False
    # Whether the room acknowledges. None: not known yet.
    self._is_acknowledging = None
    # The room's last acknowledgement: it has all readings up to this number.
    self._known_to = 0
    # The last number that was sent.
    self._sent_to = 0
    # The last number of each message that is on its way.
    self._flying = []
    # Ticks of the room's last acknowledgement, or of the first message after it.
    self._word_at = 0
    # The server's last error message, until it is dealt with.
    self._trouble = None
    # Up to this number each reading is sent alone, to find the one that the server refuses.
    self._alone_to = 0
    # The application has been warned that nothing is acknowledged.
    self._has_warned = False
    # The number of the last reading.
    self._latest = 0
    if folder in paths:
        raise ValueError("%s is open in another Outbox: close() that first" % path)
    try:
        _open(self)
    except OSError as e:
        raise explained(e, path)
    paths.append(folder)
    _let_go(self)


def new_epoch():
    """16 random hexadecimal digits. They distinguish this log from others of the same device."""
    return _hex(net.urandom(8))


def _hex(raw):
    return "".join(["%02x" % byte for byte in raw])


def _open(self):
    there = names(self._folder[:-1])
    is_whole = _take_state(self, read(self._folder + "id"))
    for name in there:
        if len(name) == 16:
            from .outbox_thin import take_place

            take_place(self, name)
            there = names(self._folder[:-1])
    found = sorted([segment_of(name) for name in there if segment_of(name)])
    if found:
        self._oldest = found[0]
        self._newest = found[-1]
        for chunk in chunks(self, self._newest):
            self._newest_bytes += length_of(chunk)
        if self._newest_bytes != len(read(segment_path(self, self._newest))):
            # It is torn, so nothing may be appended to it.
            self._newest_bytes = BLOCK_BYTES
        # After a power cut the newest segment may be empty or torn. Then look at the one before.
        while found and not self._sealed:
            for chunk in chunks(self, found.pop()):
                self._sealed = max(self._sealed, _highest(self, chunk))
    for slot in range(SLOTS):
        if "%02d" % slot in there:
            chunk = read(slot_path(self, slot))
            self._slots[slot] = _highest(self, chunk)
            self._torn += bool(chunk) and None in records(chunk, crc32)
    self._latest = max([self._sealed] + self._slots)
    self._number = max(self._number, self._latest)
    self._gone_to = self._acknowledged
    while self._newest - self._oldest >= self._most:
        # There are too many segments: size_bytes was larger before.
        drop_first(self)
    if not is_whole or not has_slept():
        self._boot = (self._boot + 1) % 128
        self._shifts = [pair for pair in self._shifts if pair[0] != self._boot]
    save(self)


def _highest(self, chunk):
    """The highest number in a chunk. Also take over what the chunk says was acknowledged."""
    found = [record[0] for record in records(chunk, crc32) if record is not None]
    if not found:
        return 0
    self._acknowledged = max(self._acknowledged, done_of(chunk))
    return max(found)


def _take_state(self, state):
    """Read the state that `save` wrote. Returns False if it is missing or torn. Then a log with a
    new epoch begins, and the old records are kept.
    """
    end = len(state) - 4
    if end < 20 or crc32(state[:end]).to_bytes(4, "big") != state[end:]:
        return False
    if state[0] > VERSION:
        text = "%s has format %d, of a newer partysocket; this one knows %d: update it"
        raise Error(text % (self._folder[:-1], state[0], VERSION))
    self.epoch = _hex(state[1:9])
    self._number = int.from_bytes(state[9:14], "big")
    self._acknowledged = int.from_bytes(state[14:19], "big")
    self._boot = state[19]
    for at in range(20, end, 8):
        self._shifts.append((state[at], int.from_bytes(state[at + 1 : at + 8], "big")))
    return True


def attach(self, socket):
    """See Outbox.attach."""
    if socket._options["resend"] is not None:
        raise ValueError("outbox and resend both keep what was sent: leave out resend")
    if self._folder is None:
        raise Error("the outbox is closed: make a new one")
    if self._socket is not None:
        self._socket.remove_event_listener("open", self)
        self._socket.remove_event_listener("close", self)
    self._socket = socket
    # The readings of one message must fit into the ring, with the fields that are added to each.
    self._batch_bytes = min(_BATCH_BYTES, socket._options["queue_bytes"] // 2)
    self._is_open = False
    self._serial += 1
    socket.add_event_listener("open", self)
    socket.add_event_listener("close", self)
    _let_go(self)
    return self


def _let_go(self):
    """Unload this module, and outbox_blocks too if no segment is there."""
    let_go_of("outbox_begin")
    if self._oldest > self._newest:
        let_go_of("outbox_blocks")
