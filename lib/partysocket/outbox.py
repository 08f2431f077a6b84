"""Readings that outlive a night offline and a power cut: kept on flash until the room has stored
them, sent in order, each with the time at which it was measured.

    outbox = Outbox("/outbox", 262144)
    socket = PartySocket(host, room, query={"role": "device", "name": "shed"}, outbox=outbox)
    socket.send(json.dumps({"type": "reading", "values": {"temperature": 21.5}}))

An Outbox is one object in several files, as the socket is:

    outbox          what the application and the socket call, and the task that writes to flash
    outbox_flash    the files that are written often
    outbox_courier  what takes the readings to the room
    outbox_begin    the start; let go of after it
    outbox_blocks   what more than 32 readings wait in
    outbox_undated  times before the clock was set
    outbox_trouble  servers that do not acknowledge, or can't
    outbox_thin     keeping less when it is full
    outbox_seldom   the rest: figures, flush(), close()

What comes after outbox_begin is loaded when it is needed.
"""

import asyncio

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import net, ticks_diff

net.collect()  # this module's parse tree, so that the next one's finds the heap in one piece
from .net.flash import wall_ms  # noqa: E402
from .outbox_courier import hear_word, is_reading, rewind, run, send_newest  # noqa: E402
from .outbox_flash import SET_MS, UNDATED, finish, put  # noqa: E402

_MOST_FRESH_BYTES = 4096  # of readings in memory; or twice `batch_count` of them, if that is more
_AGAIN_MS = 5000  # after flash could not be written

paths = []  # the folders in use


class Outbox:
    """Keeps readings in the folder `path`, which it makes if it is not there, in at most
    `size_bytes` of flash (40,960 at least), its own bookkeeping included.

    A reading is written at once, or when `batch_count` have come or the oldest is `batch_ms` old:
    fewer writes, and a power cut loses as many. One that the room has acknowledged before is never
    written. `full`, when there is no more place: "drop-oldest" lets go of the oldest, a block at a
    time; "drop-newest" takes no more; "thin" keeps every second one of the old, again and again;
    "latest" keeps the last one of each set of value names.

    TypeError, ValueError: an argument; or another Outbox has this path. OSError: the flash. Error:
    a newer version wrote the folder; it is left as it is.
    """

    # batch_count=1, batch_ms=60000, full="drop-oldest": here each would cost its slot for ever.
    def __init__(self, path, size_bytes, **options):
        from .outbox_begin import begin

        begin(self, path, size_bytes, options)

    def __len__(self):
        """How many readings wait for the room's acknowledgement."""
        from .outbox_seldom import waiting

        return waiting(self)[0]

    def append(self, data):
        """Take a reading: its JSON, str or bytes, as send() would. True: it is kept. False: there
        is no place, and it is dropped ("drop-newest"). Does not write to flash itself: at most
        4 KiB of readings wait in memory for that, or twice `batch_count` readings.

        ValueError: no reading, or more than 2,003 bytes. Error: after close().
        """
        if not isinstance(data, str):
            data = str(data, "utf-8")
        if not is_reading(data):
            from .outbox_seldom import no_reading

            raise no_reading(data)
        return self._keep(data)

    async def sync(self):
        """Until all that was appended before is on flash, acknowledged, or dropped (`stats`).
        OSError: it can't be written.
        """
        number = self._number
        while self._fresh and self._fresh[0][0] <= number:
            put(self)
            await asyncio.sleep(0)

    def close(self):
        """Write what is not on flash yet, and let go of the folder. OSError: not all of it could
        be written; it is closed all the same.
        """
        from .outbox_seldom import close

        close(self)

    def stats(self):
        """waiting, waiting_bytes (of JSON), number (the last one's), acknowledged (the room has
        all up to this number), dropped, refused, torn (readings that flash has lost), flash_bytes,
        and last_error, the OSError why flash can't be written, or None. Counts: since the start.
        """
        from .outbox_seldom import stats

        return stats(self)

    # For the socket.

    def attach(self, socket):
        """The socket will call what follows; it takes the place of another one."""
        from .outbox_begin import attach

        return attach(self, socket)

    def carry(self, text):
        """A text that is to be sent. None: it is no reading, and the socket's. True: it is on its
        way. False: it waits, or was dropped.
        """
        if self._is_sending or not is_reading(text):
            return None
        before = self._latest
        is_taken = self._keep(text)
        # Behind others, or while nobody knows what the room does with it, it would come late.
        is_late = self._is_acknowledging is None or self._sent_to < before or self._trouble
        if self._is_open and is_late:
            send_newest(self)
        # Not _is_open: in an `onopen` of the application, nobody has told us yet.
        return is_taken and self._socket.ready_state == 1

    def hear(self, text):
        """A message has come. True: it was the room's word to the outbox, and is nobody else's."""
        if isinstance(text, str) and ('"ack"' in text or self._flying and '"error"' in text):
            return hear_word(self, text)
        return False

    async def flush(self, timeout_ms, wait):
        """See WebSocket.flush: until the room has acknowledged all readings, and what the
        ring held is there too, which `wait` waits for.
        """
        from .outbox_seldom import flush

        return await flush(self, timeout_ms, wait)

    def waiting_bytes(self):
        """Bytes of the readings that wait."""
        from .outbox_seldom import waiting

        return waiting(self)[1]

    def handle_event(self, event):
        """The socket has opened, or closed."""
        self._serial += 1  # a task of the last connection ends by it
        self._is_open = event.type == "open"
        if not self._is_open and self._flying and event.code == 1009:
            from .outbox_trouble import too_long

            too_long(self)
        if self._is_open:
            self._is_acknowledging = self._trouble = None
            self._known_to = self._acknowledged
            rewind(self)
            self._sender = asyncio.create_task(run(self, self._serial))
        self._wake_tasks()

    # Inside.

    def _keep(self, text):
        """As append(), of what is known to be a reading."""
        payload = text.strip().encode()
        if self._folder is None or len(payload) > self._most_bytes:
            from .outbox_seldom import not_kept

            raise not_kept(self, payload)
        fresh = self._fresh
        now = net.ticks_ms()
        time = self._stamp(now)
        self._measured_last = (0, time, payload)
        if self._is_full and ticks_diff(now, self._since) < _AGAIN_MS:
            self._dropped += 1
            return False
        self._fresh_bytes += len(payload)
        while self._fresh_bytes > _MOST_FRESH_BYTES and len(fresh) >= 2 * self._batch_count:
            self._dropped += 1
            if self._full == "drop-newest":
                self._fresh_bytes -= len(payload)
                return False
            self._fresh_bytes -= len(fresh.pop(0)[2])
        if not fresh:
            self._since = now
        self._number += 1
        self._latest = self._number
        fresh.append((self._number, time, payload))
        self._wake_tasks()
        return True

    def _acknowledge(self, number):
        """The room has all up to `number`. Flash hears of it from the outbox's own task."""
        self._acknowledged = max(self._acknowledged, number)
        self._fresh = [record for record in self._fresh if record[0] > number]
        self._fresh_bytes = sum([len(record[2]) for record in self._fresh])
        self._wake_tasks()

    def _stamp(self, ticks):
        """The time of a record that is measured now: ms since 1970, or what `_at_of` can date."""
        now = wall_ms()
        if self._wall_ms < SET_MS <= now:
            shift = now - self._wall_ms - ticks_diff(ticks, self._ticks)
            from .outbox_undated import clock_came

            clock_came(self, shift)
        self._wall_ms = now
        self._ticks = ticks
        if now >= SET_MS:
            return now
        from .outbox_undated import undated

        return undated(self, now)

    def _at_of(self, time):
        """A record's time in ms since 1970; None: the board stopped before its clock was set."""
        if time < UNDATED:
            return time
        from .outbox_undated import date_of

        return date_of(self, time)

    def _wake_tasks(self):
        """Have the tasks look: the one that writes, the one that sends, those in flush()."""
        if self._task is None and net.running():
            self._task = asyncio.create_task(self._write())
        for alarm in self._alarms:
            alarm.set()

    async def _write(self):
        """The task that writes to flash: what was appended, and what was acknowledged."""
        try:
            while self._folder is not None:
                wait = 0
                try:
                    if self._acknowledged > self._gone_to:
                        finish(self)
                    elif self._fresh:
                        wait = self._batch_ms - ticks_diff(net.ticks_ms(), self._since)
                        if len(self._fresh) >= self._batch_count or wait <= 0:
                            self._due = self._latest  # a batch may take several steps
                        if self._fresh[0][0] <= self._due:
                            wait = 0
                            put(self)
                    else:
                        return
                    self._last_error = None
                except Exception as e:  # of the flash, or want of memory
                    self._last_error = e
                    wait = _AGAIN_MS
                await self._alarms[0].wait(wait)
        finally:
            self._task = None
