"""A link: one dial and the connection it makes, with the task that reads and the task that writes.

    _converse  providers, transport, handshake; then reads until the connection ends
    _write     while open: control frames first, then the ring

No read is cancelled to time it out: when a deadline passes, the engine lets go of the whole link.
"""

import asyncio

from micropython import const

from .core.errors import Error, HandshakeError, ProtocolError
from .core.frames import BINARY, CHUNK, CLOSE, MAX_CONTROL_FRAME, NOTHING, PING, PONG, TEXT
from .core.frames import close_payload, control_frame
from .core.ticks import ticks_diff
from .net import platform as net

_MOST_BYTES = const(1460)  # of messages that share a write: a segment, so pongs need not wait
_MOST_TURNS = const(16)  # messages and reads in a row, before other tasks have their turn
_STEP_MS = const(5)  # between looks at a socket that is being connected
_POLL_MS = const(10)  # between looks at one that can't be waited for
_WAIT_MS = const(1000)  # a hint for transports that must wake from time to time


class Link:
    """One dial, and what came of it. Begins at once."""

    def __init__(self, engine):
        self.phase = "provider"  # then dns, tcp, tls, http, websocket
        self.host = None  # the one to dial ...
        self.was_known = False  # ... and whether its last address is tried
        self.handling = False  # the reader is in the application's code: not to be cancelled
        self.lends = False  # and has let it look into the receive buffer
        self.over = False  # it has ended, because of `error` or in order
        self.gone = False  # it has been let go of: whatever still runs must touch nothing
        self.told = False  # the application has had its close event
        self.error = None
        self.is_refused = False  # the server's certificate was, or could not be checked
        self.code = 1006  # for the close event
        self.reason = ""
        self.protocol = ""
        self._engine = engine
        self._transport = None
        self._wait = None  # the transport's, or a polite poll
        self._writes = 0  # of the ring's records
        self._turns = 0  # messages and reads in a row, without a wait between them
        self._control = memoryview(bytearray(MAX_CONTROL_FRAME))  # a ping or Close that goes out
        self._pong = memoryview(bytearray(MAX_CONTROL_FRAME))  # a pong that waits or goes out ...
        self._pong_bytes = 0  # ... and its length
        self._pong_gone = asyncio.Event()
        self._ping_due = False
        self._ping_at = None  # ticks when the last ping was written, until its pong comes
        self._ping_payload = b""
        self._pings = 0
        self._covered = 0  # what that pong will confirm: see Ring.done
        self._close = None  # the payload of the Close frame that is to go out ...
        self._last_record = 0  # ... once the ring has let go of this many records
        self._has_ended_writing = False  # nothing more goes out: the Close did, or a write failed
        self._close_received = False
        self.stream = None  # the long message under way, if there is one
        self._outgoing = asyncio.Event()  # something waits for _write
        self._writer = None
        self._is_reading = False  # these two: whether the task has begun, and not ended
        self._is_writing = False
        self._reader = asyncio.create_task(self._converse())

    # What the engine and the face ask for. Nothing here waits.

    def is_busy(self):
        """Whether it needs the engine's buffers. A handler that still runs does, if it looks into
        one.
        """
        reads = self._is_reading and (not self.gone or not self.handling or self.lends)
        return reads or self._is_writing

    def has_begun(self):
        """Whether there was more than providers that gave nothing: whether its end is a close."""
        return self.phase != "provider" or self._transport is not None

    def is_handled_by(self, task):
        """Whether `task` is ours, in a handler of the application."""
        return self.handling and task is self._reader

    def nudge(self):
        """The ring has something new."""
        self._outgoing.set()

    def can_stream(self):
        """Whether a long message can go on."""
        return not self.over and self._close is None

    def send_ping(self):
        self._ping_due = True
        self._outgoing.set()

    def send_close(self, code, reason):
        """Have a Close frame sent after what the ring holds now. The application knows."""
        self.told = True
        self._engine.face._inbox.wake()  # a reader that waits for room shall see the answer
        if self._close is None:
            self._close = close_payload(code, reason)
            self._last_record = self._engine.ring.pushed
        self._outgoing.set()

    def end(self, error):
        """Note that the link has ended, and why; the first word counts."""
        if not self.over:
            self.over = True
            self.error = None if self._close_received else self.error or error
        self._engine.wake()

    def let_go(self):
        """Close the socket and end the tasks, but not one that is in the application's code."""
        self.over = self.gone = True
        current = net.current_task()
        if self._writer is not None:
            self._writer.cancel()
        if self._reader is not current:
            self.reap()
        if self._transport is not None:
            self._transport.close()
        if self.stream is not None:
            self.stream.gone.set()

    def reap(self):
        """Cancel the reader of a link that is gone, but not in the application's code. The engine
        does so too: when a provider lets go of its own link, the task can't cancel itself.
        """
        if not self.handling and not self._reader.done():
            self._reader.cancel()

    # Dialing and reading.

    async def _converse(self):
        engine = self._engine
        self._is_reading = True
        try:
            await self._dial()
            if not self.gone:
                self.phase = "websocket"
                engine.machine.opened(net.ticks_ms())
                address = getattr(self._transport, "address", None)
                engine.names.opened(self.host, address, self.was_known)
                self._writer = asyncio.create_task(self._write())
                engine.wake()
                await self._run_handlers(engine.face._on_open(self), False)
                if engine.face._is_handling():
                    await self._wait_for_handlers()
                await self._read()
        except ProtocolError as e:
            await self._reject(e)
        except asyncio.CancelledError:  # by let_go, or raised by a provider
            self.end(Error("cancelled"))
            raise
        except Exception as e:  # every port has errors of its own: any of them loses the link
            if self.phase == "dns":  # it may have come further
                self.phase = getattr(self._transport, "phase", "dns")
            if self.phase == "tls":
                from .net.tls import explained

                e = explained(e)
                self.is_refused = isinstance(e, Error)
            self.end(e)
        finally:
            self._is_reading = False
            engine.wake()

    async def _dial(self):
        from .core import address, handshake

        engine = self._engine
        url, protocols, headers = await engine.face._ask_providers(self)
        secure, authority, host, port, target = address.split_url(url)
        key = net.base64(net.urandom(16)).decode()
        request = handshake.request(authority, target, key, protocols, headers)
        if self.gone:
            return
        engine.face._on_dial("%s://%s%s" % ("wss" if secure else "ws", authority, target))
        context = None
        if secure:
            self.phase = "tls"
            context = engine.context()
        self.phase = "dns"
        transport = self._transport = (engine.options["transport"] or net.Transport)()
        self._wait = getattr(transport, "wait", None) or _poll
        self.host = host
        known = engine.names.known(host)
        self.was_known = known is not None
        engine.feed()  # a look-up may block
        limit_ms = engine.machine.wait_ms(net.ticks_ms())
        transport.start(known or host, port, context, host, limit_ms)
        self.phase = "tcp"
        is_up = False
        while not is_up:
            try:
                is_up = transport.step()
            finally:  # what a step raises belongs to the phase that it reached
                self.phase = getattr(transport, "phase", "tcp")
            if not is_up:
                await asyncio.sleep(_STEP_MS / 1000)
        await self._send_all(memoryview(request))
        self.phase = "http"
        await self._shake_hands(
            handshake.Response(net.base64(net.sha1(handshake.accepted_key(key))), protocols)
        )
        if engine.options["hello"] is not None and not self.gone:
            from .stream import hello

            self.phase = "provider"
            data = await hello(engine)
            if data is not None and not self.gone:
                await self._send_all(data)

    async def _shake_hands(self, response):
        frames = self._engine.frames
        frames.reset()
        try:
            while True:
                line = frames.line()
                if line is None:
                    await self._receive()
                elif response.feed(line):
                    break
        except ProtocolError as e:
            raise HandshakeError(str(e), response.status)
        self.protocol = response.protocol

    async def _receive(self):
        """Bring in some bytes, at least one."""
        view = self._engine.frames.space()
        n = self._transport.recv_into(view)
        while n is None:
            await self._wait(True, False, _WAIT_MS)
            n = self._transport.recv_into(view)
        self._received(n)

    def _received(self, n):
        """Take note of `n` bytes that the transport has put into the receive buffer."""
        if not n:
            raise OSError(104, "the peer ended the connection without a Close")
        engine = self._engine
        engine.frames.received(n)
        engine.bytes_in += n
        engine.machine.heard(net.ticks_ms())

    async def _read(self):
        engine = self._engine
        frames = engine.frames
        inbox = engine.face._inbox
        transport = self._transport
        is_drained = False  # the last read left nothing in the socket
        if inbox.is_full():
            await self._wait_for_room(inbox)
        while not self.over:
            if self._turns == _MOST_TURNS:
                self._turns = 0
                await asyncio.sleep(0)
            self._turns += 1
            kind = frames.next()
            if kind == NOTHING:  # as _receive, without a coroutine for each time
                view = frames.space()
                n = None if is_drained else transport.recv_into(view)
                while n is None:
                    self._turns = 0
                    await self._wait(True, False, _WAIT_MS)
                    n = transport.recv_into(view)
                is_drained = n < len(view)  # asking at once would be in vain
                self._received(n)
            elif kind == TEXT or kind == BINARY or kind == CHUNK:
                handlers = None
                lends = kind == CHUNK
                if self.told:
                    pass  # the application has closed: it hears no more
                elif kind == CHUNK:
                    engine.received += frames.is_last
                    handlers = engine.face._on_chunk(frames)
                else:
                    data = frames.text() if kind == TEXT else frames.payload
                    engine.received += 1
                    handlers = engine.face._on_message(data)
                    lends = data is frames.payload and engine.face.binary_type != "bytes"
                if handlers is not None:
                    await self._run_handlers(handlers, lends)
                if (
                    inbox.is_full() and not self.gone
                ):  # TCP slows the server until the application wants more
                    await self._wait_for_room(inbox)
            elif kind == PING:
                await self._answer(frames.payload)
            elif kind == PONG:
                if self._ping_at is not None and frames.payload == self._ping_payload:
                    engine.rtt_ms = ticks_diff(net.ticks_ms(), self._ping_at)
                    self._ping_at = None
                    engine.confirm(self._covered)
                    self._outgoing.set()
            else:
                self._on_close(frames)
                return

    async def _answer(self, payload):
        """Answer a ping. Every one has its pong: a flood of them waits for our writing."""
        while self._pong_bytes and not self._has_ended_writing:
            self._pong_gone.clear()
            await self._pong_gone.wait()
        if not self._has_ended_writing:
            self._pong_bytes = control_frame(self._pong, PONG, payload, self._engine.keys.put)
            self._outgoing.set()

    async def _wait_for_handlers(self):
        """Nothing is read before the handlers of what came earlier have returned."""
        engine = self._engine
        engine.machine.hold(net.ticks_ms())
        while engine.face._is_handling() and not self.told:
            await engine.face._change(None)
        engine.machine.release(net.ticks_ms())
        engine.wake()

    async def _wait_for_room(self, inbox):
        await asyncio.sleep(0)  # who waits for the message takes it now
        if not inbox.is_full():
            return
        engine = self._engine
        engine.machine.hold(net.ticks_ms())
        while inbox.is_full() and not self.told:
            await inbox.change()
        engine.machine.release(net.ticks_ms())
        engine.wake()

    async def _run_handlers(self, handlers, lends):
        """Await what async handlers returned, before anything else is read."""
        if not handlers:
            return
        engine = self._engine
        engine.handling += 1
        self.handling = True
        self.lends = lends
        engine.machine.hold(net.ticks_ms())
        try:
            while handlers:
                await engine.face._guard(handlers.pop(0))
        finally:
            for handler in handlers:  # the loop is being shut down
                handler.close()
            self.handling = False
            engine.handling -= 1
            if not self.gone:
                engine.machine.release(net.ticks_ms())
            else:
                engine.face._pulse()
            engine.wake()

    def _on_close(self, frames):
        """The peer's Close: answer it, once, with its own code (5.5.1)."""
        code = frames.close_code()
        reason = frames.close_reason() if code != 1005 else ""
        self._close_received = True
        self.error = None  # of a write that failed because the peer had gone already
        if not self.told:
            self.code = code
            self.reason = reason
            self._engine.machine.close(net.ticks_ms(), None)
        if self._close is None:
            self._close = close_payload(1000 if code == 1005 else code, "")
        self._last_record = 0  # it reads no more
        if self._has_ended_writing:
            self.end(None)
        self._outgoing.set()
        self._engine.wake()

    async def _reject(self, error):
        """The peer broke the protocol: say so in a Close frame, and give it a moment to read that
        (7.1.7).
        """
        self.error = self.error or error
        self.code = error.code
        if self._close is None:
            self._close = close_payload(error.code, str(error))
            self._last_record = self._engine.ring.pushed
        self._engine.machine.close(net.ticks_ms(), None)
        self._outgoing.set()
        self._engine.wake()
        try:
            while not self.over:
                self._engine.frames.reset()
                await self._receive()
                await asyncio.sleep(0)  # whoever still floods us does not keep others waiting
        except Exception:  # it has gone: what we waited for
            pass
        self.end(error)

    # Writing.

    async def _write(self):
        engine = self._engine
        ring = engine.ring
        ring.keeps = engine.options["resend"] is not None
        transport = self._transport
        self._is_writing = True
        try:
            while not self.over:
                if self._pong_bytes:
                    await self._send_all(self._pong[: self._pong_bytes])
                    self._pong_bytes = 0
                    self._pong_gone.set()
                elif self._ping_due or (
                    (ring.kept or engine.confirmed < engine.wanted) and self._has_to_ask(ring)
                ):
                    self._ping_due = False
                    self._pings += 1
                    self._ping_payload = b"%d" % self._pings
                    self._covered = ring.done
                    await self._send_control(PING, self._ping_payload)
                    self._ping_at = net.ticks_ms()
                    engine.machine.pinged(self._ping_at)
                    engine.wake()
                elif ring.count > ring.kept and (due := self._records_due(ring)) > 0:
                    ring.take_off(_MOST_BYTES, due, engine.keys.put)
                    records = ring.flying
                    self._writes += 1
                    if self._writes % _MOST_TURNS == 0:
                        await asyncio.sleep(0)
                    while ring.flying:
                        n = transport.send(ring.view[ring.out : ring.out_end])
                        if n:
                            self._took(n)
                            ring.written(n)
                        else:
                            await self._unblock()
                    engine.sent += records
                elif self.stream is not None and self.stream.fragment and self._close is None:
                    stream = self.stream
                    stream.has_begun = True
                    await self._send_all(stream.fragment)
                    stream.fragment = None
                    stream.gone.set()
                elif self._close is not None:
                    if self.stream is not None:
                        self.stream.gone.set()
                    await self._send_control(CLOSE, self._close)
                    self._has_ended_writing = True
                    self._pong_gone.set()
                    if self._close_received:
                        self.end(None)
                    return
                else:
                    self._outgoing.clear()
                    await self._outgoing.wait()
        except Exception as e:  # the peer may have said why before it went: the reader looks
            if self._close_received:
                self.end(None)
            else:
                self.error = self.error or e
                engine.machine.close(net.ticks_ms(), None)
        finally:
            self._is_writing = False
            self._has_ended_writing = True
            self._pong_gone.set()
            engine.wake()

    def _records_due(self, ring):
        """How many records of the ring may go out now."""
        due = ring.count - ring.kept
        if self._close is not None:
            due = min(due, self._last_record - ring.done)
        if self.stream is not None:
            due = min(due, self.stream.after - ring.done)
        return due

    def _has_to_ask(self, ring):
        """Whether a ping is due whose pong tells that the peer has what was written."""
        engine = self._engine
        if self._ping_at is not None or self._close is not None:
            return False
        return ring.kept > 0 or engine.confirmed < engine.wanted <= ring.done

    async def _send_control(self, opcode, payload):
        size = control_frame(self._control, opcode, payload, self._engine.keys.put)
        await self._send_all(self._control[:size])

    async def _send_all(self, view):
        while view:
            n = self._transport.send(view)
            if n:
                self._took(n)
                view = view[n:]
            else:
                await self._unblock()

    async def _unblock(self):
        """Wait until the socket takes bytes again; the state machine says for how long at most."""
        self._engine.machine.stuck(net.ticks_ms())
        self._engine.wake()
        await self._wait(False, True, _WAIT_MS)

    def _took(self, n):
        self._engine.machine.stuck(None)
        self._engine.bytes_out += n


async def _poll(read, write, ms):
    """What stands in for the `wait` of a transport that has none."""
    await asyncio.sleep(_POLL_MS / 1000)
