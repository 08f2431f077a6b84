"""The driver: the tasks that move a socket's lifecycle and its protocol, and hand messages on.

    _live   one task for the socket's life: looks at the clock, dials, notices deadlines, settles
            what comes after an end (`ending`)
    _run    one task for each dial: dials (`dial`), then reads until the connection ends
            (`connection`)
    write   one task for each connection: writes when there is something to write (`connection`)

A connection ends in one place. Whoever sees its end (reader, writer, a deadline) calls `_end`,
which only notes the reason and wakes the life. The life lets go of the transport, settles the next
dial, and only then dispatches events: a handler that raises cannot stop a reconnect.

No read is cancelled to time it out. At a deadline the life lets go of everything at once: it
cancels both tasks and closes the transport. A reader inside an async handler of the application is
not cancelled: it is detached. It may run on, as one of `_handlers`, and touches nothing when the
handler returns; a view that it was given stays true, as the next dial has another receive buffer.
The next dial waits until both tasks are gone or detached: there is never more than one transport.

An allocation may fail anywhere. In the reader or the writer that ends the connection, like any
other error. In the life it costs that look at the clock: it collects, pauses, and looks again.
"""

import asyncio

from micropython import const

from .connection import read, run_handlers, write
from .core.backoff import drawn
from .core.errors import Error
from .core.lifecycle import DIAL, EXPIRED, IDLE, OPEN, SEND_PING, SILENT, WAITING
from .core.lifecycle import Lifecycle
from .core.protocol import Protocol
from .ending import fail, settle, tell_discards, tell_end
from .events import Emitter, Event
from .inbox import Inbox
from .net import chance
from .net import platform as net

_LONGEST_MS = const(86400000)  # without a look: the uptime is counted within the half period
_STEP_MS = const(5)  # between looks at a task that was cancelled
_RECOVER_MS = const(200)  # a pause after want of memory
_FEED_MS = const(500)  # between two feedings of the watchdog
_LATE_MS = const(2000)  # over its limit, and the watchdog starves


# What is told of want of memory if there is no memory for a copy: the interpreter's own may be one
# object that serves for every exception of that kind, so it would soon be another's.
_NO_MEMORY = MemoryError("want of memory")


class Driver(Emitter):
    """What a socket does. `websocket.WebSocket` is what the application sees of it."""

    def __init__(self, options):
        # First, since it makes the two buffers: the heap is in one piece still.
        self._protocol = Protocol(options, net.urandom, self._hears_chunks)
        super().__init__(options)
        delay = drawn(options["min_reconnection_delay"], chance())
        self._life = Lifecycle(options, delay)
        self.last_error = None
        # The peer's last good address, see `dial`: (host, address, ticks of its look-up, whether
        # the next dial goes there), or None.
        self._address = None
        self._context = None  # the SSLContext, for all dials ...
        self._trust = None  # ... made of this `ssl` option
        self._task = None  # that runs _live
        # The dial or connection of now, or the last one:
        self._reader = None  # the task that runs _run, while it needs the buffers
        self._writer = None
        self._transport = None
        self._host = None
        self._was_known = False  # it was dialled by the remembered address
        self._phase = "provider"  # then dns, tcp, tls, http, websocket
        self._error = None  # why it ended; the first reason counts
        self._is_refused = False  # because of the server's certificate
        self._row = -1  # connections before the last failed dial that everybody was told of
        self._is_over = True  # it has ended ...
        self._is_gone = True  # ... and the life has let go of it
        self._is_settled = True  # what comes next is decided; False: the life has to
        self._has_to_tell = False  # the application has not heard of the end
        self._is_decided = False  # the application had said what comes after it
        self._is_deaf = False  # the application has closed: it hears no more messages ...
        self._is_told = False  # ... and has had the close event
        self._is_handling = False  # the reader is inside an async handler
        self._is_view_out = False  # the application may look into the receive buffer
        self._orders = 0  # calls of close() and reconnect(): whether a handler has made one
        self._inbox = Inbox()  # recv() takes messages from here
        self._is_parked = False  # the reader waits for recv() or for handlers
        self._is_ended = False  # no more messages will come: closed, or given up ...
        self._is_closed = False  # ... by close(): not even the one that waits is given out
        self._discarded = 0
        self._untold = 0  # of them, since the last discard event
        self._upcoming = None  # the task that waits for the network below
        self._has_come_up = False  # it has done so
        self._doubts = 0  # turns that a peer gets which seems to be silent
        self._flushes = []  # those who wait in flush()
        self._losses = 0  # how often something was lost that none of them has told
        self._told_losses = 0  # ... and that a later one has
        self._wants_write = False  # somebody waits for _written
        self._is_streaming = False  # send_chunks() is under way
        self._make_events()
        outbox = options["outbox"]
        # What takes readings to an outbox, and hears what the room says of them.
        self._courier = None if outbox is None else outbox.attach(self)

    def _make_events(self):
        self._woken = net.Alarm()  # the life has to look
        self._outgoing = asyncio.Event()  # there may be something to write
        self._written = asyncio.Event()  # something was written, or nothing will be any more
        self._arrived = asyncio.Event()  # recv() has to look
        self._taken = asyncio.Event()  # the parked reader has to look

    # Orders, carried out at once, from any state. Nothing here waits.

    def _begin(self):
        """Dial as soon as may be. What is open is closed in order first."""
        life = self._life
        random = chance()  # whatever may fail comes before anything has changed
        if self._task is None:
            # New events for each life: on CPython an Event belongs to one event loop. Who waits
            # for the old ones looks again, and waits for the new ones.
            self._wake()
            self._forget_ended_handlers()
            self._make_events()
            self._task = asyncio.create_task(self._live())
        now = net.ticks_ms()
        if life.state >= OPEN:
            life.close(now, True)
        else:
            self._let_go()
            self._is_settled = True
            life.begin(now, random)
        self._wake()

    def _rest(self):
        """End. What is open is closed in order first."""
        life = self._life
        if life.state >= OPEN:
            life.close(net.ticks_ms(), False)
        else:
            self._let_go()
            self._is_settled = True
            life.stop()
        self._wake()

    def _wake(self):
        """Have every task look at what has changed. Allocates nothing."""
        self._woken.set()
        self._outgoing.set()
        self._arrived.set()
        self._taken.set()
        Emitter._wake(self)

    def _hears_chunks(self):
        return bool(self._listeners.get("chunk"))

    def _lose(self, first, end):
        """Messages from number `first` up to `end` will not arrive, as far as can be known.
        `end` 0: the application took them back.
        """
        is_told = not end
        for flush in self._flushes:
            flush.lose(first)
            is_told = is_told or end <= flush.target
        if not is_told:
            self._losses += 1
        if self._flushes:
            self._wake()

    def _new_event(self, type, **details):
        event = Event(type, self)
        for name in details:
            setattr(event, name, details[name])
        return event

    def _new_close_event(self, code, reason, was_clean, error):
        return self._new_event("close", code=code, reason=reason, was_clean=was_clean, error=error)

    def _is_open(self):
        return self._life.state == OPEN and not self._is_over

    def _has_begun(self):
        """Whether there was more than providers that gave nothing: whether an end is a close."""
        return self._phase != "provider" or self._transport is not None

    # The life.

    async def _live(self):
        try:
            while self._life.state != IDLE or not self._is_at_rest():
                try:
                    await self._woken.wait(self._look())
                except Exception as e:
                    # Want of memory, most likely. What was to be done is found again by the next
                    # look; nothing may spin meanwhile.
                    net.collect()
                    if not isinstance(e, MemoryError):
                        self._report(e)
                    await net.sleep_ms(_RECOVER_MS)
        finally:
            self._let_go()
            if self._upcoming is not None:
                self._upcoming.cancel()
                self._upcoming = None
            self._task = None
            self._wake()

    def _is_at_rest(self):
        """Whether nothing runs any more, and all has been told."""
        return (
            self._is_settled and not self._has_to_tell and not self._untold and not self._is_busy()
        )

    def _is_busy(self):
        """Whether a task of the last dial still needs the buffers. One that was cancelled before
        it began never says that it is gone.
        """
        reader = self._reader
        if reader is not None and reader.done():
            self._reader = None
        writer = self._writer
        if writer is not None and writer.done():
            self._writer = None
        return self._reader is not None or self._writer is not None

    def _look(self):
        """Do what is due; returns how many ms may pass before the next look."""
        life = self._life
        if self._is_over and self._reader is not None:
            self._detach()
        if self._is_over and not self._is_settled:
            settle(self)
        if self._has_to_tell:
            tell_end(self)
        now = net.ticks_ms()
        due = life.tick(now)
        wait = life.wait_ms(now)
        if wait is None:
            wait = _LONGEST_MS
        if life.state == IDLE:
            # It ends with the next look, or once the last dial's tasks are gone. One that was
            # cancelled before it began does not say so.
            wait = _STEP_MS if self._is_busy() else 0
        is_below = True  # the network below is up
        if life.state == WAITING and self._options["link"] is not None:
            from .below import is_up

            is_below = is_up(self)
        if due == DIAL:
            if not is_below:
                # Until it is: whoever waits for that wakes us.
                self.last_error = ("link", "the network link is down")
                wait = _LONGEST_MS
            elif self._is_busy():
                # Until the last dial's tasks have let go of the buffers.
                wait = _STEP_MS
            else:
                self._dial(now)
                wait = life.wait_ms(now)
        elif due == SEND_PING:
            self._protocol.ping()
            self._outgoing.set()
        elif due == EXPIRED:
            if self._phase == "tls" or self._phase == "http":
                life.taken()
            if not life.wait_ms(now):
                self._end(Error("TIMEOUT"))
            return 0
        elif due == SILENT:
            # If something blocked the loop, the answer may lie there unread: two turns for it.
            self._doubts += 1
            if self._doubts > 2:
                self._end(Error("no sign of life from the peer"))
            return 0
        self._doubts = 0
        if self._untold:
            tell_discards(self)
        if self._options["watchdog"] is not None:
            if not is_below or life.overdue_ms(now) < _LATE_MS:
                self._feed()
            wait = min(wait, _FEED_MS)
        return wait

    def _feed(self):
        """Tell the watchdog that all is on time."""
        watchdog = self._options["watchdog"]
        if watchdog is not None:
            try:
                watchdog()
            except Exception as e:
                self._report(e)

    def _dial(self, now):
        """Begin a dial. Whatever fails here is a dial that failed."""
        self._life.dial(now)
        self._transport = self._error = None
        self._phase = "provider"
        self._is_refused = self._is_told = self._is_deaf = self._has_come_up = False
        self._is_over = self._is_gone = self._is_settled = False
        try:
            net.collect()
            if self._is_view_out:
                self._protocol.renew_buffer()
                self._is_view_out = False
            self._protocol.reset(None)
            self._reader = asyncio.create_task(self._run(self._life.attempts))
        except Exception as e:
            self._end(e)

    def _end(self, error):
        """The dial or connection has ended, and why. The life does the rest."""
        if not self._is_over:
            self._is_over = True
            self._note(error)
            if self._protocol.is_closed:
                self._error = None
        self._woken.set()

    def _note(self, error):
        """Remember why it ends; the first reason counts."""
        if self._error is not None:
            return
        if isinstance(error, MemoryError):
            try:
                error = MemoryError(*error.args)
            except MemoryError:
                error = _NO_MEMORY
        self._error = error

    def _let_go(self):
        """Close the transport and end the tasks, but for one in the application's code. May be
        called again.
        """
        self._is_over = True
        if self._is_gone:
            return
        if self._transport is not None:
            try:
                self._transport.close()
            except Exception as e:
                self._report(e)
        if self._writer is not None:
            self._writer.cancel()
        if self._reader is not None:
            self._detach()
        self._written.set()
        self._is_gone = True

    def _detach(self):
        """End the reader of a connection that is over. One in an async handler runs on by
        itself.
        """
        reader = self._reader
        if self._is_handling:
            self._handlers.append((reader, True))
            self._is_handling = False
            self._reader = None
        elif reader is not net.current_task() and not reader.done():
            # A provider that has called close() can't be cancelled from inside: the next look is.
            reader.cancel()

    # Dialing and reading.

    async def _run(self, serial):
        """The reader's task. `serial`: the number of its dial; once that is another's, the task
        is detached and may touch nothing.
        """
        error = None
        try:
            from .dial import dial

            await dial(self)
            if self._is_over:
                return
            self._phase = "websocket"
            self._life.opened(net.ticks_ms())
            self._protocol.open_queue()
            self._writer = asyncio.create_task(write(self))
            self._wake()
            event = Event("open", self)
            event.reconnected = self._life.opens > 1
            self._debug("open")
            if await run_handlers(self, self._dispatch(event), False, serial):
                await read(self, serial)
        except asyncio.CancelledError:  # by _let_go, or raised by a provider
            if not self._is_over and self._is_current(serial):
                self._end(Error("cancelled"))
            raise
        except Exception as e:  # every port has errors of its own: any of them ends the connection
            error = e
            if self._is_current(serial):
                try:
                    await fail(self, e)
                except Exception:  # for want of memory: it ends without more ado
                    pass
        finally:
            if self._is_current(serial):
                # What was to be done about an error may have failed too. After the peer's Close
                # the writer goes on.
                if error is not None or not self._protocol.is_closed:
                    self._end(error)
                self._reader = None
                self._is_handling = False
                self._wake()
            else:
                self._forget_handler(net.current_task())
                self._woken.set()

    def _is_current(self, serial):
        """Whether the reader of dial number `serial` has not been detached."""
        return serial == self._life.attempts and self._reader is not None
