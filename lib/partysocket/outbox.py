"""Readings that survive a night offline and a power cut. They stay on flash until the room has
stored them. They are sent in order, each with the time at which it was measured.

    outbox = Outbox("/outbox", 262144)
    socket = PartySocket(host, room, query={"role": "device", "name": "shed"}, outbox=outbox)
    socket.send(json.dumps({"type": "reading", "values": {"temperature": 21.5}}))

An Outbox is one object in several files, as the socket is. A function outside a class with `self`
as its first parameter is a method:

    outbox          the calls of the application and the socket, and the task that writes to flash
    outbox_flash    the files that are written often
    outbox_courier  sending readings to the room
    outbox_begin    the start; unloaded after it
    outbox_blocks   the files for more than 32 waiting readings
    outbox_undated  times from before the clock was set
    outbox_trouble  servers that do not acknowledge, or refuse
    outbox_thin     keeping fewer readings when flash is full
    outbox_seldom   the rest: figures, flush(), close()

The files after outbox_begin are loaded when they are needed.
"""

import asyncio

from . import __version__

# `make manifest` writes the version; wrong.py says why.
if not (__version__ + "+").startswith("0.2.0+"):
    raise ImportError(
        "%s needs partysocket '0.2.0', not '%s': install both anew" % (__name__, __version__)
    )

from .base import net, ticks_diff

# Free the parse tree of this module, so that the next one finds large pieces of free memory.
net.collect()
from .net.flash import wall_ms  # noqa: E402
from .outbox_courier import hear_word, is_reading, rewind, run, send_newest  # noqa: E402
from .outbox_flash import SET_MS, UNDATED, finish, put  # noqa: E402

# Readings in memory may have so many bytes, or be twice `batch_count`, if that is more.
_MOST_FRESH_BYTES = 4096
# The pause after flash could not be written.
_AGAIN_MS = 5000

# The folders that are in use.
paths = []


class Outbox:
    """Keeps readings in the folder `path`. It makes the folder if there is none. It uses at most
    `size_bytes` of flash (40,960 or more), including its own bookkeeping.

    Readings are written to flash when `batch_count` of them have come, or when the oldest is
    `batch_ms` old. The default is to write each at once. A larger batch means fewer writes, but a
    power cut loses up to a batch. A reading that the room acknowledges before that is never
    written.

    `full` says what happens when there is no more space. "drop-oldest": the oldest readings are
    dropped, a block at a time. "drop-newest": new readings are dropped. "thin": every second old
    reading is dropped, again and again. "latest": only the last reading of each set of value names
    is kept.

    Raises TypeError or ValueError for a wrong argument, ValueError if another Outbox uses this
    path, OSError if the flash fails, and Error if a newer version wrote the folder, which then
    stays unchanged.
    """

    # The options are batch_count=1, batch_ms=60000 and full="drop-oldest". They are not parameters
    # because each parameter name would take memory all the time.
    def __init__(self, path, size_bytes, **options):
        from .outbox_begin import begin

        begin(self, path, size_bytes, options)

    def __len__(self):
        """The number of readings that the room has not acknowledged."""
        from .outbox_seldom import waiting

        return waiting(self)[0]

    def append(self, data):
        """Add a reading: its JSON as str or bytes, as for send(). Returns True if it is kept, and
        False if there is no space and it is dropped ("drop-newest"). It is not written to flash in
        this call. At most 4 KiB of readings, or twice `batch_count` readings, wait in memory.

        Raises ValueError if it is not a reading or has more than 2,003 bytes, and Error after
        close().
        """
        if not isinstance(data, str):
            data = str(data, "utf-8")
        if not is_reading(data):
            from .outbox_seldom import no_reading

            raise no_reading(data)
        return self._keep(data)

    async def sync(self):
        """Wait until all readings so far are on flash, acknowledged, or dropped (`stats`). Raises
        OSError if they can't be written.
        """
        number = self._number
        while self._fresh and self._fresh[0][0] <= number:
            put(self)
            await asyncio.sleep(0)

    def close(self):
        """Write all readings that are not on flash yet, and release the folder. Raises OSError if
        some could not be written; the outbox is closed all the same.
        """
        from .outbox_seldom import close

        close(self)

    def stats(self):
        """Return a dict: `waiting`, `waiting_bytes` (of JSON), `number` (of the last reading),
        `acknowledged` (the room has all up to this number), `dropped`, `refused`, `torn` (readings
        that are damaged on flash), `flash_bytes`, and `last_error` (the OSError of the last write
        to flash, or None). Counts begin at the start.
        """
        from .outbox_seldom import stats

        return stats(self)

    # Called by the socket.

    def attach(self, socket):
        """Connect the outbox to `socket`, which replaces an earlier socket."""
        from .outbox_begin import attach

        return attach(self, socket)

    def carry(self, text):
        """The application sends `text`. Returns None if it is not a reading: the socket must send
        it. Returns True if the outbox is sending it, and False if it waits or was dropped.
        """
        if self._is_sending or not is_reading(text):
            return None
        before = self._latest
        is_taken = self._keep(text)
        # The reading would come late if others wait before it, or if it is not known yet whether
        # the room acknowledges. Then its value is sent ahead as well.
        is_late = self._is_acknowledging is None or self._sent_to < before or self._trouble
        if self._is_open and is_late:
            send_newest(self)
        # Not _is_open: the application's `onopen` runs before our own listener.
        return is_taken and self._socket.ready_state == 1

    def hear(self, text):
        """A message has come. Returns True if it was for the outbox: no handler gets it then."""
        if isinstance(text, str) and ('"ack"' in text or self._flying and '"error"' in text):
            return hear_word(self, text)
        return False

    async def flush(self, timeout_ms, wait):
        """See WebSocket.flush. Wait until the room has acknowledged all readings, and until the
        peer has what is in the ring. The function `wait` waits for the latter.
        """
        from .outbox_seldom import flush

        return await flush(self, timeout_ms, wait)

    def waiting_bytes(self):
        """The bytes of the readings that wait."""
        from .outbox_seldom import waiting

        return waiting(self)[1]

    def handle_event(self, event):
        """The socket has opened or closed."""
        # The sending task of the last connection sees this and ends.
        self._serial += 1
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
        """Append a text that is a reading."""
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
        """The room has all readings up to `number`. The outbox's task records that on flash."""
        self._acknowledged = max(self._acknowledged, number)
        self._fresh = [record for record in self._fresh if record[0] > number]
        self._fresh_bytes = sum([len(record[2]) for record in self._fresh])
        self._wake_tasks()

    def _stamp(self, ticks):
        """The time to store for a record that is measured now: ms since 1970, or if the clock is
        not set, a value that `_at_of` can convert later.
        """
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
        """A stored time in ms since 1970. None if the board stopped before its clock was set."""
        if time < UNDATED:
            return time
        from .outbox_undated import date_of

        return date_of(self, time)

    def _wake_tasks(self):
        """Wake the task that writes, the task that sends, and the tasks in flush()."""
        if self._task is None and net.running():
            self._task = asyncio.create_task(self._write())
        for alarm in self._alarms:
            alarm.set()

    async def _write(self):
        """The task that writes to flash: new readings, and what the room has acknowledged."""
        try:
            while self._folder is not None:
                wait = 0
                try:
                    if self._acknowledged > self._gone_to:
                        finish(self)
                    elif self._fresh:
                        wait = self._batch_ms - ticks_diff(net.ticks_ms(), self._since)
                        if len(self._fresh) >= self._batch_count or wait <= 0:
                            # The whole batch is due now; writing it may take several steps.
                            self._due = self._latest
                        if self._fresh[0][0] <= self._due:
                            wait = 0
                            put(self)
                    else:
                        return
                    self._last_error = None
                # The flash failed, or there was no memory: try again later.
                except Exception as e:
                    self._last_error = e
                    wait = _AGAIN_MS
                await self._alarms[0].wait(wait)
        finally:
            self._task = None
