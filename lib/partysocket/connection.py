"""One open connection: the reader, which passes messages to handlers and recv(), and the writer.

Functions with `self` are methods of Driver.
"""

import asyncio

from micropython import const

from .core.protocol import BINARY, CHUNK, NOTHING, PING, PONG, TEXT
from .events import Event
from .net import platform as net
from .net import wait_of

# After so many messages, reads or writes in a row, other tasks may run.
_MOST_TURNS = const(15)
# A hint for transports that must wake up from time to time.
_WAIT_MS = const(1000)
# A result of `flush`: the transport is full.
_STUCK = const(-1)
_NO_CLOSE = "the peer ended the connection without a Close"


async def read(self, serial):
    """The reader: read and pass on messages until the connection ends."""
    life = self._life
    protocol = self._protocol
    transport = self._transport
    inbox = self._inbox
    take_short = protocol.take_short
    wait = wait_of(transport)
    turns = 0
    while not self._is_over:
        turns += 1
        if not turns & _MOST_TURNS:
            await asyncio.sleep(0)
        if (inbox.message is not None or inbox.is_lent or self._handlers) and is_full(self):
            await park(self)
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
                awaited = deliver(self, kind)
                if awaited:
                    lends = kind == BINARY and self._binary_type != "bytes"
                    if not await run_handlers(self, awaited, lends, serial):
                        return
        elif kind == CHUNK:
            if not self._is_deaf:
                event = Event("chunk", self)
                event.data = protocol.payload
                event.offset = protocol.offset
                event.is_last = protocol.is_last
                event.is_text = protocol.is_text
                if not await run_handlers(self, self._dispatch(event), True, serial):
                    return
        elif kind == PONG:
            life.answered(net.ticks_ms())
            self._wake()
        elif kind == PING:
            # Every ping gets its pong, so many pings in a row must wait until we have written.
            self._written.clear()
            self._wants_write = True
            self._outgoing.set()
            await self._written.wait()
        else:
            hear_close(self)
            return


def take_in(self, n):
    """`n` bytes were received into the protocol's space."""
    if not n:
        raise OSError(104, _NO_CLOSE)
    self._protocol.received(n)
    if self._life.heard(net.ticks_ms()):
        self._woken.set()


async def receive(self):
    """Receive at least one byte."""
    transport = self._transport
    view = self._protocol.space()
    n = transport.recv_into(view)
    while n is None:
        await wait_of(transport)(True, False, _WAIT_MS)
        n = transport.recv_into(view)
    take_in(self, n)


async def run_handlers(self, awaited, lends, serial):
    """Await the results of async handlers before anything else is read. `lends`: the handlers may
    look into the receive buffer. Returns False if the reader was detached meanwhile.
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
        # Some are left only if the event loop is being shut down.
        for one in awaited:
            one.close()
        is_current = self._is_current(serial)
        if is_current:
            self._is_handling = self._is_view_out = False
            self._life.release(net.ticks_ms())
        self._wake()
    return is_current


def hear_close(self):
    """The peer's Close was read. The protocol has its answer ready."""
    # A write may have failed because the peer had already closed. That is not the reason.
    self._error = None
    if not self._is_told:
        self._life.close(net.ticks_ms(), None)
    is_gone = self._writer is None
    if not is_gone:
        try:
            flush(self)
        except Exception:
            is_gone = True
    if is_gone or self._protocol.is_close_sent:
        self._end(None)
    self._wake()


def message_of(self, kind):
    """Return the protocol's message in the form that the application gets."""
    payload = self._protocol.payload
    if kind == TEXT:
        return str(payload, "utf-8")
    return bytes(payload) if self._binary_type == "bytes" else payload


def deliver(self, kind):
    """Pass a message to the handlers if there are any, and to recv() if there are none or if it
    was ever called. Returns a list of coroutines to await, or None.
    """
    data = message_of(self, kind)
    if self._courier is not None and self._courier.hear(data):
        return None
    awaited = None
    listeners = self._listeners and self._listeners.get("message")
    is_heard = listeners or self.onmessage is not None
    if is_heard:
        event = Event("message", self)
        event.data = data
        if listeners:
            awaited = self._dispatch(event)
        else:
            awaited = self._call(self.onmessage, event)
            if awaited is not None:
                awaited = [awaited]
    if not is_heard or (self._inbox.has_asked and not self._is_deaf):
        self._inbox.put(data)
        self._arrived.set()
    return awaited


def is_full(self):
    """Whether nothing may be read now. Either a message waits for recv() and more bytes are in the
    receive buffer; or the application looks into the receive buffer; or an async handler of an
    earlier event still runs.
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


async def park(self):
    """Read nothing until there is room; TCP slows the server down. The keepalive's clock stands
    still meanwhile, because no pong could be seen.
    """
    self._life.hold(net.ticks_ms())
    self._is_parked = True
    try:
        while is_full(self):
            self._taken.clear()
            await self._taken.wait()
    finally:
        self._is_parked = False
        if self._life.release(net.ticks_ms()):
            self._woken.set()


def pull(self):
    """While the reader is parked, take the next message for recv() here, without switching to the
    reader's task. Returns False if the reader must go on.
    """
    # The caller catches errors. With a `try` here, MicroPython would allocate this function's
    # frame on the heap.
    protocol = self._protocol
    # Let other tasks run from time to time.
    if not protocol.messages_in & _MOST_TURNS or self._handlers:
        return False
    if self._is_over or self._is_deaf or self._courier is not None:
        return False
    # Most sockets have no listeners, so check that first, without a call.
    if self.onmessage is not None or self._listeners and self._listeners.get("message"):
        return False
    kind = protocol.take_short()
    if not kind and not protocol.is_drained:
        # If there is no space, the next message is not a short one.
        view = protocol.space()
        n = self._transport.recv_into(view) if len(view) else None
        if n is None:
            return False
        take_in(self, n)
        kind = protocol.take_short()
    if kind:
        data = message_of(self, kind)
        self._inbox.put(data)
    return kind


async def write(self):
    """The writer's task: write all there is, then wait for more."""
    life = self._life
    protocol = self._protocol
    outgoing = self._outgoing
    try:
        wait = wait_of(self._transport)
        while not self._is_over:
            left = flush(self)
            if left == _STUCK:
                # The lifecycle decides how long this may last.
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
            # The last messages of the peer may still wait to be read.
            self._note(e)
            life.close(net.ticks_ms(), None)
    finally:
        self._writer = None
        self._written.set()
        self._wake()


def flush(self):
    """Write what the transport takes now, with a limited number of writes. Returns 0 if nothing is
    left, _STUCK if the transport takes no more, or another number if other tasks should run first.
    The reader may call it too, because the protocol holds the bytes in flight.
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
