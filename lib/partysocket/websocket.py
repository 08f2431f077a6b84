"""WebSocket: the browser's interface, over a connection that comes back by itself."""

from .core.connection import CLOSING, DIALING, OPEN, WAITING
from .core.errors import Error, QueueFull
from .core.frames import BINARY, TEXT
from .core.ticks import ticks_diff
from .core.utf8 import encoded
from .engine import Engine
from .face import Face, protocols_of
from .inbox import Inbox
from .net import platform as net
from .presets import DEVICE

_BYTES = (bytes, bytearray, memoryview)


class WebSocket(Face):
    """A WebSocket that reconnects by itself, buffers while offline, and fits in a fixed amount of
    memory.

    `url`: str, or a callable (async or not) that gives one, asked before each dial. `protocols`:
    None, str, a list of str, or such a callable. Options: see `presets.DEVICE`; wrong ones raise
    TypeError or ValueError at once. It begins to connect when the constructor has returned, and
    needs a running event loop, unless `start_closed`.
    """

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3

    def __init__(self, url, protocols=None, **options):
        super().__init__()
        self._options = _checked(options)
        if not isinstance(url, str) and not callable(url):
            raise TypeError(
                "url is a str, or a callable that gives one, not " + type(url).__name__
            )
        self._url = url
        self._protocols = protocols if callable(protocols) else protocols_of(protocols)
        self.url = ""  # of the current or last dial, as a browser writes it
        self.protocol = ""  # the one the server chose
        self.extensions = ""
        self._binary_type = "bytes"
        self._inbox = Inbox()
        self._is_closed = False  # by close()
        self._should_reconnect = not self._options["start_closed"]
        self._has_warned = False  # of a send after close()
        self._orders = 0  # calls of close() and reconnect(): whether a handler made one
        self._discarded = 0
        self._untold = 0  # of them, since the last discard event
        self._handlers = []  # tasks of async handlers that run by themselves ...
        self._ordered = []  # ... and those of them that the next message waits for
        self._waiters = []  # an Event for each task that waits for a change of the connection
        if self._should_reconnect:
            _check_loop()
        self._engine = Engine(self, self._options)
        if self._should_reconnect:
            self._engine.begin()

    # PartySocket's methods.

    def send(self, data):
        """Queue a message: str goes as text, bytes, bytearray or memoryview as binary. Never
        blocks.

        True: the connection is open, and will carry it. False: it waits for one, or was discarded
        (`stats` tells). A message that `queue_bytes` can never hold is a ValueError; a full queue
        does what `overflow` says.
        """
        opcode = BINARY
        if isinstance(data, str):
            opcode = TEXT
            data = encoded(data)
        elif not isinstance(data, _BYTES) or getattr(data, "itemsize", 1) != 1:
            raise TypeError(
                "send takes str, bytes, bytearray or a memoryview of bytes, not %r" % (data,)
            )
        engine = self._engine
        ring = engine.ring
        if not ring.fits(len(data)):
            raise ValueError(
                "%d bytes are more than queue_bytes (%d) holds" % (len(data), len(ring.buf))
            )
        if self._is_closed and not self._has_warned:
            self._has_warned = True
            self._warn("send after close(): the message waits for reconnect()")
        is_open = engine.is_open()
        most = None if is_open else self._options["max_enqueued_messages"]
        while (most is not None and ring.count >= most) or not ring.push(opcode, data):
            if not self._make_room(ring, most):
                return False
        if is_open:
            engine.link.nudge()
        return is_open

    def close(self, code=1000, reason=""):
        """Close for good. The `close` event comes inside this call; the queue and the Close frame
        go out after it.
        """
        _check_close(code, reason)
        self._is_closed = True
        self._should_reconnect = False
        self._inbox.end(True)
        self._order(code, reason, self._engine.end)

    def reconnect(self, code=None, reason=None):
        """Dial anew, from any state, at once; a connection that is open is closed first."""
        code = 1000 if code is None else code
        reason = reason or ""
        _check_close(code, reason)
        self._check_target()
        _check_loop()
        self._is_closed = self._has_warned = False
        self._should_reconnect = True
        self._inbox.reopen()
        self._order(code, reason, self._engine.begin)

    def drain_queued_messages(self):
        """Take back what was never transmitted: a list of str and bytes, oldest first."""
        return self._engine.drain()

    # Its attributes.

    @property
    def ready_state(self):
        """0 dialing (and before the first dial), 1 open, 2 closing, 3 closed or waiting to dial
        again.
        """
        machine = self._engine.machine
        state = machine.state
        if self._is_closed:
            return 3
        if state == OPEN:
            return 1
        if state == CLOSING:
            return 2
        if state == DIALING:
            return 0
        return (
            0
            if state == WAITING and not machine.attempts and not self._options["start_closed"]
            else 3
        )

    @property
    def retry_count(self):
        """Dials since a connection last proved itself, the first not counted."""
        return self._engine.machine.retry_count

    @property
    def should_reconnect(self):
        """False after close(), with start_closed, or when `should_reconnect_on_close` said so."""
        return self._should_reconnect

    @property
    def buffered_amount(self):
        """Payload bytes not yet written: UTF-8 bytes for text."""
        return self._engine.ring.payload_bytes

    @property
    def binary_type(self):
        """ "bytes", or "memoryview": a view of the receive buffer that holds until the handler
        returns.
        """
        return self._binary_type

    @binary_type.setter
    def binary_type(self, value):
        if value not in ("bytes", "memoryview"):
            raise ValueError('binary_type is "bytes" or "memoryview", not %r' % (value,))
        self._binary_type = value

    @property
    def last_error(self):
        """None, or (phase, text) of the last failure; the phases: provider link dns tcp tls http
        websocket.
        """
        return self._engine.last_error

    def stats(self):
        """Counts since construction; `rtt_ms`: the last round trip (None before a pong);
        `uptime_ms`: of this connection; `last_error`: see there.
        """
        engine = self._engine
        return {
            "attempts": engine.machine.attempts,
            "opens": engine.machine.opens,
            "drops": engine.drops,
            "sent": engine.sent,
            "received": engine.received,
            "bytes_in": engine.bytes_in,
            "bytes_out": engine.bytes_out,
            "discarded": self._discarded,
            "unread": self._inbox.unread,
            "rtt_ms": engine.rtt_ms,
            "uptime_ms": engine.machine.uptime_ms(net.ticks_ms()),
            "last_error": engine.last_error,
        }

    # What a browser has no word for.

    def add_event_listener(self, type, listener, once=False):
        """See Emitter. With a listener for "chunk", messages beyond the receive buffer come to it
        in pieces: `data` (a memoryview that holds until the handler returns), `offset`, `is_last`,
        `is_text`. They may be of any length, and take no memory.
        """
        super().add_event_listener(type, listener, once)
        self._engine.frames.streams = self._hears("chunk")

    def remove_event_listener(self, type, listener):
        super().remove_event_listener(type, listener)
        self._engine.frames.streams = self._hears("chunk")

    async def send_chunks(self, chunks, text=False):
        """Send one long message as fragments: `chunks` is bytes-like of any length, or an iterable
        (async too) of bytes-like; with `text`, UTF-8. True when all of it was written; False when
        no connection is open or it ended before. Other messages wait meanwhile, pings don't.
        """
        from .stream import send_chunks

        self._refuse_in_handler("send_chunks")
        return await send_chunks(self._engine, chunks, TEXT if text else BINARY)

    async def flush(self, timeout_ms=None):
        """Wait until the peer has what was handed to send() before: True when all of that was
        written, and a ping sent after it was answered on the same connection. False on timeout,
        after the end, and if some was discarded, or written to a connection that died before the
        pong and is not sent anew (`resend`). The pong is read in its turn: if messages wait for
        recv(), somebody has to take them meanwhile.
        """
        from .flush import flush

        self._refuse_in_handler("flush")
        return await flush(self, self._engine, timeout_ms)

    async def recv(self):
        """The next message, across reconnects. One waits at most; then the server is slowed. Error
        after the end.
        """
        self._refuse_in_handler("recv")
        return await self._inbox.take()

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            if not self._inbox.has_ended():
                return await self.recv()
        except Error:
            if not self._inbox.has_ended():
                raise
        raise StopAsyncIteration

    async def wait_open(self, timeout_ms=None):
        """True once the connection is open; False on timeout, and after close() or giving up."""
        self._refuse_in_handler("wait_open")
        begun = net.ticks_ms()
        left = timeout_ms
        while not self._engine.is_open():
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if self._inbox.is_ended or (left is not None and left <= 0):
                return False
            await self._change(left)
        return True

    async def wait_closed(self):
        """Until the socket has ended by close() or giving up, and no task of it is left."""
        self._refuse_in_handler("wait_closed")
        while not (self._inbox.is_ended and self._engine.is_at_rest() and not self._handlers):
            await self._change(None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()
        await self.wait_closed()

    # Inside.

    def _check_target(self):
        """Raise if there is nothing to dial."""

    def _order(self, code, reason, act):
        """Carry out close() or reconnect(): the engine first, then the `close` event, if there was
        something to close.
        """
        self._orders += 1
        engine = self._engine
        state = engine.machine.state
        had = state == OPEN or (state == DIALING and engine.link.has_begun())
        if state == OPEN:
            engine.link.send_close(code, reason)
        act()
        self._pulse()
        if had:
            self._tell(self._new_close_event(code, reason, True, None), False)

    def _make_room(self, ring, most):
        """The queue is full: do what `overflow` says. False: the new message is the one that is
        discarded.
        """
        overflow = self._options["overflow"]
        if overflow == "error":
            raise QueueFull("the queue is full: %d bytes wait" % ring.payload_bytes)
        self._discarded += 1
        self._untold += 1
        engine = self._engine
        engine.wake()
        if overflow == "drop-oldest" and most != 0 and engine.drop_oldest():
            return True
        engine.lose(ring.pushed, ring.pushed + 1)
        return False

    def _refuse_in_handler(self, what):
        """The reader waits for an async handler, which would wait for the reader."""
        link = self._engine.link
        task = net.current_task()
        waits = task in (self._handlers if what == "wait_closed" else self._ordered)
        if waits or (link is not None and link.is_handled_by(task)):
            raise Error(
                "%s() inside a handler of the same socket would wait for ever: make a task of it"
                % what
            )


# The checks are loaded when there is something to check: 5 KB of heap that many need not spend.


def _checked(options):
    if not options:
        return dict(DEVICE)
    from .options import checked

    return checked(options)


def _check_close(code, reason):
    if not isinstance(code, int) or code != 1000 or reason != "":
        from .options import check_close

        check_close(code, reason)


def _check_loop():
    if not net.running():
        raise RuntimeError(
            "no event loop runs: construct it inside asyncio.run(main()), or start_closed=True"
        )
