"""A life that goes all odd ways, while modules of the library that are loaded late fail to load.

The call that wanted the module may raise, or an error's text be lost. The socket goes on, and the
same thing works when it is tried again.
"""

from parity.servers import Plan, Servers

from . import late
from .clock import clock
from .peer import BINARY, CLOSE, END, PING, TEXT, Peer, frame

_BEGINS_AT = 1_000_000  # ticks
_BACK_MS = 60_000  # the longest back-off is 10 s
_TRIES = 8  # of one thing, each of which another module may make fail


class Broken(Exception):
    """The socket did not go on; not an AssertionError, which is a try that went wrong."""


class FetchPeer(Peer):
    """A server that knows HTTP alone."""

    def _answer(self):
        self.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh\xc3\xa4\xc3\xb6")
        self.say(END)


class Case(Servers):
    """One socket, and its servers."""

    def __init__(self):
        super().__init__([], lambda: "")
        self.ws = None
        self.next_plans = []
        self.heard = []
        self.events = []
        self.logged = []
        self.hears = True
        self._number = 0

    def transport(self):
        peer = Peer(self, Plan(self.next_plans.pop(0) if self.next_plans else {}, self))
        peer.sent = []
        self.peers.append(peer)
        return peer

    def options(self):
        return {
            "transport": self.transport,
            "jitter": "none",
            "min_reconnection_delay": 500,
            "max_reconnection_delay": 2000,
            "ping_interval_ms": 0,
            "debug_logger": self.logged.append,
        }

    def make(self, url="ws://server/path", protocols=None, **options):
        from partysocket import WebSocket

        given = self.options()
        given.update(options)
        ws = self.ws = WebSocket(url, protocols, **given)
        for name in ("open", "close", "error", "reconnecting", "discard", "giveup"):
            ws.add_event_listener(name, self.events.append)
        if self.hears:
            ws.add_event_listener("message", lambda event: self.heard.append(event.data))
        return ws

    @property
    def peer(self):
        return self.peers[-1]

    async def open(self):
        until = clock.now() + _BACK_MS
        while self.ws.ready_state != 1 or not self.peers or not self.peer.is_alive():
            if clock.now() > until:
                raise Broken("it is not open again; ready_state %d" % self.ws.ready_state)
            await clock.sleep(5)
        return self.peer

    async def exchange(self):
        """The socket goes on: a message passes each way."""
        for _ in range(5):
            peer = await self.open()
            self._number += 1
            data = b"exchange %d" % self._number
            self.ws.send(data)
            peer.say(frame(BINARY, data))
            await clock.sleep(50)
            has_come = not self.hears or has(self.heard, data)
            if has_come and has(self.wire(peer), data):
                return
        raise Broken("it is open, and nothing passes")

    def wire(self, peer):
        """What came on this connection: texts and bytes."""
        return [unhex(data["hex"]) if isinstance(data, dict) else data for _, data in peer.sent]

    def of(self, name):
        return [event for event in self.events if event.type == name]

    async def end(self):
        self.ws.close()
        await self.ws.wait_closed()
        await clock.sleep(20)
        if self.open_now or self.faults:
            raise Broken("%d sockets are left, faults: %s" % (self.open_now, self.faults))


def unhex(text):
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])


def has(messages, data):
    """Whether it is one of them. MicroPython warns where bytes are compared with text."""
    return any([type(one) is type(data) and one == data for one in messages])


def check(is_so, what=""):
    if not is_so:
        raise AssertionError(what)


def raises(kind, f, *given, **named):
    try:
        f(*given, **named)
    except kind:
        return
    raise AssertionError("no " + kind.__name__)


class Odd:
    """The things to do. `odd_...(case)` does one on an open socket of its own; what it needs as
    options of that is in `OPTIONS`.
    """

    OPTIONS = {
        "resend": {"resend": "unconfirmed"},
        "debug": {"debug": True},
        "pings": {"ping_interval_ms": 200, "ping_timeout_ms": 200},
        "predicate": {"should_reconnect_on_close": lambda event: True},
        "long_message": {"receive_bytes": 128, "max_message_bytes": 2000},
    }

    async def odd_text(self, case):
        peer = await case.open()
        case.ws.send("häß €🙂")
        await clock.sleep(20)
        check(has(case.wire(peer), "häß €🙂"), "the text did not come")

    async def odd_text_heard(self, case):
        peer = await case.open()
        peer.say(frame(TEXT, "häß €🙂".encode()))
        await clock.sleep(20)
        check(has(case.heard, "häß €🙂"), "the text was not heard")

    async def odd_messages(self, case):
        ws = case.ws
        for wrong in (5, None, ["x"]):
            raises(TypeError, ws.send, wrong)
        raises(ValueError, ws.send, b"x" * 5000)

    async def odd_full_ring(self, case):
        from partysocket import QueueFull

        for overflow in ("drop-oldest", "drop-newest", "error"):
            other = Case()
            other.next_plans.append({"accept": 300})
            ws = other.make(queue_bytes=64, overflow=overflow)
            before = len(late.loads)
            try:
                for n in range(9):
                    ws.send(b"%16d" % n)
                if len(late.loads) > before:
                    raise Broken("send() of bytes loads %s" % late.loads[before:])
                check(overflow != "error", "no QueueFull")
            except QueueFull:
                check(overflow == "error", "QueueFull")
            finally:
                peer = await other.open()
                await clock.sleep(50)
                got = [int(data) for data in other.wire(peer)]
                count = sum([event.count for event in other.of("discard")])
                await other.exchange()
                await other.end()
            check(len(got) + count == 9 or overflow == "error", "%s, %d discarded" % (got, count))
            check(got[-1] == 8 or overflow != "drop-oldest", str(got))

    async def odd_closes(self, case):
        for code in (1000, 1001, 1008, 1011, 1013, 3000, 4000, 4001, 4401, None, 999, 1005):
            peer = await case.open()
            before = len(case.of("close"))
            peer.sent_close = code or 1005
            payload = bytes([code >> 8, code & 0xFF]) + "tschüß".encode() if code else b""
            peer.say(frame(CLOSE, payload))
            await clock.sleep(100)
            told = case.of("close")[before:]
            await case.open()
            is_wrong = code in (999, 1005)
            check(len(told) == 1, "%s closes told" % len(told))
            check(told[0].code == (1002 if is_wrong else code or 1005), "code %d" % told[0].code)
            check(is_wrong or told[0].reason == ("tschüß" if code else ""), told[0].reason)

    async def odd_refusals(self, case):
        from partysocket import HandshakeError

        for status in (301, 401, 404, 429, 503, 599):
            peer = await case.open()
            before = len(case.of("error"))
            answer = b"HTTP/1.1 %d X\r\nRetry-After: 1\r\nLocation: /b\r\n" % status
            answer += b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
            case.next_plans.append({"answer": answer})
            peer.reset(OSError(104, "ECONNRESET"))
            await clock.sleep(3000)
            told = case.of("error")[before:]
            await case.open()
            found = [e.error.status for e in told if isinstance(e.error, HandshakeError)]
            check(found == [status], "%d: %r" % (status, [e.error for e in told]))

    async def odd_answers(self, case):
        dated = b"HTTP/1.1 503 X\r\nRetry-After: Sun, 06 Nov 1994 08:49:38 GMT\r\n"
        dated += b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
        for answer in (b"garbage\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n", dated):
            peer = await case.open()
            before = len(case.of("error"))
            case.next_plans.append({"answer": answer})
            peer.reset(OSError(104, "ECONNRESET"))
            await clock.sleep(3000)
            told = case.of("error")[before:]
            await case.open()
            check(len(told) == 2 and told[1].message, repr([e.message for e in told]))

    async def odd_faults_of_the_peer(self, case):
        for bad, code in (
            (frame(3), 1002),
            (frame(TEXT, b"\xff"), 1007),
            (frame(BINARY, bytes(20_000)), 1009),
            (frame(PING, b"", fin=False), 1002),
        ):
            peer = await case.open()
            before = len(case.of("close"))
            peer.say(bad)
            await clock.sleep(100)
            codes = [event.code for event in case.of("close")[before:]]
            await case.open()
            check(codes == [code], "codes %s for %d" % (codes, code))

    async def odd_flush(self, case):
        await case.open()
        case.ws.send("to be flushed")
        await clock.sleep(10)
        check(await case.ws.flush(2000), "flush() is False")

    async def odd_flush_of_a_loss(self, case):
        peer = await case.open()
        case.ws.send("to be lost")
        peer.mute = True
        await clock.sleep(10)
        clock.later(50, peer.reset, OSError(104, "ECONNRESET"))
        has_come = await case.ws.flush(2000)
        await case.open()
        check(not has_come, "flush() is True")

    async def odd_resend(self, case):
        peer = await case.open()
        data = b"sent again %d" % clock.now()
        peer.mute = True
        case.ws.send(data)
        await clock.sleep(20)
        peer.reset(OSError(104, "ECONNRESET"))
        await clock.sleep(10)
        peer = await case.open()
        await clock.sleep(50)
        check(has(case.wire(peer), data), "it is not sent again")

    async def odd_stream(self, case):
        peer = await case.open()
        check(await case.ws.send_chunks([b"long "] * 500), "send_chunks() is False")
        await clock.sleep(20)
        check(has(case.wire(peer), b"long " * 500), "the stream did not come")
        check(await case.ws.send_chunks(["ü".encode()] * 9, text=True), "send_chunks() is False")
        await clock.sleep(20)
        check(has(case.wire(peer), "ü" * 9), "the text did not come")

    async def odd_chunks(self, case):
        pieces = []

        def take(event):
            pieces.append(bytes(event.data))

        peer = await case.open()
        case.ws.add_event_listener("chunk", take)
        peer.say(frame(BINARY, b"piece" * 1000))
        await clock.sleep(50)
        case.ws.remove_event_listener("chunk", take)
        check(b"".join(pieces) == b"piece" * 1000, "%d bytes" % len(b"".join(pieces)))

    async def odd_long_message(self, case):
        peer = await case.open()
        peer.say(frame(TEXT, "ö".encode() * 500, fin=False) + frame(0, b"end"))
        await clock.sleep(50)
        check(has(case.heard, "ö" * 500 + "end"), "the long text was not heard")

    async def odd_update(self, case):
        from partysocket import PartySocket

        other = Case()
        other.hears = False
        ws = other.ws = PartySocket("localhost", "room", **other.options())
        try:
            await other.exchange()
            ws.update_properties(ping_interval_ms=5000, room="räum", min_reconnection_delay=400)
            raises(ValueError, ws.update_properties, queue_bytes=9)
            raises(TypeError, ws.update_properties, nonsense=9)
            ws.reconnect()
            await other.exchange()
            check(b"/r%C3%A4um" in other.peer.request, other.peer.request)
        finally:
            await other.exchange()
            await other.end()

    async def odd_stats(self, case):
        await case.open()
        check(case.ws.stats()["opens"] >= 1)
        check(case.ws.stats()["uptime_ms"] >= 0)

    async def odd_drain(self, case):
        peer = await case.open()
        peer.reset(OSError(104, "ECONNRESET"))
        await clock.sleep(5)
        case.ws.send("ä")
        case.ws.send(b"b")
        check(case.ws.drain_queued_messages() == ["ä", b"b"])

    async def odd_fetch(self, case):
        from partysocket import PartySocket

        def transport():
            peer = FetchPeer(case, Plan({}, case))
            peer.sent = []
            return peer

        other = case
        if case.open_now:  # its servers allow one socket at a time
            other = Case()
            case = other
        response = await PartySocket.fetch("localhost", "räum", body="ü", transport=transport)
        check(response.status == 200 and response.text() == "häö", response.body)

    async def odd_handler(self, case):
        def handle(event):
            raise ValueError("a handler's own fault")

        peer = await case.open()
        case.ws.add_event_listener("message", handle)
        before = len(case.logged)
        peer.say(frame(TEXT, b"x"))
        await clock.sleep(20)
        case.ws.remove_event_listener("message", handle)
        text = "".join(case.logged[before:])
        check("a handler's own fault" in text, "it was not told: " + text)

    async def odd_async_handler(self, case):
        async def handle(event):
            await clock.sleep(1)
            raise ValueError("an async handler's fault")

        peer = await case.open()
        case.ws.add_event_listener("message", handle)
        before = len(case.logged)
        peer.say(frame(TEXT, b"x"))
        await clock.sleep(20)
        case.ws.remove_event_listener("message", handle)
        check("an async handler's fault" in "".join(case.logged[before:]), "it was not told")

    async def odd_orders(self, case):
        await case.open()
        raises(ValueError, case.ws.close, 999)
        raises(ValueError, case.ws.reconnect, 1000, "x" * 200)
        case.ws.reconnect(4000, "später")
        await case.exchange()
        case.ws.close(3000, "tschüß")
        await case.ws.wait_closed()
        case.ws.send("after close()")
        case.ws.reconnect()
        await case.exchange()

    async def odd_options(self, case):
        from partysocket import PartySocket, WebSocket

        raises(TypeError, WebSocket, "ws://server", nonsense=1)
        raises(ValueError, WebSocket, "ws://server", ping_interval_ms=-1)
        raises(ValueError, PartySocket, "server")
        raises(ValueError, setattr, case.ws, "binary_type", "blob")

    async def odd_debug(self, case):
        peer = await case.open()
        peer.reset(OSError(104, "ECONNRESET"))
        await clock.sleep(50)
        await case.open()
        check(case.logged, "debug tells nothing")

    async def odd_pings(self, case):
        peer = await case.open()
        await clock.sleep(1000)
        check(case.ws.stats()["rtt_ms"] is not None, "no round trip")
        peer.mute = True
        before = len(case.of("close"))
        await clock.sleep(1000)
        check(len(case.of("close")) == before + 1, "a dead link is not seen")

    async def odd_predicate(self, case):
        peer = await case.open()
        peer.say(END)
        await clock.sleep(50)

    async def odd_hello(self, case):
        await self._other(hello=lambda: "grüß")

    async def odd_providers(self, case):
        async def url():
            return "ws://server/ü?a=b"

        await self._other(url, headers=lambda: {"X-A": "b"}, connection_timeout=(500, 900))

    async def odd_protocols(self, case):
        other = Case()
        other.next_plans.append({"protocol": "b"})
        ws = other.make(protocols=["a", "b"])
        try:
            await other.exchange()
            check(ws.protocol == "b", ws.protocol)
        finally:
            await other.exchange()
            await other.end()

    async def odd_tls(self, case):
        await self._other("wss://server/path", ssl=False)

    async def odd_link(self, case):
        class Below:
            def is_up(self):
                return True

            async def wait_up(self):
                await clock.sleep(1)

        await self._other(link=Below())

    async def odd_party(self, case):
        from partysocket import PartySocket

        other = Case()
        other.ws = PartySocket(
            "localhost",
            "räum #1",
            query=lambda: {"tökén": "a b", "none": None},
            connection_id="fresh",
            **other.options(),
        )
        other.hears = False
        try:
            await other.exchange()
        finally:
            await other.exchange()
            await other.end()

    async def odd_hook(self, case):
        import partysocket

        other = Case()
        hook = partysocket.use_web_socket("ws://server/", transport=other.transport)
        async with hook as mounted:
            other.ws = mounted.socket
            other.hears = False
            await other.exchange()

    async def odd_reader(self, case):
        other = Case()
        other.hears = False
        ws = other.make()
        try:
            peer = await other.open()
            peer.say(frame(TEXT, "für recv".encode()))
            check(await ws.recv() == "für recv")
        finally:
            await other.exchange()
            await other.end()

    async def _other(self, *given, **options):
        """A socket with these options opens, and goes on after a loss."""
        other = Case()
        other.make(*given, **options)
        try:
            await other.exchange()
            other.peer.reset(OSError(104, "ECONNRESET"))
            await clock.sleep(10)
            await other.exchange()
        finally:
            await other.end()


NAMES = tuple(sorted([name[4:] for name in dir(Odd) if name.startswith("odd_")]))
told = []  # what happened


async def _do(name):
    """One odd thing, again until nothing fails to load any more."""
    from partysocket import Error

    case = Case()
    late.is_late = False
    case.make(**Odd.OPTIONS.get(name, {}))
    await case.exchange()
    late.is_late = True
    for _ in range(_TRIES):
        before = late.failures
        error = None
        try:
            await getattr(Odd(), "odd_" + name)(case)
        except (MemoryError, ImportError, OSError, Error, AssertionError) as e:
            error = e
        has_failed = late.failures > before
        if has_failed:
            told.append("%s: %s failed to load: %r" % (name, late.loads[-1], error))
        await case.exchange()  # whatever happened: the socket goes on
        if error is None and not has_failed:
            break
        if error is not None and not has_failed:
            raise error
    else:
        raise Broken("it does not work when it is tried again: %r" % error)
    await case.end()


def go(name):
    """What did not hold, or ""."""
    try:
        clock.run(lambda: _do(name), _BEGINS_AT, lambda: None)
    except Exception as e:
        return "%s: %s: %s" % (name, type(e).__name__, e), e
    left = clock.left_behind()
    if left:
        return "%s: left behind: %s" % (name, left), None
    return "", None


# What survives an end is there before the first dial.


async def _come_back(on_close):
    case = Case()
    ws = case.make(ping_interval_ms=500, ping_timeout_ms=300)
    ws.add_event_listener("close", on_close)
    await case.exchange()
    late.is_late = True
    peer = case.peer
    peer.reset(OSError(104, "ECONNRESET"))
    await clock.sleep(10)
    peer = await case.open()
    peer.say(END)
    await clock.sleep(10)
    peer = await case.open()
    peer.sent_close = 1001
    peer.say(frame(CLOSE, b"\x03\xe9"))
    await clock.sleep(10)
    peer = await case.open()
    peer.mute = True
    await clock.sleep(2000)
    peer = await case.open()
    case.next_plans.append({"refuse": 1})
    case.next_plans.append({"hangs": True})
    peer.reset(MemoryError("no memory"))
    await clock.sleep(10)
    await case.open()
    await case.exchange()
    ws.reconnect()
    await clock.sleep(10)
    await case.exchange()
    late.is_late = False
    await case.end()


def _load(event):
    """Planted: what a library would do that loads a part of itself when it is in need."""
    import partysocket.wifi  # noqa: F401


def come_back(is_planted):
    """Names of the modules that losses and redials load."""
    on_close = _load if is_planted else lambda event: None
    clock.run(lambda: _come_back(on_close), _BEGINS_AT, lambda: None)
    return list(late.loads)
