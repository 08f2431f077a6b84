"""The driver: the tasks that move a socket's lifecycle and protocol, and pass messages on.

    _live   one task for the socket's whole life ("the life"): it calls `tick`, dials, acts at
            deadlines, and decides what follows the end of a connection (`ending`)
    run     one task for each dial ("the reader"): it dials, then reads until the connection ends
            (`dial`, `connection`)
    write   one task for each connection ("the writer"): it writes when there is something to write
            (`connection`)

A connection ends in one place. The reader, the writer or a deadline sees the end and calls `_end`.
That only stores the reason and wakes the life. The life closes the transport, decides about the
next dial, and only then dispatches events. So a handler that raises can't stop a reconnect.

A read is never cancelled alone to make it time out. At a deadline the life cancels both tasks and
closes the transport. A reader that is inside an async handler of the application is not cancelled
but detached: it goes on as one of `_handlers`, and touches nothing after the handler returns. If
the handler has a view of the receive buffer, the view stays valid, because the next dial gets
another buffer. The next dial waits until both tasks have ended or are detached, so there is never
more than one transport.

An allocation may fail anywhere. In the reader or the writer it ends the connection, like any other
error. In the life it only interrupts `_look`: the life collects garbage, pauses, and looks again.
"""

import asyncio

from micropython import const

from .core.backoff import drawn
from .core.errors import Error
from .core.keepalive import SEND_PING, SILENT
from .core.lifecycle import DIAL, EXPIRED, IDLE, OPEN, WAITING
from .core.lifecycle import Lifecycle
from .core.protocol import Protocol
from .ending import settle, tell_discards, tell_end
from .events import Emitter, Event
from .inbox import Inbox
from .net import chance
from .net import platform as net

# The longest time between two calls of `_look`. The uptime must be counted at least once in half a
# period of the ticks.
_LONGEST_MS = const(86400000)
# How often to check whether a cancelled task has ended.
_STEP_MS = const(5)
# The pause after an allocation failed.
_RECOVER_MS = const(200)
# How often the watchdog is fed.
_FEED_MS = const(500)
# The watchdog is no longer fed when a state has passed its limit by this time.
_LATE_MS = const(2000)


# Reported if there is no memory to copy a MemoryError. The interpreter's own object can't be kept:
# it may be shared by all MemoryErrors.
_NO_MEMORY = MemoryError("want of memory")


class Driver(Emitter):
    """The working part of a socket. `websocket.WebSocket` adds what the application calls."""

    def __init__(self, options):
        # First, because it makes the two buffers, while the heap still has large free pieces.
        self._protocol = Protocol(options, net.urandom, self._hears_chunks)
        super().__init__(options)
        delay = drawn(options["min_reconnection_delay"], chance())
        self._life = Lifecycle(options, delay)
        self.last_error = None
        # The server's last good address: (host, address, ticks of its look-up, whether the next
        # dial goes there), or None. See `dial`.
        self._address = None
        # The SSLContext for all dials, and the `ssl` option from which it was made.
        self._context = None
        self._trust = None
        # The task that runs _live.
        self._task = None
        # The next attributes are about the current dial or connection, or the last one.
        # The task of `run`, as long as it uses the buffers.
        self._reader = None
        self._writer = None
        self._transport = None
        self._host = None
        # It was dialled by the remembered address.
        self._was_known = False
        # After this comes dns, tcp, tls, http, websocket.
        self._phase = "provider"
        # Why it ended. The first reason counts.
        self._error = None
        # It ended because of the server's certificate.
        self._is_refused = False
        # The number of connections before the last failed dial that everybody was told of.
        self._row = -1
        # It has ended.
        self._is_over = True
        # The life has closed its transport and has cancelled its tasks.
        self._is_gone = True
        # The life has decided what follows its end.
        self._is_settled = True
        # The application has not been told of its end yet.
        self._has_to_tell = False
        # The application had decided what follows its end.
        self._is_decided = False
        # The application has closed it, and gets no more messages.
        self._is_deaf = False
        # The application has already got the close event.
        self._is_told = False
        # The reader is inside an async handler.
        self._is_handling = False
        # The application may look into the receive buffer.
        self._is_view_out = False
        # Counts close() and reconnect(), to notice a call inside a handler.
        self._orders = 0
        # recv() takes messages from here.
        self._inbox = Inbox()
        # The reader waits for recv() or for handlers.
        self._is_parked = False
        # No more messages will come: the socket was closed, or has given up.
        self._is_ended = False
        # It was closed by close(): recv() does not even return the message that waits.
        self._is_closed = False
        # Discarded messages, and those since the last discard event.
        self._discarded = 0
        self._untold = 0
        # The task that waits for the network below, and whether that has come up.
        self._upcoming = None
        self._has_come_up = False
        # How often a peer that seems silent got another turn of the loop.
        self._doubts = 0
        # The running calls of flush().
        self._flushes = []
        # Losses that no call of flush() has reported, and how many of them a later call did.
        self._losses = 0
        self._told_losses = 0
        # A task waits for _written.
        self._wants_write = False
        # send_chunks() is running.
        self._is_streaming = False
        self._make_events()
        outbox = options["outbox"]
        # The outbox takes readings, and gets the room's answers to them.
        self._courier = None if outbox is None else outbox.attach(self)

    def _make_events(self):
        # `_look` must be called.
        self._woken = net.Alarm()
        # There may be something to write.
        self._outgoing = asyncio.Event()
        # Something was written, or nothing more will be.
        self._written = asyncio.Event()
        # recv() must look again.
        self._arrived = asyncio.Event()
        # The parked reader must look again.
        self._taken = asyncio.Event()

    # Orders of the application. They work in any state, and they never wait.

    def _begin(self):
        """Dial as soon as possible. An open connection is closed properly first."""
        life = self._life
        # This may fail, so it comes before anything changes.
        random = chance()
        if self._task is None:
            # New events for each life, because on CPython an Event belongs to one event loop.
            # Tasks that wait for the old ones wake up, and then wait for the new ones.
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
        """Stop. An open connection is closed properly first."""
        life = self._life
        if life.state >= OPEN:
            life.close(net.ticks_ms(), False)
        else:
            self._let_go()
            self._is_settled = True
            life.stop()
        self._wake()

    def _wake(self):
        """Wake every task: something has changed. Allocates nothing."""
        self._woken.set()
        self._outgoing.set()
        self._arrived.set()
        self._taken.set()
        Emitter._wake(self)

    def _hears_chunks(self):
        return bool(self._listeners.get("chunk"))

    def _lose(self, first, end):
        """Messages from number `first` up to `end` are probably lost. If `end` is 0, the
        application took them back.
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
        """Whether the dial went further than its providers. Then its end is a close."""
        return self._phase != "provider" or self._transport is not None

    # The life.

    async def _live(self):
        try:
            while self._life.state != IDLE or not self._is_at_rest():
                try:
                    await self._woken.wait(self._look())
                except Exception as e:
                    # Most likely there was no memory. The next look finds again what is to be
                    # done. The pause prevents a busy loop.
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
        """Whether nothing runs any more, and the application was told everything."""
        return (
            self._is_settled and not self._has_to_tell and not self._untold and not self._is_busy()
        )

    def _is_busy(self):
        """Whether a task of the last dial still needs the buffers. A task that was cancelled
        before it began could not clear its attribute, so ask done().
        """
        reader = self._reader
        if reader is not None and reader.done():
            self._reader = None
        writer = self._writer
        if writer is not None and writer.done():
            self._writer = None
        return self._reader is not None or self._writer is not None

    def _look(self):
        """Do what is due. Returns how many ms may pass before the next look."""
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
            # The life ends after this look, or when the last dial's tasks have ended. They are
            # polled, because a task that was cancelled before it began does not wake the life.
            wait = _STEP_MS if self._is_busy() else 0
        # Whether the network below is up.
        is_below = True
        if life.state == WAITING and self._options["link"] is not None:
            from .below import is_up

            is_below = is_up(self)
        if due == DIAL:
            if not is_below:
                # Wait until it is up. The task that waits for that wakes the life.
                self.last_error = ("link", "the network link is down")
                wait = _LONGEST_MS
            elif self._is_busy():
                # Wait until the last dial's tasks no longer use the buffers.
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
            # If something blocked the loop, the answer may wait to be read. The reader gets two
            # more turns for it.
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
        """Call the watchdog: nothing is late."""
        watchdog = self._options["watchdog"]
        if watchdog is not None:
            try:
                watchdog()
            except Exception as e:
                self._report(e)

    def _dial(self, now):
        """Begin a dial. An error here counts as a failed dial."""
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
            from .dial import run

            self._reader = asyncio.create_task(run(self, self._life.attempts))
        except Exception as e:
            self._end(e)

    def _end(self, error):
        """The dial or connection has ended with `error`. The life does the rest."""
        if not self._is_over:
            self._is_over = True
            self._note(error)
            if self._protocol.is_closed:
                self._error = None
        self._woken.set()

    def _note(self, error):
        """Store why it ends. The first reason counts."""
        if self._error is not None:
            return
        if isinstance(error, MemoryError):
            try:
                error = MemoryError(*error.args)
            except MemoryError:
                error = _NO_MEMORY
        self._error = error

    def _let_go(self):
        """Close the transport and cancel the tasks, except a reader that is inside the
        application's code. May be called again.
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
        """Cancel the reader of a connection that is over. If it is inside an async handler, let it
        go on as one of `_handlers`.
        """
        reader = self._reader
        if self._is_handling:
            self._handlers.append((reader, True))
            self._is_handling = False
            self._reader = None
        elif reader is not net.current_task() and not reader.done():
            # If the reader itself runs this (a provider called close()), the next look cancels it.
            reader.cancel()

    def _is_current(self, serial):
        """Whether the reader of dial number `serial` is the current one, and not detached."""
        return serial == self._life.attempts and self._reader is not None
