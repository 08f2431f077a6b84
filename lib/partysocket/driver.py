"""The driver: the tasks that move a socket's lifecycle and its protocol, and hand messages on.

    _live   one task for the socket's life: looks at the clock, dials, notices deadlines, settles
            what comes after an end
    _run    one task for each dial: dials, then reads until the connection ends
    _write  one task for each connection: writes when there is something to write

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

from .core.backoff import drawn
from .core.errors import Error
from .core.lifecycle import DIAL, EXPIRED, IDLE, OPEN, SEND_PING, SILENT, WAITING
from .core.lifecycle import Lifecycle
from .core.protocol import BINARY, CHUNK, NOTHING, PING, PONG, TEXT, Protocol
from .ending import fail, on_close, settle, tell_discards, tell_end
from .events import Emitter, Event
from .inbox import Inbox
from .net import chance, poll
from .net import platform as net

_MOST_TURNS = const(15)  # messages and reads in a row, less one, before other tasks have theirs
_LONGEST_MS = const(86400000)  # without a look: the uptime is counted within the half period
_WAIT_MS = const(1000)  # a hint for transports that must wake from time to time
_STUCK = const(-1)  # what `_flush` says: the transport is full
_STEP_MS = const(5)  # between looks at a task that was cancelled
_RECOVER_MS = const(200)  # a pause after want of memory
_NO_CLOSE = "the peer ended the connection without a Close"
_FEED_MS = const(500)  # between two feedings of the watchdog
_LATE_MS = const(2000)  # over its limit, and the watchdog starves


# What is told of want of memory if there is no memory for a copy: the interpreter's own may be one
# object that serves for every exception of that kind, so it would soon be another's.
_NO_MEMORY = MemoryError("want of memory")


class Driver(Emitter):
    """What a socket does. `websocket.WebSocket` is what the application sees of it."""

    def __init__(self, options):
        super().__init__(options)
        self._life = Lifecycle(options, drawn(options["min_reconnection_delay"], chance()))
        self._protocol = Protocol(options, net.urandom, self._hears_chunks)
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

    def _is_renewable(self):
        """Whether a provider may bring other credentials with the next dial."""
        return callable(self._url) or callable(self._options["headers"])

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
        is_told = self._is_settled and not self._has_to_tell and not self._untold
        return is_told and not self._is_busy()

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
            # A task that was cancelled before it began does not say that it is gone.
            if life.state == IDLE and self._is_busy():
                wait = _STEP_MS
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
            self._writer = asyncio.create_task(self._write())
            self._wake()
            event = Event("open", self)
            event.reconnected = self._life.opens > 1
            self._debug("open")
            if await self._run_handlers(self._dispatch(event), False, serial):
                await self._read(serial)
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

    async def _read(self, serial):
        """Read, and hand on what comes, until the connection ends."""
        life = self._life
        protocol = self._protocol
        transport = self._transport
        inbox = self._inbox
        take_short = protocol.take_short
        wait = getattr(transport, "wait", None) or poll
        turns = 0
        while not self._is_over:
            turns += 1
            if not turns & _MOST_TURNS:
                await asyncio.sleep(0)
            if (inbox.message is not None or inbox.is_lent or self._handlers) and self._is_full():
                await self._park()
                continue
            kind = NOTHING
            if protocol.start < protocol.end or protocol.is_inside:
                kind = take_short() or protocol.next()
            if kind == NOTHING:
                if protocol.is_urgent:
                    self._outgoing.set()
                view = protocol.space()
                n = None if protocol.is_drained else transport.recv_into(view)
                while n is None:
                    turns = 0
                    await wait(True, False, _WAIT_MS)
                    n = transport.recv_into(view)
                if not n:
                    raise OSError(104, _NO_CLOSE)
                protocol.received(n)
                if life.heard(net.ticks_ms()):
                    self._woken.set()
            elif kind <= BINARY:
                if not self._is_deaf:
                    awaited = self._deliver(kind)
                    if awaited:
                        lends = kind == BINARY and self._binary_type != "bytes"
                        if not await self._run_handlers(awaited, lends, serial):
                            return
            elif kind == CHUNK:
                if not self._is_deaf:
                    event = Event("chunk", self)
                    event.data = protocol.payload
                    event.offset = protocol.offset
                    event.is_last = protocol.is_last
                    event.is_text = protocol.is_text
                    if not await self._run_handlers(self._dispatch(event), True, serial):
                        return
            elif kind == PONG:
                life.answered(net.ticks_ms())
                self._wake()
            elif kind == PING:
                # Every ping has its pong: a flood of them waits for our writing.
                self._written.clear()
                self._wants_write = True
                self._outgoing.set()
                await self._written.wait()
            else:
                on_close(self)
                return

    def _received(self, n):
        """`n` bytes came into the protocol's space."""
        if not n:
            raise OSError(104, _NO_CLOSE)
        self._protocol.received(n)
        if self._life.heard(net.ticks_ms()):
            self._woken.set()

    async def _receive(self):
        """Bring in some bytes, at least one."""
        transport = self._transport
        view = self._protocol.space()
        n = transport.recv_into(view)
        while n is None:
            await (getattr(transport, "wait", None) or poll)(True, False, _WAIT_MS)
            n = transport.recv_into(view)
        self._received(n)

    async def _run_handlers(self, awaited, lends, serial):
        """Await what async handlers returned, before anything else is read. `lends`: they may look
        into the receive buffer. False: the reader was detached meanwhile.
        """
        if not awaited:
            return True
        self._is_handling = True
        self._is_view_out = lends
        self._life.hold(net.ticks_ms())
        try:
            while awaited:
                await self._guard(awaited.pop(0))
        finally:
            for one in awaited:  # the loop is being shut down
                one.close()
            is_current = self._is_current(serial)
            if is_current:
                self._is_handling = self._is_view_out = False
                self._life.release(net.ticks_ms())
            self._wake()
        return is_current

    # Messages.

    def _data(self, kind):
        """The message that the protocol has found, as the application gets it."""
        payload = self._protocol.payload
        if kind == TEXT:
            return str(payload, "utf-8")
        return bytes(payload) if self._binary_type == "bytes" else payload

    def _deliver(self, kind):
        """Hand a message on: to the handlers if there are any, to recv() if there are none or if
        it was ever called. Returns what async handlers want awaited, or None.
        """
        data = self._data(kind)
        awaited = None
        listeners = self._listeners.get("message")
        if listeners or self.onmessage is not None:
            event = Event("message", self)
            event.data = data
            if listeners:
                awaited = self._dispatch(event)
            else:
                awaited = self._call(self.onmessage, event)
                if awaited is not None:
                    awaited = [awaited]
            if not self._inbox.has_asked or self._is_deaf:
                return awaited
        self._inbox.put(data)
        self._arrived.set()
        return awaited

    def _is_full(self):
        """Whether nothing may be read: a message waits for recv() while another lies here, the
        application looks into the receive buffer, or an async handler of what came earlier runs.
        """
        inbox = self._inbox
        if inbox.has_view():
            return True
        if self._is_deaf:
            return False
        if inbox.message is not None and inbox.has_asked:
            if self._protocol.start < self._protocol.end:
                return True
        for _, in_order in self._handlers:
            if in_order:
                return True
        return False

    async def _park(self):
        """Read nothing until there is room: TCP slows the server down. The keepalive's clock
        stands still meanwhile, as no pong could be seen.
        """
        self._life.hold(net.ticks_ms())
        self._is_parked = True
        try:
            while self._is_full():
                self._taken.clear()
                await self._taken.wait()
        finally:
            self._is_parked = False
            if self._life.release(net.ticks_ms()):
                self._woken.set()

    def _pull(self):
        """While the reader is parked, take the next message for recv() in its stead, without a
        change of tasks. False: the reader has to go on.
        """
        protocol = self._protocol
        # Now and then other tasks have their turn.
        if not protocol.messages_in & _MOST_TURNS or self._handlers:
            return False
        if self._is_over or self._is_deaf:
            return False
        if self.onmessage is not None or self._listeners.get("message"):
            return False
        try:
            kind = protocol.take_short()
            if not kind and not protocol.is_drained:
                # No room: what lies here is not short.
                view = protocol.space()
                n = self._transport.recv_into(view) if len(view) else None
                if n is None:
                    return False
                self._received(n)
                kind = protocol.take_short()
            if kind:
                self._inbox.put(self._data(kind))
            return kind
        except Exception as e:
            self._end(e)
            return False

    # Writing.

    async def _write(self):
        """The writer's task: writes what there is, then waits for more."""
        life = self._life
        protocol = self._protocol
        outgoing = self._outgoing
        try:
            wait = getattr(self._transport, "wait", None) or poll
            while not self._is_over:
                left = self._flush()
                if left == _STUCK:
                    # The lifecycle says for how long at most.
                    if life.stuck(net.ticks_ms()):
                        self._woken.set()
                    await wait(False, True, _WAIT_MS)
                elif left:
                    await asyncio.sleep(0)
                elif protocol.is_close_sent:
                    if protocol.is_closed:
                        self._end(None)
                    return
                else:
                    outgoing.clear()
                    await outgoing.wait()
        except Exception as e:
            protocol.shut()
            if protocol.is_closed or isinstance(e, MemoryError):
                self._end(e)
            else:
                # The peer's last words may still wait to be read.
                self._note(e)
                life.close(net.ticks_ms(), None)
        finally:
            self._writer = None
            self._written.set()
            self._wake()

    def _flush(self):
        """Write what the transport takes now, in a bounded number of writes. Returns 0: nothing is
        left; _STUCK: the transport takes no more; else other tasks should have their turn. The
        reader may call it too, since what is under way lies in the protocol.
        """
        protocol = self._protocol
        turns = 0
        view = protocol.to_send()
        while view is not None:
            turns += 1
            if turns > _MOST_TURNS:
                return turns
            n = self._transport.send(view)
            if not n:
                return _STUCK
            if self._life.stuck_since is not None:
                self._life.stuck(None)
                self._woken.set()
            if protocol.sent(n):
                self._life.pinged(net.ticks_ms())
                self._woken.set()
            if self._wants_write:
                self._wants_write = False
                self._written.set()
            view = protocol.to_send()
        return 0
