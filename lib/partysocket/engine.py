"""The driver: one task lives the life that `core.connection` decides, one dials and reads, one writes.

    _live      waits until something is due or has happened, and does what the state machine says
    _converse  one dial: providers, transport, handshake; then reads until the connection ends
    _write     while open: control frames first, then the ring

A connection ends in one place: whoever sees its end notes it on the Link and wakes `_live`, which lets go of the
socket, settles the next dial, and only then tells the application. No read is cancelled to time it out: when a
deadline passes, the socket is closed and with it the whole conversation.
"""

import asyncio

from .core import connection, retry
from .core.connection import CLOSING, DIALING, IDLE, OPEN, WAITING, Connection
from .core.errors import Error, HandshakeError, ProtocolError
from .core.frames import BINARY, CLOSE, MAX_CONTROL_FRAME, NOTHING, PING, PONG, TEXT
from .core.frames import FrameReader, close_payload, control_frame
from .core.ring import Ring
from .core.ticks import ticks_diff
from .net import platform as net

_ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3
_MOST_BYTES = 1460  # of small messages that share a write: a TCP segment, so that control frames need not wait long
_MOST_READS = 8  # in a row, before other tasks have their turn
_STEP_MS = 5  # between looks at a socket that is being connected
_POLL_MS = 10  # between looks at one that can't be waited for
_WAIT_MS = 1000  # a hint for transports that must wake from time to time
_KEYS_BYTES = 64  # of masking keys, drawn at once


class Link:
    """One dial, and what came of it."""

    def __init__(self):
        self.phase = "provider"  # then dns, tcp, tls, http, websocket
        self.transport = None
        self.wait = None  # the transport's, or a polite poll
        self.reader = None  # the task of _converse, while it runs
        self.writer = None  # the task of _write, while it runs
        self.handling = False  # the reader is in the application's code, and is not cancelled there
        self.over = False  # it has ended, because of `error` or in order
        self.gone = False  # it has been let go of: whatever still runs must touch nothing
        self.told = False  # the application has had its close event
        self.error = None
        self.code = 1006  # for the close event
        self.reason = ""
        self.protocol = ""
        self.pong_bytes = 0  # of the pong frame that waits to go out
        self.ping = False  # whether a ping is to go out
        self.close = None  # the payload of the Close frame that is to go out ...
        self.last_record = None  # ... once the ring has let go of this many records
        self.close_sent = False
        self.close_received = False


class Engine:
    """Owns the tasks, the socket and the buffers of one WebSocket; `face` is told what happens."""

    def __init__(self, face, options):
        self.face = face
        self.options = options
        self.link = None
        self.ring = Ring(options["queue_bytes"])
        self.machine = Connection(options, self._draw(options["min_reconnection_delay"]))
        self.counts = {"drops": 0, "sent": 0, "received": 0, "bytes_in": 0, "bytes_out": 0}
        self.rtt_ms = None
        self.last_error = None  # (phase, text)
        self._frames = FrameReader(options["receive_bytes"], options["max_message_bytes"])
        self._queue = memoryview(self.ring.buf)
        self._control = memoryview(bytearray(MAX_CONTROL_FRAME))  # a ping or Close that goes out
        self._pong = memoryview(bytearray(MAX_CONTROL_FRAME))  # a pong that waits or goes out
        self._keys = b""
        self._key_at = 0
        self._reads = 0  # in a row, without a wait between them
        self._ping_payload = b""
        self._ping_at = None  # ticks when that ping was written, until its pong comes
        self._task = None
        self._woken = asyncio.Event()  # something happened that _live must see
        self._outgoing = asyncio.Event()  # something waits for _write
        self._pong_gone = asyncio.Event()

    # What the face asks for. Nothing here waits.

    def begin(self):
        """Dial as soon as may be, from any state. What is open is closed in order first."""
        state = self.machine.state
        now = net.ticks_ms()
        if state == OPEN or state == CLOSING:
            self.machine.close(now, True)
        else:
            self._let_go()
            self.machine.begin(now, self._chance())
        if self._task is None:
            self._task = asyncio.create_task(self._live())
        self._woken.set()

    def end(self):
        """Rest, from any state. What is open is closed in order first."""
        if self.machine.state == OPEN or self.machine.state == CLOSING:
            self.machine.close(net.ticks_ms(), False)
        else:
            self._let_go()
            self.machine.stop()
        self._woken.set()

    def say_close(self, code, reason):
        """Have the Close frame sent, after what the ring holds now. The application has been told."""
        link = self.link
        link.told = True
        if link.close is None:
            link.close = close_payload(code, reason)
            link.last_record = self.ring.pushed
        self._outgoing.set()

    def nudge(self):
        """The ring has something new."""
        self._outgoing.set()

    def wake(self):
        """Messages were discarded, or the reader took one."""
        self._woken.set()

    # The life.

    async def _live(self):
        machine = self.machine
        try:
            while machine.state != IDLE or self._is_busy():
                link = self.link
                if link is not None and link.over and not link.gone:
                    self._settle(link)
                    continue
                now = net.ticks_ms()
                due = machine.tick(now)
                if due == connection.DIAL and not self._is_busy():
                    machine.dial(now)
                    link = self.link = Link()
                    link.reader = asyncio.create_task(self._converse(link))
                elif due == connection.SEND_PING:
                    link.ping = True
                    self._outgoing.set()
                elif due == connection.EXPIRED or due == connection.SILENT:
                    silent = due == connection.SILENT
                    self._over(link, Error("no sign of life from the peer" if silent else "TIMEOUT"))
                    continue
                overdue = due == connection.DIAL and machine.state == WAITING
                self.face._tell_discards()
                await net.wait_event(self._woken, None if overdue else machine.wait_ms(now))
                self._woken.clear()
        finally:
            self._let_go()
            self._task = None
            self.face._at_rest()

    def is_at_rest(self):
        """Whether nothing runs any more."""
        return self._task is None

    def _is_busy(self):
        """Whether the last dial's tasks still run: the next one waits for them to let go of the buffers."""
        link = self.link
        return link is not None and (link.reader is not None or link.writer is not None)

    def _over(self, link, error):
        """Note how a link ended; the first word counts."""
        if not link.over:
            link.over = True
            link.error = link.error or error
        self._woken.set()

    def _let_go(self):
        """Close the socket and end its tasks. What was not written whole stays in the ring."""
        link = self.link
        if link is None or link.gone:
            return
        link.over = link.gone = True
        current = net.current_task()
        for task in (link.writer, link.reader):
            if task is not None and task is not current and not (task is link.reader and link.handling):
                task.cancel()
        if link.transport is not None:
            link.transport.close()
        self.ring.land()

    def _settle(self, link):
        """A link has ended: let go of it, settle what comes next, then tell the application."""
        machine = self.machine
        was_open = link.phase == "websocket"
        self._let_go()
        now = net.ticks_ms()
        if was_open:
            self.counts["drops"] += 1
        if link.error is not None:
            self.last_error = (link.phase, str(link.error))
        if machine.is_decided:  # by close() or reconnect()
            machine.closed(now)
            if not link.told:
                self.face._on_end(link, None)
            return
        wanted = link.phase == "provider" or self.face._wants_more(link)
        if not wanted:
            machine.stop()
        elif machine.state != IDLE:
            retry_after = getattr(link.error, "retry_after", None) or 0
            machine.lost(now, self._hope(link), min(retry_after, 1 << 19) * 1000, self._chance())
        self.face._on_end(link, wanted)

    def _hope(self, link):
        """How soon another dial makes sense."""
        error = link.error
        renewable = self.face._is_renewable()
        if isinstance(error, HandshakeError):
            return retry.after_status(error.status, renewable)
        if error is None or isinstance(error, ProtocolError):
            return retry.after_close(link.code, renewable)
        if link.phase == "tls" and isinstance(error, (ValueError, Error)):
            return retry.PATIENT  # a certificate that was refused, or nothing to check it with
        return retry.SOON

    # The dial and the reading.

    async def _converse(self, link):
        try:
            await self._open(link)
            if not link.gone:
                link.phase = "websocket"
                self.machine.opened(net.ticks_ms())
                link.writer = asyncio.create_task(self._write(link))
                self._woken.set()
                await self._run_handlers(link, self.face._on_open(link))
                await self._read(link)
        except ProtocolError as e:
            await self._reject(link, e)
        except Exception as e:  # every port has errors of its own: whatever it is, the link is lost
            self._over(link, e)
        finally:
            link.reader = None
            self._woken.set()

    async def _open(self, link):
        url, protocols, headers = await self.face._ask_providers()
        from .core import address, handshake

        secure, authority, host, port, target = address.split_url(url)
        if link.gone:
            return
        context = None
        if secure:
            link.phase = "tls"
            context = self.options["ssl"]
            if not hasattr(context, "wrap_socket"):
                raise Error("wss:// needs ssl=SSLContext(...) with the roots to verify the server against; none was given")
        self.face._on_dial(url)
        key = net.base64(net.urandom(16))
        accept = net.base64(net.sha1(key + _ACCEPT_GUID))
        request = handshake.request(authority, target, key.decode(), protocols, headers)
        link.phase = "dns"
        transport = link.transport = (self.options["transport"] or net.Transport)()
        transport.start(host, port, context, host, self.machine.wait_ms(net.ticks_ms()))
        link.wait = getattr(transport, "wait", None) or _poll
        link.phase = "tcp"
        while not transport.step():
            link.phase = getattr(transport, "phase", "tcp")
            await asyncio.sleep(_STEP_MS / 1000)
        link.phase = getattr(transport, "phase", "http")
        await self._send_all(link, memoryview(request))
        link.phase = "http"
        self._frames.reset()
        response = handshake.Response(accept, protocols)
        line = None
        try:
            while line is None or not response.feed(line):
                line = self._frames.line()
                while line is None:
                    await self._receive(link)
                    line = self._frames.line()
        except ProtocolError as e:
            raise HandshakeError(str(e), response.status)
        link.protocol = response.protocol

    async def _receive(self, link):
        """Bring in some bytes, at least one."""
        self._reads += 1
        if self._reads > _MOST_READS:
            self._reads = 0
            await asyncio.sleep(0)
        view = self._frames.space()
        n = link.transport.recv_into(view)
        while n is None:
            self._reads = 0
            await link.wait(True, False, _WAIT_MS)
            n = link.transport.recv_into(view)
        if not n:
            raise OSError(104, "the peer ended the connection without a Close")
        self._frames.received(n)
        self.counts["bytes_in"] += n
        self.machine.heard(net.ticks_ms())

    async def _read(self, link):
        frames = self._frames
        while not link.over:
            kind = frames.next()
            if kind == NOTHING:
                await self._receive(link)
            elif kind == TEXT or kind == BINARY:
                self.counts["received"] += 1
                if self.machine.state == OPEN:
                    handlers = self.face._on_message(frames.text() if kind == TEXT else frames.payload)
                    if handlers is not None:
                        await self._run_handlers(link, handlers)
                    if self.face._is_full():
                        await self._wait_for_reader(link)
            elif kind == PING:
                while link.pong_bytes:  # every ping has its pong: a flood of them waits for our writing
                    self._pong_gone.clear()
                    await self._pong_gone.wait()
                link.pong_bytes = control_frame(self._pong, PONG, frames.payload, self._put_key)
                self._outgoing.set()
            elif kind == PONG:
                if self._ping_at is not None and frames.payload == self._ping_payload:
                    self.rtt_ms = ticks_diff(net.ticks_ms(), self._ping_at)
                    self._ping_at = None
            else:
                self._on_close(link)
                return

    def _on_close(self, link):
        """The peer's Close: answer it, once, with its own code (5.5.1)."""
        code = self._frames.close_code()
        reason = self._frames.close_reason() if code != 1005 else ""
        link.close_received = True
        link.error = None  # of a write that failed because the peer had gone already
        if not link.told:
            link.code = code
            link.reason = reason
            self.machine.close(net.ticks_ms(), None)
        if link.close is None:
            link.close = close_payload(1000 if code == 1005 else code, "")
        link.last_record = 0  # it reads no more
        if link.close_sent or link.writer is None:
            self._over(link, None)
        self._outgoing.set()
        self._woken.set()

    async def _reject(self, link, error):
        """The peer broke the protocol: say so in a Close frame, and give it a moment to read that (7.1.7)."""
        link.error = link.error or error
        link.code = error.code
        link.last_record = 0
        if link.close is None:
            link.close = close_payload(error.code, str(error))
        self.machine.close(net.ticks_ms(), None)
        self._outgoing.set()
        self._woken.set()
        try:
            while not link.over:
                self._frames.reset()
                await self._receive(link)
        except Exception:  # it has gone: what we waited for
            pass
        self._over(link, error)

    async def _run_handlers(self, link, handlers):
        """Await what async handlers returned, before anything else is read."""
        if not handlers:
            return
        link.handling = True
        self.machine.hold(net.ticks_ms())
        try:
            for handler in handlers:
                await self.face._guard(handler)
        finally:
            link.handling = False
            if not link.gone:
                self.machine.release(net.ticks_ms())
            self._woken.set()

    async def _wait_for_reader(self, link):
        """Read no more until `recv` has taken what waits: the server is slowed by TCP, and memory stays bounded."""
        self.machine.hold(net.ticks_ms())
        while self.face._is_full():
            await self.face._changed.wait()
        self.machine.release(net.ticks_ms())
        self._woken.set()

    # The writing.

    async def _write(self, link):
        ring = self.ring
        try:
            while not link.over:
                if link.pong_bytes:
                    await self._send_all(link, self._pong[: link.pong_bytes])
                    link.pong_bytes = 0
                    self._pong_gone.set()
                elif link.ping:
                    link.ping = False
                    await self._send_control(link, PING, self._next_ping())
                    self._ping_at = net.ticks_ms()
                    self.machine.pinged(self._ping_at)
                    self._woken.set()
                elif ring.count and (link.close is None or ring.popped < link.last_record):
                    most = ring.count if link.close is None else link.last_record - ring.popped
                    ring.take_off(_MOST_BYTES, most, self._put_key)
                    await self._send_flying(link)
                elif link.close is not None:
                    await self._send_control(link, CLOSE, link.close)
                    link.close_sent = True
                    if link.close_received:
                        self._over(link, None)
                    return
                else:
                    self._outgoing.clear()
                    await self._outgoing.wait()
        except Exception as e:  # the peer may have said why before it went: the reader looks, for a moment
            link.error = link.error or e
            self.machine.close(net.ticks_ms(), None)
        finally:
            link.writer = None
            self._woken.set()

    async def _send_flying(self, link):
        ring = self.ring
        records = ring.flying
        while True:
            n = link.transport.send(self._queue[ring.out : ring.out_end])
            if not n:
                await self._unblock(link)
                continue
            self._took(n)
            if ring.written(n):
                break
        self.counts["sent"] += records

    async def _send_control(self, link, opcode, payload):
        size = control_frame(self._control, opcode, payload, self._put_key)
        await self._send_all(link, self._control[:size])

    async def _send_all(self, link, view):
        while view:
            n = link.transport.send(view)
            if n:
                self._took(n)
                view = view[n:]
            else:
                await self._unblock(link)

    async def _unblock(self, link):
        """Wait until the socket takes bytes again; the state machine says for how long at most."""
        self.machine.stuck(net.ticks_ms())
        self._woken.set()
        await link.wait(False, True, _WAIT_MS)

    def _took(self, n):
        self.machine.stuck(None)
        self.counts["bytes_out"] += n

    def _next_ping(self):
        """A payload that tells this ping's pong from others."""
        self._ping_payload = b"%d" % (self.machine.attempts * 1000 + self.counts["sent"] % 1000)
        return self._ping_payload

    # Chance, always from the system's source: keys, masks and jitter that a reset does not repeat.

    def _put_key(self, buf, at):
        """Write the next masking key (5.3) to buf[at:at+4]."""
        if self._key_at == len(self._keys):
            self._keys = net.urandom(_KEYS_BYTES)
            self._key_at = 0
        for i in range(4):
            buf[at + i] = self._keys[self._key_at + i]
        self._key_at += 4

    def _chance(self):
        two = net.urandom(2)
        return two[0] << 8 | two[1]

    def _draw(self, value):
        """An option that may be a pair: its value, or one drawn between the two."""
        if isinstance(value, int):
            return value
        return value[0] + ((value[1] - value[0] + 1) * self._chance() >> 16)


async def _poll(read, write, ms):
    """What stands in for the `wait` of a transport that has none."""
    await asyncio.sleep(_POLL_MS / 1000)
