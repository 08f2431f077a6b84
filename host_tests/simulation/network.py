"""What the dials meet: random plans, one for each dial, and faults of a living connection."""

from core import wire

from .clock import clock
from .peer import BINARY, CLOSE, CONTINUATION, END, PING, PONG, TEXT, Peer, Polled, frame

# ms.
NEVER = 1 << 29
# Latencies of a working network stay below this.
_SLOW_MS = 900
_STATUSES = (200, 301, 400, 401, 403, 404, 408, 410, 429, 500, 503, 101)
_RETRY_AFTER = ("1", "7", "0", "86400", "99999999999999", "soon", "-1")
_GARBAGE = (b"garbage\r\n\r\n", b"\r\n", b"HTTP/1.1 101\r\nno colon\r\n\r\n", b"x" * 9000, b"")
_CODES = (1000, 1001, 1002, 1008, 1011, 1012, 1013, 3000, 4000, 4001, 4403, None)
_BAD_FRAMES = (
    frame(3),
    frame(11),
    frame(TEXT, b"\xff"),
    frame(TEXT, b"x", rsv=4),
    frame(PING, b"", fin=False),
    frame(CONTINUATION, b"x"),
    frame(CLOSE, b"\x03"),
    # 1004.
    frame(CLOSE, b"\x03\xec"),
    # Masked.
    b"\x82\x80\0\0\0\0",
    b"\x82\x7f\x7f" + b"\xff" * 7,
    # Longer than the options allow, or only a part of it.
    b"\x82\x7e\x7f\xff",
    frame(TEXT, b"one", fin=False) + frame(TEXT, b"two"),
)


def an_error(draws):
    """One of the errors that ports raise when a connection is lost."""
    kind = draws.below(13)
    if kind < 4:
        return OSError((104, 32, 113, 110)[kind], "lost")
    if kind == 4:
        return OSError(-2)
    if kind == 5:
        return OSError((-29312, "MBEDTLS_ERR_SSL_CONN_EOF"))
    if kind == 6:
        return OSError(-0x7280, "EOF")
    if kind == 7:
        return OSError()
    return (MemoryError, ValueError, EOFError, RuntimeError, TypeError)[kind - 8]("odd")


class Plan:
    """What one dial will meet. Without changes it is a healthy network."""

    def __init__(self):
        # Why it may end with an error.
        self.blame = ""
        # The look-up blocks everything for so long.
        self.block_ms = 0
        self.connect_ms = 0
        self.tls_ms = 0
        # None: never.
        self.answer_ms = 0
        # Bytes that replace the whole answer.
        self.answer = None
        # More headers in the 101.
        self.headers = b""
        # The answer comes in pieces of so many bytes.
        self.cut = 0
        # Called with the peer: what comes in the same segment as the 101.
        self.tail = None
        self.latency_ms = 0
        # recv_into returns at most so many bytes.
        self.segment = 0
        # send takes at most so many at a time.
        self.most = 0
        self.auto_close = True
        # After so many bytes were taken,
        self.stop_after = None
        # this is called with the peer.
        self.stop = None
        # The call that raises
        self.failing = ""
        # this error
        self.error = None
        # after so many calls.
        self.fails_in = 0

    def fail_at(self, call):
        if call == self.failing:
            if not self.fails_in:
                raise self.error
            self.fails_in -= 1

    def reply(self, peer):
        if self.answer is not None:
            peer.say(self.answer)
            return
        head = wire.accepting(peer.request, self.headers)
        peer.answered = True
        peer.given_at = clock.now()
        tail = self.tail(peer) if self.tail else b""
        if self.cut:
            for i in range(0, len(head), self.cut):
                peer.say(head[i : i + self.cut], 1 + i // self.cut)
            head = b""
        if head or tail:
            peer.say(head + tail)


class Network:
    """Makes random plans and faults."""

    def __init__(self, world, draws):
        self.world = world
        self.draws = draws
        self.peers = []
        # The peer of the current attempt, or the last one.
        self.current = None
        self.is_healed = False
        self._addresses = []

    def transport(self):
        """The `transport=` option."""
        plan = self.plan_well() if self.is_healed else self._plan()
        self.world.note("dial: %s %s" % (plan.blame, plan.failing))
        self.world.judge.on_dial()
        if plan.failing == "transport":
            self.world.judge.blame = plan.blame
            raise plan.error
        peer = self.current = self._kind()(self.world, plan)
        self.peers.append(peer)
        return peer

    def _kind(self):
        return Polled if self.draws.odds(6) and not self.is_healed else Peer

    def on_start(self, peer, host):
        """A dial looks up `host`: the name, or the address of the last connection."""
        peer.expect(host == self.world.host or host in self._addresses, "dials " + host)
        self._addresses.append(peer.address)

    def last(self):
        return self.peers[-1] if self.peers else None

    def heal(self):
        self.is_healed = True
        peer = self.last()
        if peer is not None:
            peer.plan.most = peer.plan.segment = 0
            peer.plan.failing = ""
            peer.plan.stop_after = None
            peer.plan.auto_close = True
            peer.open_window()
            # A server that has ignored a ping does not answer it later.
            if peer.mute or peer.blame == "bad":
                peer.say(END)

    def plan_well(self):
        plan = Plan()
        plan.latency_ms = self.draws.one_of((0, 40))
        return plan

    def _plan(self):
        draws = self.draws
        plan = Plan()
        kind = draws.below(16)
        plan.connect_ms = draws.one_of((0, 0, 3, 40, _SLOW_MS))
        plan.answer_ms = draws.one_of((0, 0, 3, 40, _SLOW_MS))
        plan.tls_ms = draws.one_of((0, 0, 0, 20, _SLOW_MS))
        plan.latency_ms = draws.one_of((0, 0, 1, 30, _SLOW_MS))
        plan.most = draws.one_of((0, 0, 0, 1, 7, 100))
        plan.segment = draws.one_of((0, 0, 0, 1, 5, 200))
        plan.auto_close = draws.odds(75)
        plan.cut = draws.one_of((0, 0, 0, 1, 50))
        if draws.odds(40):
            plan.tail = self.burst
        if draws.odds(6):
            plan.block_ms = draws.one_of((1, 300, 9000))
            plan.blame = "the look-up blocks"
        if kind < 4:
            plan.blame = plan.failing = ("transport", "start", "step", "step")[kind]
            plan.error = an_error(draws)
        elif kind == 4:
            plan.blame = "hangs in tcp"
            plan.connect_ms = NEVER
        elif kind == 5:
            plan.blame = "hangs in tls"
            plan.tls_ms = NEVER
        elif kind == 6:
            plan.blame = "hangs in http"
            plan.answer_ms = None
        elif kind == 7:
            plan.blame = "answers otherwise"
            plan.answer = self._refusal()
        elif kind == 8:
            plan.blame = plan.failing = draws.one_of(("send", "recv_into", "wait"))
            plan.fails_in = draws.one_of((0, 1, 2, 5, 30))
            plan.error = an_error(draws)
        elif kind == 9:
            plan.stop_after = draws.between(1, draws.one_of((100, 400, 3000)))
            plan.stop = self._stop
        if not plan.failing and draws.odds(5):
            plan.failing = "close"
            plan.error = an_error(draws)
        return plan

    def _refusal(self):
        draws = self.draws
        if draws.odds(30):
            return draws.one_of(_GARBAGE)
        lines = [b"HTTP/1.1 %d Status" % draws.one_of(_STATUSES)]
        if draws.odds(50):
            lines.append(b"Retry-After: " + draws.one_of(_RETRY_AFTER).encode())
        return b"\r\n".join(lines) + b"\r\n\r\n"

    # Faults of a living connection.

    def _stop(self, peer):
        self._strike(peer, self.draws.one_of(("fin", "reset", "stall", "mute")))

    def fault(self, what=None):
        """One thing happens to the connection, if there is one: `what`, or a random one."""
        peer = self.last()
        if peer is None or not peer.is_alive():
            return
        what = what or self.draws.one_of(_FAULTS)
        self.world.note("peer: " + what)
        if what == "talk":
            peer.say(self.burst(peer), peer.plan.latency_ms)
        elif peer.sent_close is None:
            self._strike(peer, what)

    def talk(self):
        """A message comes now."""
        peer = self.last()
        if peer is not None and peer.is_alive() and peer.sent_close is None:
            peer.say(self.burst(peer))

    def _strike(self, peer, what):
        draws = self.draws
        latency = peer.plan.latency_ms
        if what == "fin":
            peer.blame = what
            peer.say(END, latency)
        elif what == "reset":
            peer.blame = what
            peer.reset(an_error(draws))
        elif what == "mute":
            peer.blame = what
            peer.mute = True
        elif what == "stall":
            peer.blame = what
            peer.window = draws.below(200)
        elif what == "bad":
            peer.blame = what
            peer.say(draws.one_of(_BAD_FRAMES), latency)
        elif what == "open":
            peer.open_window()
        elif what == "close":
            code = draws.one_of(_CODES)
            peer.sent_close = 1005 if code is None else code
            peer.said_before_close = len(peer.said)
            payload = b"" if code is None else bytes([code >> 8, code & 0xFF]) + b"bye"
            peer.say(frame(CLOSE, payload), latency)
            if draws.odds(30):
                peer.say(self.burst(peer) + frame(3), latency)
            if draws.odds(30):
                peer.say(END, latency)
        elif what == "ping":
            for i in range(draws.between(1, 5)):
                peer.pings.append(b"%d" % (peer.given + i))
                peer.say(frame(PING, peer.pings[-1]), latency)
        elif what == "pong":
            peer.say(frame(PONG, b"nobody asked"), latency)

    def burst(self, peer):
        """Some messages, whole or in fragments, with pings and pongs between them."""
        draws = self.draws
        data = b""
        for _ in range(draws.between(1, 5)):
            size = draws.one_of((0, 0, 3, 100, 300, 100 if self.is_healed else 1500))
            body = self.world.ledger.next_from_server(size)
            if peer.sent_close is None:
                self.world.ledger.on_wire(peer, int(body.split(b":")[0]))
            if len(body) > self.world.options["max_message_bytes"]:
                peer.blame = "a message too long"
            opcode = draws.one_of((TEXT, BINARY))
            if draws.odds(25):
                at = draws.below(len(body) + 1)
                data += frame(opcode, body[:at], fin=False)
                data += frame(PONG) if draws.odds(50) else b""
                data += frame(CONTINUATION, body[at:])
            else:
                data += frame(opcode, body)
        return data


_FAULTS = (
    "talk talk talk talk talk fin reset mute stall open open bad close close ping ping pong"
).split()
