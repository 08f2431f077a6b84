"""The start of an outbox: its arguments, and what lies on flash. Let go of after it. The functions
are the outbox's, in a file of their own.
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
    self._most_bytes = CHUNK_BYTES - 37  # of a reading: a chunk's head and a record's numbers
    # Segments that there may be: stats() tells their blocks.
    self._most = max(1, (size_bytes // BLOCK_BYTES - 8) * 19 // 21)
    # In memory: what is not on flash yet, (number, time, payload) each, ...
    self._fresh = []
    self._fresh_bytes = 0
    self._is_full = False  # ... there was no place for more, ...
    self._due = 0  # ... of which all up to this number are to be written, ...
    self._since = 0  # ... ticks when the oldest of it came, ...
    self._measured_last = None  # ... and the last reading of all.
    # The time of day, and the ticks then.
    self._wall_ms = wall_ms()
    self._ticks = net.ticks_ms()
    # What lies on flash.
    self._folder = folder
    self.epoch = new_epoch()  # unless it has one
    self._number = 0  # the last one given
    self._reserved = 0  # the last one that may be given
    self._acknowledged = 0  # the room has all up to this one, ...
    self._gone_to = 0  # ... segments up to this one are gone, ...
    self._is_told = True  # ... and a power cut would not forget it
    self._boot = 0  # counts the starts of the board, up to 127 and round
    self._shifts = []  # [(boot, ms by which its clock was behind until it was set)], newest first
    self._slots = [0] * SLOTS  # the highest number in each
    self._oldest = 1  # the oldest segment ...
    self._newest = 0  # ... and the newest; less than the oldest: there is none
    self._newest_bytes = 0  # of the newest
    self._sealed = 0  # the highest number in segments
    self._where = (0, 0)  # segment, and which chunk in it, where `after` was last ...
    self._asked = 0  # ... when it was asked for what follows this number
    self._thinned = 0  # the last segment that "thin" has made
    self._dropped = self._refused = self._torn = 0
    self._last_error = None  # of the flash: an OSError, until it can be written again
    # The tasks, and the socket.
    self._task = None  # that writes to flash
    self._alarms = [net.Alarm(), net.Alarm()]  # of that task, of the sending one, of flush()
    self._sender = None  # the task that sends
    self._socket = None
    self._is_open = False
    self._serial = 0  # opens and closes of the socket
    self._is_sending = False  # what send() gets is the outbox's own
    self._is_acknowledging = None  # whether the room acknowledges; None: it has not said so yet
    self._known_to = 0  # the room's last word: it has all up to this number
    self._sent_to = 0  # the last number on its way
    self._flying = []  # the last number of each message that is
    self._word_at = 0  # ticks of the room's last word, or of the first message after it
    self._trouble = None  # the server's last error message, until it is dealt with
    self._alone_to = 0  # up to this number each reading goes alone, to find the wrong one
    self._has_warned = False  # that nothing is acknowledged
    self._latest = 0  # the last number that a reading has
    if folder in paths:
        raise ValueError("%s is open in another Outbox: close() that first" % path)
    try:
        _open(self)
    except OSError as e:
        raise explained(e, path)
    paths.append(folder)
    _let_go(self)


def new_epoch():
    """16 hexadecimal digits by chance: they tell this log from others of the same device."""
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
            self._newest_bytes = BLOCK_BYTES  # torn: nothing can be appended to it
        # The newest may be empty, as a cut leaves it, or torn.
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
        drop_first(self)  # it was larger once
    if not is_whole or not has_slept():
        self._boot = (self._boot + 1) % 128
        self._shifts = [pair for pair in self._shifts if pair[0] != self._boot]
    save(self)


def _highest(self, chunk):
    """The highest number in a chunk that may be the newest; it also says what is done with."""
    found = [record[0] for record in records(chunk, crc32) if record is not None]
    if not found:
        return 0
    self._acknowledged = max(self._acknowledged, done_of(chunk))
    return max(found)


def _take_state(self, state):
    """Take what `save` wrote; False: there is nothing, or it is torn, and another log begins. Its
    records are kept.
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
    # Readings in one message: with what belongs to each, they have to fit into the ring.
    self._batch_bytes = min(_BATCH_BYTES, socket._options["queue_bytes"] // 2)
    self._is_open = False
    self._serial += 1
    socket.add_event_listener("open", self)
    socket.add_event_listener("close", self)
    _let_go(self)
    return self


def _let_go(self):
    """Let go of this module, and of what it alone has needed."""
    let_go_of("outbox_begin")
    if self._oldest > self._newest:
        let_go_of("outbox_blocks")
