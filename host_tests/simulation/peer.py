"""One dial as the driver sees it (a `transport=`), and its server as the world sees it."""

import asyncio

from core import wire
from core.wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame  # noqa: F401

from .clock import clock

# On the wire: a FIN.
END = b""


class Polled:
    """A connection whose transport has no wait()."""

    def __init__(self, world, plan):
        self.world = world
        self.plan = plan
        self.phase = "dns"
        # start was called, and close was not.
        self.is_open = False
        self.is_closed = False
        # Its 101 is on the wire.
        self.answered = False
        # Why this connection may end with an error. "" means no reason.
        self.blame = plan.blame
        self.request = b""
        # Bytes that send() took.
        self.taken = 0
        # Bytes that recv_into() returned.
        self.given = 0
        self.given_at = 0
        # The code of the Close that the server has sent.
        self.sent_close = None
        self.got_close = False
        # Numbers of the messages on the wire, oldest first,
        self.said = []
        # and how many of them handlers and readers have got.
        self.heard = [0, 0]
        self.said_before_close = 0
        # The number of the last message that came.
        self.last_taken = -1
        # It got the `hello` message.
        self.greeted = False
        self.address = "10.0.0.%d" % (len(world.network.peers) % 250)
        # Pings that wait for their pong.
        self.pings = []
        # Bytes that send() will still take. None: no limit.
        self.window = None
        # Raised by send and recv_into from now on.
        self.error = None
        # Raised only by send.
        self.send_error = None
        # The TCP connection is there.
        self.is_taken = False
        # Nothing is answered any more.
        self.mute = False
        # Pings are answered.
        self.auto_pong = True
        # The largest view that recv_into got, in bytes,
        self.most_room = 0
        # and that send got.
        self.most_offered = 0
        # Bytes on their way to the driver.
        self._wire = []
        self._inbox = bytearray()
        self._ended = False
        # When the last byte on the wire arrives.
        self._due = 0
        # The bytes of an incomplete frame.
        self._rest = b""
        # Bytes that send() did not take: they must come again.
        self._offered = b""
        # Of an incomplete message: opcode and payloads.
        self._parts = None
        # To read, to write.
        self._ready = [asyncio.Event(), asyncio.Event()]
        self._begun = clock.now()

    def expect(self, is_so, what):
        if not is_so:
            self.world.fail("the driver: " + what)

    def _check_open(self, call):
        if not self.is_open:
            self.world.fail("the driver: %s on a socket that is not open" % call)
            # Otherwise it would ask for ever.
            raise OSError(9, "not open")

    # Calls by the driver.

    def start(self, host, port, tls, server_hostname, timeout_ms):
        self.expect(not self.is_open and not self.is_closed, "start a second time")
        self.is_open = True
        self.world.open_now += 1
        self.expect(self.world.open_now == 1, "two sockets are open")
        self.expect(timeout_ms >= 0, "a negative timeout")
        self.world.network.on_start(self, host)
        if self.plan.block_ms:
            self.world.block(self.plan.block_ms)
        self._begun = clock.now()
        self.plan.fail_at("start")
        self.phase = "tcp"

    def step(self):
        self._check_open("step")
        plan = self.plan
        waited = clock.now() - self._begun
        if waited >= plan.connect_ms:
            plan.fail_at("step")
            self.is_taken = True
            self.phase = "tls" if plan.tls_ms else self.phase
        return waited >= plan.connect_ms + plan.tls_ms

    def recv_into(self, view):
        self._check_open("recv_into")
        self.expect(len(view) > 0, "recv_into with an empty view")
        self.most_room = max(self.most_room, len(view))
        if self.answered:
            self.plan.fail_at("recv_into")
        n = min(len(view), len(self._inbox))
        if n and self.plan.segment:
            n = min(n, self.plan.segment)
        if n:
            view[:n] = self._inbox[:n]
            self._inbox[:n] = b""
            self.given += n
            self.given_at = clock.now()
            return n
        if self.error is not None:
            raise self.error
        return 0 if self._ended else None

    def send(self, view):
        self._check_open("send")
        data = bytes(view)
        self.expect(data[: len(self._offered)] == self._offered, "send came with other bytes")
        self.most_offered = max(self.most_offered, len(data))
        self.plan.fail_at("send")
        error = self.error or self.send_error
        if error is not None:
            raise error
        n = len(data)
        if self.window is not None:
            n = min(n, self.window)
            self.window -= n
        if self.plan.most:
            n = min(n, self.plan.most)
        self._offered = data[n:]
        self._take(data[:n])
        return n

    def close(self):
        if self.is_open:
            self.is_open = False
            self.world.open_now -= 1
        self.is_closed = True
        self.wake()
        self.plan.fail_at("close")

    # Calls by the world.

    def say(self, data, after_ms=0):
        """Put bytes, or END, onto the wire, after those that are there."""
        self._due = max(self._due, clock.now() + after_ms)
        self._wire.append(data)
        if self._due == clock.now():
            self._arrive()
        else:
            clock.later(self._due - clock.now(), self._arrive)

    def reset(self, error):
        """Unread bytes are lost, and all calls fail."""
        self._inbox = bytearray()
        self.error = error
        self.wake()

    def open_window(self, n=None):
        """Take `n` bytes more. None: without limit."""
        self.window = None if n is None else self.window + n
        # The stuck bytes go on, so silence is counted from now.
        self.given_at = clock.now()
        self.wake()

    def is_alive(self):
        """Whether the driver holds it, and the server has sent its 101 and nothing final."""
        return self.is_open and self.answered and not self._ended and self.error is None

    # Internal.

    def _readable(self):
        return self._inbox or self._ended or self.error is not None

    def _writable(self):
        has_failed = self.error is not None or self.send_error is not None
        return has_failed or self.window is None or self.window > 0

    def wake(self):
        if self.is_closed or self._readable():
            self._ready[0].set()
        if self.is_closed or self._writable():
            self._ready[1].set()

    def _arrive(self):
        data = self._wire.pop(0)
        if self._ended or self.error is not None:
            return
        if data == END:
            self._ended = True
        else:
            self._inbox += data
        self.wake()

    def _take(self, data):
        self.taken += len(data)
        if b"\r\n\r\n" not in self.request:
            self.request += data
            if b"\r\n\r\n" in self.request and self.plan.answer_ms is not None:
                clock.later(self.plan.answer_ms, self._answer)
        else:
            found, self._rest = wire.unmasked(self._rest + data, self.world.fail)
            for first, payload in found:
                self.expect(first & 0x70 == 0, "a frame with RSV")
                self.expect(not self.got_close, "a frame after its Close")
                self._frame(first & 0x0F, first & 0x80 != 0, payload)
        limit = self.plan.stop_after
        if limit is not None and self.taken >= limit and not self._ended and self.error is None:
            self.plan.stop(self)

    def _frame(self, opcode, fin, payload):
        if opcode >= CLOSE:
            self.expect(fin and len(payload) < 126, "a control frame in fragments, or too long")
        if opcode == CLOSE:
            self.got_close = True
            self.world.note("server: Close %s" % (payload[:2],))
            if self.plan.auto_close and not self.mute and self.sent_close is None:
                self.sent_close = 0
                self.say(frame(CLOSE, payload[:2]), self.plan.latency_ms)
            if self.plan.auto_close and not self.mute:
                self.say(END, self.plan.latency_ms)
        elif opcode == PING:
            self.world.note("server: ping %s" % payload)
            if not self.mute and self.auto_pong:
                self.say(frame(PONG, payload), self.plan.latency_ms)
        elif opcode == PONG:
            self.expect(self.pings and self.pings.pop(0) == payload, "a pong for no ping")
        else:
            self.expect((opcode == CONTINUATION) == (self._parts is not None), "a stray fragment")
            if self._parts is None:
                self._parts = [opcode]
            self._parts.append(payload)
            if fin:
                parts, self._parts = self._parts, None
                whole = b"".join(parts[1:])
                self.world.ledger.taken(self, parts[0], whole, len(parts) > 2)

    def _answer(self):
        if self.is_open and self.error is None and not self._ended:
            self.plan.reply(self)


class Peer(Polled):
    """A connection whose transport has a wait()."""

    async def wait(self, read, write, ms):
        self.expect(read != write, "wait for both or for nothing")
        self.plan.fail_at("wait")
        ready = self._ready[1 if write else 0]
        while not self.is_closed and not (self._writable() if write else self._readable()):
            ready.clear()
            await ready.wait()
