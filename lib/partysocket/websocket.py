"""WebSocket: the browser's interface for a connection that reconnects by itself."""

from .connection import pull
from .core.errors import Error
from .core.lifecycle import CLOSING, DIALING, OPEN, WAITING
from .core.mask import is_ascii
from .core.protocol import BINARY, TEXT
from .core.ticks import ticks_diff
from .driver import Driver
from .net import platform as net

# Made only once, because `send` must not allocate.
_BYTES = (bytes, bytearray)


class WebSocket(Driver):
    """A WebSocket that reconnects by itself, queues messages while offline, and uses a fixed
    amount of memory.

    `url`: a str, or a callable (async or not) that returns one and is called before each dial.
    `protocols`: None, a str, a list of str, or such a callable. For options see
    `presets.DEVICE`. Wrong arguments raise TypeError or ValueError at once. It begins to
    connect after the constructor has returned, and needs a running event loop, except with
    `start_closed`.
    """

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3

    extensions = ""

    def __init__(self, url, protocols=None, **options):
        protocols, options = _checked(url, protocols, options)
        net.collect()
        is_started = not options["start_closed"]
        if is_started:
            _check_loop()
        super().__init__(options)
        self._url = url
        self._protocols = protocols
        # Of the current or last dial, as a browser writes it.
        self.url = ""
        # The one that the server chose.
        self.protocol = ""
        self._binary_type = "bytes"
        # False after close(), with start_closed, or when `should_reconnect_on_close` said so.
        self.should_reconnect = is_started
        # About a send after close().
        self._has_warned = False
        # Made in advance, because there may be no memory when the queue is full.
        self._queue_full = None
        if options["overflow"] == "error":
            from .wrong import of_queue

            self._queue_full = of_queue(options)
        if is_started:
            self._begin()

    def _refuse_hook(self, _):
        from .wrong import of_hook

        raise of_hook()

    # Arguments of the hooks. An application that sets one here means the slot, which has no
    # underscore.
    on_open = on_message = on_close = on_error = property(None, _refuse_hook)

    # PartySocket's methods.

    def send(self, data):
        """Queue a message: a str as text, bytes, bytearray or memoryview as binary. Never
        blocks, and allocates nothing for bytes-like data.

        Returns True if the connection is open and will carry the message. Returns False if the
        message waits for a connection, or was discarded (`stats` counts those). ValueError: the
        message is longer than `queue_bytes` can ever hold. If the queue is full, `overflow`
        decides.
        """
        opcode = BINARY
        if isinstance(data, str):
            if self._courier is not None:
                taken = self._courier.carry(data)
                if taken is not None:
                    return taken
            opcode = TEXT
            data = data.encode()
            if not is_ascii(data):
                from .core.utf8 import check

                check(data)
        elif not isinstance(data, _BYTES):
            if (
                not isinstance(data, memoryview)
                or getattr(data, "itemsize", 1) != 1
                or getattr(data, "ndim", 1) != 1
            ):
                from .wrong import of_data

                raise of_data(data)
        protocol = self._protocol
        is_open = self._life.state == OPEN and not self._is_over
        most = None
        if not is_open:
            most = self._options["max_enqueued_messages"]
            if self._is_closed and not self._has_warned and protocol.fits(len(data)):
                self._has_warned = True
                self._warn("send after close(): the message waits for reconnect()")
        while (most is not None and protocol.unwritten >= most) or not protocol.push(opcode, data):
            if not self._make_room(data, most):
                return False
        if is_open:
            self._outgoing.set()
        return is_open

    def close(self, code=1000, reason=""):
        """Close for good. The `close` event is dispatched inside this call. The queue and the
        Close frame go out after it.
        """
        _check_close(code, reason)
        self._order(code, reason, False)

    def reconnect(self, code=None, reason=None):
        """Dial again at once, from any state. An open connection is closed first."""
        code = 1000 if code is None else code
        reason = reason or ""
        _check_close(code, reason)
        if not getattr(self, "room_url", True):
            from .wrong import of_target

            raise of_target(self.host)
        _check_loop()
        self._order(code, reason, True)

    def drain_queued_messages(self):
        """Remove and return the messages that were never transmitted: a list of str and bytes,
        the oldest first.
        """
        from .core.seldom import drain

        first = self._protocol.oldest_waiting()
        messages = drain(self._protocol)
        if messages:
            self._lose(first, 0)
        return messages

    # Its attributes.

    @property
    def ready_state(self):
        """0: dialing, or before the first dial. 1: open. 2: closing. 3: closed, or waiting to
        dial again.
        """
        life = self._life
        state = life.state
        if self._is_closed:
            return 3
        if state == OPEN:
            return 2 if self._is_over else 1
        if state == CLOSING:
            return 2
        if state == DIALING:
            return 0
        is_first = state == WAITING and not life.attempts and not self._options["start_closed"]
        return 0 if is_first else 3

    @property
    def retry_count(self):
        """The dials since a connection last lasted `min_uptime`, without the first one."""
        return self._life.retry_count

    @property
    def buffered_amount(self):
        """The payload bytes that are not yet written, or are kept in an outbox. Text counts as
        UTF-8.
        """
        size = self._protocol.unwritten_bytes
        return size if self._courier is None else size + self._courier.waiting_bytes()

    @property
    def binary_type(self):
        """ "bytes", or "memoryview": a view of the receive buffer that is valid until the
        handler returns.
        """
        return self._binary_type

    @binary_type.setter
    def binary_type(self, value):
        if value not in ("bytes", "memoryview"):
            from .wrong import of_binary_type

            raise of_binary_type(value)
        self._binary_type = value

    def stats(self):
        """Return counts since construction, and: `rtt_ms`, the last round trip (None before a
        pong); `uptime_ms` of this connection; `last_error`, None or (phase, text) of the last
        failure. The phases are provider link dns tcp tls http websocket.
        """
        from .report import stats

        return stats(self)

    # Not in a browser's interface.

    async def send_chunks(self, chunks, text=False):
        """Send one long message as fragments. `chunks` is bytes-like data of any length, or an
        iterable (async too) of bytes-like data; with `text` it is UTF-8. Returns True when all
        of it is written, and False if no connection is open or the connection ended before.
        Other messages wait meanwhile; pings do not.
        """
        from .stream import send_chunks

        self._refuse_in_handler("send_chunks")
        return await send_chunks(self, chunks, TEXT if text else BINARY)

    async def flush(self, timeout_ms=None):
        """Wait until the peer has what was handed to send() before. Returns True when all of it
        was written, and a ping that was sent after it was answered on the same connection.
        Returns False on timeout, after the end, and if a message was discarded, or was written
        to a connection that ended before the pong and is not sent again (`resend`). The pong is
        read in its turn: if messages wait for recv(), something has to take them meanwhile.
        """
        from .delivery import flush

        self._refuse_in_handler("flush")
        return await flush(self, timeout_ms)

    async def recv(self):
        """Return the next message, across reconnects. At most one message waits; then the
        server is slowed down. Raises Error after the end. Cancelling it loses nothing.
        """
        if self._is_handling or self._handlers:
            self._refuse_in_handler("recv")
        inbox = self._inbox
        message = None
        if not self._is_closed:
            message = inbox.take()
        if message is None:
            inbox.ask()
            try:
                while inbox.message is None or self._is_closed:
                    if self._is_ended:
                        raise Error("the socket is closed: no more messages")
                    if self._is_parked:
                        self._taken.set()
                    self._arrived.clear()
                    await self._arrived.wait()
            finally:
                inbox.stop_asking()
            message = inbox.take()
        if self._is_parked and not inbox.is_lent:
            has_next = False
            try:
                has_next = pull(self)
            except Exception as e:
                self._end(e)
            if not has_next:
                self._taken.set()
        return message

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            if not self._has_no_more():
                return await self.recv()
        except Error:
            if not self._has_no_more():
                raise
        raise StopAsyncIteration

    def _has_no_more(self):
        return self._is_closed or (self._is_ended and self._inbox.message is None)

    async def wait_open(self, timeout_ms=None):
        """Return True once the connection is open. Returns False on timeout, and after close()
        or giving up.
        """
        self._refuse_in_handler("wait_open")
        begun = net.ticks_ms()
        left = timeout_ms
        while not self._is_open():
            if timeout_ms is not None:
                left = timeout_ms - ticks_diff(net.ticks_ms(), begun)
            if self._is_ended or (left is not None and left <= 0):
                return False
            await self._change(left)
        return True

    async def wait_closed(self):
        """Wait until the socket has ended by close() or giving up, and none of its tasks is
        left.
        """
        self._refuse_in_handler("wait_closed")
        while not self._is_ended or self._task is not None or self._handlers:
            await self._change(None)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()
        await self.wait_closed()

    # Inside.

    def _order(self, code, reason, again):
        """Carry out close() or reconnect(): first the driver, then the `close` event, if there
        was something to close. What needs memory is done before anything changes.
        """
        state = self._life.state
        is_open = self._is_open()
        event = None
        if is_open or (state == DIALING and self._has_begun()):
            event = self._new_close_event(code, reason, True, None)
        if is_open:
            self._protocol.close(code, reason, self._protocol.pushed)
        self._orders += 1
        self._is_closed = self._is_ended = not again
        if again:
            self._begin()
            self._has_warned = False
        else:
            self._rest()
        self.should_reconnect = again
        self._is_told = self._is_told or is_open
        self._is_deaf = True
        if self._inbox.has_view() and state >= OPEN:
            # The peer's Close has to be read, but the application may still look into the buffer.
            try:
                self._protocol.renew_buffer()
                self._inbox.keep_view()
            except MemoryError:
                # Then nothing is read until the deadline.
                pass
        if event is not None:
            self._tell(event, False)

    def _make_room(self, data, most):
        """The queue is full: do what `overflow` says. Returns False if the new message is
        discarded. Allocates nothing.
        """
        protocol = self._protocol
        if not protocol.fits(len(data)):
            from .wrong import of_length

            raise of_length(len(data), self._options["queue_bytes"])
        overflow = self._options["overflow"]
        if overflow == "error":
            raise self._queue_full
        self._discarded += 1
        self._untold += 1
        self._woken.set()
        if overflow == "drop-oldest" and most != 0:
            number = protocol.oldest_waiting()
            if protocol.drop_oldest():
                self._lose(number, number + 1)
                return True
        self._lose(protocol.pushed, protocol.pushed + 1)
        return False

    def _refuse_in_handler(self, what):
        """Raise Error if the reader waits for the async handler that calls this: both would
        wait for ever.
        """
        task = net.current_task()
        is_reader = self._is_handling and task is self._reader
        for known, in_order in self._handlers:
            if known is task and (in_order or what == "wait_closed"):
                is_reader = True
        if is_reader:
            from .wrong import of_handler

            raise of_handler(what)


# These are functions, so that nothing refers to the modules: they are unloaded before the socket's
# buffers are made.
def _checked(url, protocols, options):
    from .options import checked, url_and_protocols

    return url_and_protocols(url, protocols), checked(options)


def _check_close(code, reason):
    if not isinstance(code, int) or code != 1000 or reason != "":
        from .options import check_close

        check_close(code, reason)


def _check_loop():
    if not net.running():
        from .wrong import of_loop

        raise of_loop()
