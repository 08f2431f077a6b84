"""A server, a network and a clock that exist in one process only, for tests of the driver.

    @virtual
    async def test_echo(server):
        ws = server.websocket()
        log = Log(ws)
        peer = await server.opened()
        peer.text("hello")
        await sleep(10)
        assert log == [("open", False), ("message", "hello")]

Time jumps to the next timer whenever nothing is ready, so a test of hours takes milliseconds, and
always the same path. A run in which nothing can ever happen again raises Stalled. After each test
the harness looks for what nobody may leave behind: tasks, open transports, unretrieved exceptions,
coroutines that were never awaited.
"""

import asyncio
import base64
import functools
import gc
import hashlib
import inspect
import selectors
import warnings

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MOST_MS = 40 * 24 * 3600 * 1000  # of virtual time in one test: longer is a mistake
_MOST_STEPS = 200_000  # looks at the clock at one instant: more is a busy loop


class Stalled(Exception):
    """Nothing is ready and no timer runs: the program under test waits for ever."""


class _Jump(selectors.SelectSelector):
    """Instead of waiting, moves the loop's clock."""

    loop = None

    def select(self, timeout=None):
        self.loop.jump(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, start_ms=1_000_000):
        self._us = self._start_us = start_ms * 1000
        self._turns = 0  # looks at the clock since it moved
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)

    def time(self):
        self._turns += 1
        if self._turns > _MOST_STEPS:
            raise Stalled(f"something turns without end at {self.ms} ms")
        # The tenth of a microsecond keeps whole milliseconds whole when they are cut off
        # after `* 1000`.
        return self._us / 1e6 + 1e-7

    @property
    def ms(self):
        """Virtual milliseconds since the start."""
        return (self._us - self._start_us) // 1000

    def jump(self, timeout):
        if timeout is None:
            raise Stalled(f"nothing is ready and no timer runs at {self.ms} ms")
        if timeout > 0:
            self._us = round((self.time() + timeout) * 1e6)
            self._turns = 0
            if self.ms > _MOST_MS:
                raise Stalled("the test took more virtual time than there is")

    def block(self, ms):
        """What a function does that blocks: time passes and nothing else runs."""
        self._us += ms * 1000


def now():
    return asyncio.get_running_loop().ms


async def sleep(ms):
    await asyncio.sleep(ms / 1000)


async def settle(turns=30):
    """Let everything run that needs no time."""
    for _ in range(turns):
        await asyncio.sleep(0)


def virtual(test=None, *, start_ms=1_000_000, leaves=()):
    """Run an `async def test(server, ...)` in virtual time, and check what it leaves behind.

    `leaves`: names of checks to skip: "tasks", "transports", "errors", "warnings".
    """
    if test is None:
        return functools.partial(virtual, start_ms=start_ms, leaves=leaves)
    signature = inspect.signature(test)
    names = list(signature.parameters)

    @functools.wraps(test)
    def run(**given):
        server = Server()
        play(test, server, start_ms=start_ms, leaves=leaves, **given)

    del run.__wrapped__
    run.__signature__ = signature.replace(parameters=[signature.parameters[n] for n in names[1:]])
    return run


def play(main, server, start_ms=1_000_000, leaves=(), **given):
    """`asyncio.run(main(server))` on a VirtualLoop, and the checks after it."""
    problems = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop = VirtualLoop(start_ms)
        loop.set_exception_handler(lambda loop, context: problems.append(_told(context)))
        asyncio.set_event_loop(loop)
        left = set()
        try:
            result = loop.run_until_complete(main(server, **given))
        finally:
            # As asyncio.run does: whatever still runs is cancelled, once.
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            try:
                if left:
                    loop.run_until_complete(asyncio.wait(left, timeout=10))
                loop.run_until_complete(asyncio.sleep(0))
                stuck = asyncio.all_tasks(loop)
                stuck = {t for t in stuck if not t.done()}
            except Stalled:
                stuck = {t for t in left if not t.done()}
            for task in left:
                if task.done() and not task.cancelled() and task.exception():
                    problems.append(f"a task ended by {task.exception()!r}")
            asyncio.set_event_loop(None)
            loop.close()
            left = task = None  # their exceptions hold what may have been left behind
            gc.collect()
    assert not server.faults, server.faults
    if "tasks" not in leaves:
        assert not stuck, f"tasks that outlive the loop: {stuck}"
    if "transports" not in leaves:
        assert not server.open_now, "transports that nobody closed"
    if "errors" not in leaves:
        assert not problems, problems
    if "warnings" not in leaves:
        assert not caught, [str(w.message) for w in caught]
    return result


def _told(context):
    return "{}: {!r}".format(context.get("message"), context.get("exception"))


class Log(list):
    """What a socket's listeners heard, as tuples; `.times` has the virtual ms of each,
    `.states` the ready_state.
    """

    _FIELDS = {
        "open": ("reconnected",),
        "message": ("data",),
        "close": ("code", "reason", "was_clean"),
        "error": ("message",),
        "reconnecting": ("delay_ms", "retry_count"),
        "discard": ("count",),
        "giveup": (),
    }

    def __init__(self, ws, but=()):
        self.times = []
        self.states = []
        self.events = []
        for name in self._FIELDS:
            if name not in but:
                ws.add_event_listener(name, self._hear)

    def _hear(self, event):
        self.events.append(event)
        self.times.append(now())
        self.states.append(event.target.ready_state)
        values = [getattr(event, field) for field in self._FIELDS[event.type]]
        self.append((event.type, *values))

    @property
    def names(self):
        return [entry[0] for entry in self]

    def of(self, name):
        return [entry for entry in self if entry[0] == name]

    @property
    def data(self):
        return [entry[1] for entry in self if entry[0] == "message"]

    def clear(self):
        super().clear()
        self.times.clear()
        self.states.clear()
        self.events.clear()


class Refuse:
    """A plan: the connect fails with `error` after `ms`."""

    def __init__(self, error=None, ms=0):
        self.error = error or OSError(111, "ECONNREFUSED")
        self.ms = ms


class Accept:
    """A plan: connect after `connect_ms` (None: never), answer after `answer_ms` (None: never)
    with `answer`.

    `answer`: None for a right 101, a status, or bytes that stand for the whole answer. `tail`:
    bytes in the 101's own segment; `cut`: the answer comes in pieces of so many bytes, a
    millisecond apart. `tls_ms`: how long the transport stays in its phase "tls" after the connect
    (None: for ever; 0: it has none).
    """

    def __init__(
        self,
        connect_ms=0,
        answer=None,
        answer_ms=0,
        tail=b"",
        cut=0,
        tls_ms=0,
        headers=(),
        start=None,
        then=None,
    ):
        self.connect_ms = connect_ms
        self.answer = answer
        self.answer_ms = answer_ms
        self.tail = tail
        self.cut = cut
        self.tls_ms = tls_ms
        self.headers = headers
        self.start = start  # an exception for `start` to raise
        self.then = then  # called with the peer when it has answered


class Server:
    """Plays all the servers of a test. `plans` is what the next dials meet; when empty, `plan`
    (a plain Accept).
    """

    def __init__(self):
        self.plans = []
        self.plan = Accept()
        self.peers = []  # one a dial
        self.faults = []  # what the driver did that no transport may be asked to
        self.open_now = 0
        self._served = 0
        self._news = None

    def transport(self):
        """The `transport=` option."""
        plan = self.plans.pop(0) if self.plans else self.plan
        peer = ScriptedTransport(self, plan)
        self.peers.append(peer)
        return peer

    def websocket(self, url="ws://server/path?token=secret", protocols=None, **options):
        from partysocket import WebSocket

        return WebSocket(url, protocols, **self.options(**options))

    def options(self, **options):
        given = {
            "transport": self.transport,
            "jitter": "none",
            "min_reconnection_delay": 1000,
            "max_reconnection_delay": 10000,
            "connection_timeout": 4000,
            "ping_interval_ms": 0,
            "debug_logger": lambda text: None,
        }
        given.update(options)
        return given

    async def opened(self, most_ms=600_000):
        """The next peer that has sent its 101."""
        until = now() + most_ms
        await settle()
        while True:
            while self._served < len(self.peers):
                peer = self.peers[self._served]
                if not peer.answered and not peer.closed:
                    break
                self._served += 1
                if peer.answered:
                    await settle()
                    return peer
            self._news = asyncio.Event()
            try:
                await asyncio.wait_for(self._news.wait(), (until - now()) / 1000)
            except asyncio.TimeoutError:
                raise AssertionError(f"no connection was opened for {most_ms} ms") from None

    def tell(self):
        """Something happened that `opened` waits for."""
        if self._news is not None:
            self._news.set()

    @property
    def last(self):
        return self.peers[-1]


def frame(opcode, payload=b"", fin=True, rsv=0, mask=False, size=None):
    """A server's frame. `size`: a length to claim instead of the payload's."""
    size = len(payload) if size is None else size
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    return head + (bytes(4) if mask else b"") + payload


def text_frame(text):
    return frame(TEXT, text.encode())


def close_frame(code=1000, reason=""):
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason.encode())


class ScriptedTransport:
    """One dial as the driver sees it (start, step, recv_into, send, wait, close), and as the
    test plays it.

    The test's side: text, binary, ping, pong, say_close, raw, end, reset, and the attributes
    below.
    """

    def __init__(self, server, plan):
        self.server = server
        self.plan = plan
        self.phase = "dns"
        self.started_at = None  # virtual ms
        self.closed_at = None
        self.target = None  # what start was called with
        self.request = b""
        self.answered = False
        self.frames = []  # (opcode, payload) of whole frames that came
        self.fragments = []  # the data frames among them, as they came: (opcode, fin, payload)
        self._parts = []  # of the message that is not whole yet
        self.frame_times = []
        self.bytes_in = b""  # all after the request
        self.auto_pong = True
        self.auto_close = True  # answer a Close with the same code, and end
        self.window = None  # how many bytes send() takes until the test adds to it; None: endless
        self.most = None  # at one call of send()
        self.mute = False  # whatever the driver sends vanishes: nothing is answered
        self.swallowed = []  # frames that vanished so
        self.send_error = None  # raised by send
        self.recv_error = None  # raised by recv_into, after what came before it
        self.segment = None  # recv_into gives so many bytes at most
        self._inbox = bytearray()
        self._due = None  # when the pieces that are still to come have all come
        self._ended = False
        self._rest = b""  # of the last frame that isn't whole
        self._offered = None  # what send() has not taken: it must come again
        self._waits = {}
        self._connected_at = None

    # What the driver calls.

    def start(self, host, port, tls, server_hostname, timeout_ms):
        self.target = (host, port, tls, server_hostname, timeout_ms)
        self.started_at = now()
        self.server.open_now += 1
        self._expect(self.server.open_now == 1, "two transports are open")
        if getattr(self.plan, "start", None):
            raise self.plan.start
        self.phase = "tcp"

    def step(self):
        self._expect(self._is_open, "step on a closed transport")
        plan = self.plan
        waited = now() - self.started_at
        if isinstance(plan, Refuse):
            if waited >= plan.ms:
                raise plan.error
            return False
        if plan.connect_ms is None or waited < plan.connect_ms:
            return False
        if plan.tls_ms != 0:
            self.phase = "tls"
            return plan.tls_ms is not None and waited >= plan.connect_ms + plan.tls_ms
        return True

    def recv_into(self, view):
        self._expect(self._is_open, "recv_into on a closed transport")
        self._expect(len(view) > 0, "recv_into with an empty view")
        if self._inbox:
            n = min(len(view), len(self._inbox), self.segment or len(view))
            view[:n] = self._inbox[:n]
            del self._inbox[:n]
            return n
        if self.recv_error:
            raise self.recv_error
        return 0 if self._ended else None

    def send(self, view):
        self._expect(self._is_open, "send on a closed transport")
        data = bytes(view)
        if self._offered is not None:
            self._expect(
                data[: len(self._offered)] == self._offered, "send came back with other bytes"
            )
        if self.send_error:
            raise self.send_error
        n = len(data)
        if self.window is not None:
            n = min(n, self.window)
            self.window -= n
        if self.most is not None:
            n = min(n, self.most)
        self._offered = data[n:] or None
        self._take(data[:n])
        return n

    async def wait(self, read, write, ms):
        self._expect(read != write, "wait for both or nothing")
        while self._is_open and not (self._writable if write else self._readable):
            ready = self._waits[write] = asyncio.get_running_loop().create_future()
            await ready

    def close(self):
        if self._is_open:
            self.closed_at = now()
            self.server.open_now -= 1
            self.server.tell()
        self._wake()

    # What the test calls.

    def raw(self, data, cut=0, gap_ms=0):
        """Bytes to the client: at once, or in pieces of `cut` bytes, `gap_ms` apart. What is still
        to come keeps its place: later bytes wait for it.
        """
        if not cut and self._due is None:
            self._deliver(data)
            return
        loop = asyncio.get_running_loop()
        step = max(gap_ms, 0.001) / 1000
        due = self._due or loop.time()
        for i in range(0, len(data), cut or len(data)):
            loop.call_at(due, self._deliver, data[i : i + (cut or len(data))])
            due += step
        self._due = due
        loop.call_at(due, self._calm_down, due)

    def _deliver(self, data):
        self._inbox += data
        self._wake()

    def _calm_down(self, due):
        if self._due == due:
            self._due = None

    def text(self, *texts):
        for text in texts:
            self.raw(text_frame(text))

    def binary(self, data):
        self.raw(frame(BINARY, data))

    def ping(self, data=b""):
        self.raw(frame(PING, data))

    def pong(self, data=b""):
        self.raw(frame(PONG, data))

    def say_close(self, code=1000, reason=""):
        self.raw(close_frame(code, reason))

    def end(self):
        """FIN: after what was delivered, recv_into says 0."""
        self._ended = True
        self._wake()

    def reset(self):
        """RST: what was not read yet is lost, and both directions fail."""
        self._inbox.clear()
        self.recv_error = self.send_error = OSError(104, "ECONNRESET")
        self._wake()

    def open_window(self, n=None):
        """Let send() take `n` bytes more; None: without end."""
        self.window = None if n is None else (self.window or 0) + n
        self._wake()

    @property
    def is_open(self):
        return self._is_open

    @property
    def closed(self):
        return self.closed_at is not None

    @property
    def messages(self):
        """What came as messages: str and bytes."""
        return [
            data.decode() if op == TEXT else data
            for op, data in self.frames
            if op in (TEXT, BINARY)
        ]

    @property
    def close_codes(self):
        return [
            int.from_bytes(data[:2], "big") if data else None
            for op, data in self.frames
            if op == CLOSE
        ]

    def count(self, opcode):
        return sum(1 for op, _ in self.frames if op == opcode)

    # Inside.

    @property
    def _is_open(self):
        return self.started_at is not None and self.closed_at is None

    @property
    def _readable(self):
        return bool(self._inbox or self._ended or self.recv_error)

    @property
    def _writable(self):
        return self.send_error is not None or self.window is None or self.window > 0

    def _expect(self, is_so, what):
        if not is_so:
            self.server.faults.append(f"{what} (dial {self.server.peers.index(self) + 1})")

    def _wake(self):
        for write, ready in list(self._waits.items()):
            if not self._is_open or (self._writable if write else self._readable):
                if not ready.done():
                    ready.set_result(None)
                del self._waits[write]

    def _take(self, data):
        if b"\r\n\r\n" not in self.request:
            self.request += data
            if b"\r\n\r\n" in self.request and not self.mute:
                self._answer_later()
            return
        self.bytes_in += data
        self._rest += data
        while True:
            got = self._parse()
            if got is None:
                return
            got = self._joined(*got)
            if got is None:
                continue
            if self.mute:
                self.swallowed.append(got)
                continue
            self.frames.append(got)
            self.frame_times.append(now())
            opcode, payload = got
            if opcode == PING and self.auto_pong:
                self.pong(payload)
            elif opcode == CLOSE:
                self._expect(self.count(CLOSE) == 1, "two Close frames")
                if self.auto_close:
                    self.raw(frame(CLOSE, payload[:2]))
                    self.end()

    def _joined(self, opcode, fin, payload):
        """(opcode, payload), of a fragmented message as one; None when more is to come."""
        if opcode >= CLOSE:
            self._expect(fin, "a control frame in fragments")
            return opcode, payload
        self._expect((opcode == 0) == bool(self._parts), "a fragment out of order")
        self.fragments.append((opcode, fin, payload))
        self._parts.append((opcode, payload))
        if not fin:
            return None
        parts, self._parts = self._parts, []
        return parts[0][0], b"".join(part for _, part in parts)

    def _parse(self):
        rest = self._rest
        if len(rest) < 2:
            return None
        self._expect(rest[0] & 0x70 == 0, "a frame with RSV")
        self._expect(rest[1] & 0x80, "a frame without a mask")
        size = rest[1] & 0x7F
        at = 2
        if size > 125:
            at = 4 if size == 126 else 10
            if len(rest) < at:
                return None
            size = int.from_bytes(rest[2:at], "big")
        if len(rest) < at + 4 + size:
            return None
        key = rest[at : at + 4]
        payload = bytes(b ^ key[i & 3] for i, b in enumerate(rest[at + 4 : at + 4 + size]))
        self._rest = rest[at + 4 + size :]
        return rest[0] & 0x0F, rest[0] & 0x80 != 0, payload

    def _answer_later(self):
        if isinstance(self.plan, Refuse) or self.plan.answer_ms is None:
            return
        if self.plan.answer_ms:
            asyncio.get_running_loop().call_later(self.plan.answer_ms / 1000, self._answer)
        else:
            self._answer()

    def _answer(self):
        plan = self.plan
        answer = plan.answer
        if answer is None:
            answer = self.accepting(*plan.headers)
        elif isinstance(answer, int):
            lines = [f"HTTP/1.1 {answer} Status", *plan.headers, "\r\n"]
            answer = "\r\n".join(lines).encode()
        elif callable(answer):
            answer = answer(self)
        self.answered = answer[:12] == b"HTTP/1.1 101" and answer.endswith(b"\r\n\r\n")
        self.raw(answer + plan.tail, plan.cut, 1)
        self.server.tell()
        if plan.then is not None:
            plan.then(self)

    def accepting(self, *headers):
        """A right 101 to the request."""
        key = self.header("Sec-WebSocket-Key").encode()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: " + accept,
            *headers,
            "\r\n",
        ]
        return "\r\n".join(lines).encode()

    def header(self, name):
        for line in self.request.decode().split("\r\n"):
            if line.lower().startswith(name.lower() + ":"):
                return line.split(":", 1)[1].strip()
        return None
