"""A life that goes odd ways, while modules of the library that are loaded late fail to load. Each
such module has a way here.

The call that wanted the module may raise, or an error's text be lost. The socket goes on, and the
same thing works when it is tried again.
"""

from api.world import OPEN, Peer, Plan, World, raises

from . import late
from .clock import clock
from .peer import BINARY, CONTINUATION, END, PING, TEXT, frame

_BACK_MS = 60_000  # the longest back-off is 10 s
_TRIES = 12  # of one thing, each of which another module may make fail


class Broken(Exception):
    """The socket did not go on; not an AssertionError, which is a try that went wrong."""


class Case(World):
    """One socket, and its servers."""

    def __init__(self):
        super().__init__()
        self.heard = []
        self.events = []

    def make(self, *url, is_party=False, **options):
        given = {"min_reconnection_delay": 500, "max_reconnection_delay": 2000}
        given.update(options)
        self.ws = (self.party if is_party else self.websocket)(*url, **given)
        for name in ("close", "error", "discard"):
            self.ws.add_event_listener(name, self.events.append)
        self.ws.add_event_listener("message", lambda event: self.heard.append(event.data))
        return self.ws

    async def open(self):
        until = clock.now() + _BACK_MS
        while self.ws.ready_state != 1 or not self.peers or not self.peer.is_alive():
            if clock.now() > until:
                raise Broken("it is not open again; ready_state %d" % self.ws.ready_state)
            await clock.sleep(5)
        return self.peer

    async def exchange(self):
        """The socket goes on: a message passes each way."""
        for n in range(5):
            peer = await self.open()
            self.ws.send(b"exchange")
            peer.text("said %d %d" % (clock.now(), n))
            await clock.sleep(50)
            heard = [data for data in self.heard if isinstance(data, str)]
            if "said %d %d" % (clock.now() - 50, n) in heard and b"exchange" in peer.got(BINARY):
                return
        raise Broken("it is open, and nothing passes")

    async def lose(self, *plans):
        """The connection, and meet these plans. Returns the events until it is open again."""
        peer = await self.open()
        del self.events[:]
        self.meet(*plans, OPEN)
        peer.reset()
        await clock.sleep(3000)
        await self.open()
        return self.events

    def of(self, name):
        return [event for event in self.events if event.type == name]

    async def end(self):
        try:
            await super().end()
        except AssertionError as e:
            raise Broken(str(e))


# The things to do: each on an open socket of its own.


async def _full_ring(case, ws):
    from partysocket import QueueFull

    for overflow in ("drop-oldest", "drop-newest", "error"):
        async with _Other(queue_bytes=64, overflow=overflow, start_closed=True) as other:
            before = len(late.loads)
            try:
                for n in range(9):
                    other.ws.send(b"%16d" % n)
                is_refused = False
            except QueueFull:
                is_refused = True
            if len(late.loads) > before:
                raise Broken("send() of bytes loads %s" % late.loads[before:])
            assert is_refused == (overflow == "error")
            other.ws.reconnect()
            peer = await other.open()
            await clock.sleep(50)
            got = [int(data) for data in peer.got(BINARY)]
            count = sum([event.count for event in other.of("discard")])
            assert len(got) + count == 9 or is_refused, "%s, %d discarded" % (got, count)
            assert (got[-1] == 8) == (overflow == "drop-oldest"), got


async def _refusals(case, ws):
    from partysocket import HandshakeError

    head = b"HTTP/1.1 %d X\r\nLocation: /b\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    for status, after in ((301, b"1"), (401, b"1"), (503, b"Sun, 06 Nov 1994 08:49:38 GMT")):
        answer = head % status + b"Retry-After: " + after + b"\r\n\r\n"
        told = [e.error for e in await case.lose({"answer": answer}) if e.type == "error"]
        found = [e.status for e in told if isinstance(e, HandshakeError)]
        assert found == [status], "%d: %r" % (status, told)


async def _garbage(case, ws):
    for answer in (b"garbage\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n"):
        await case.lose({"answer": answer})
        told = [e.message for e in case.of("error")]
        assert len(told) == 2 and told[1], told


async def _wrong_frames(case, ws):
    for data in (frame(TEXT, b"", rsv=4), frame(3), frame(CONTINUATION), frame(PING, fin=False)):
        peer = await case.open()
        del case.events[:]
        case.meet(OPEN)
        peer.say(data)
        await clock.sleep(3000)
        told = [e.message for e in case.of("error")]
        assert len(told) == 1 and peer.close_codes() == [1002], (told, peer.close_codes())


async def _long_messages(case, ws):
    peer = await case.open()
    del case.heard[:]
    peer.say(frame(TEXT, b"in ", fin=False) + frame(CONTINUATION, b"two"))
    peer.say(frame(BINARY, b"long " * 1000))
    await clock.sleep(3000)
    assert case.heard == ["in two", b"long " * 1000], "%d are heard" % len(case.heard)
    for data in (frame(BINARY, b"x" * 20000), frame(TEXT, b"\x80", fin=False)):
        peer = await case.open()
        peer.say(data)
        await clock.sleep(3000)
        assert peer.close_codes() == [1009 if len(data) > 9 else 1007], peer.close_codes()


async def _flush(case, ws):
    peer = await case.open()
    ws.send("to be flushed")
    await clock.sleep(10)
    assert await ws.flush(2000), "flush() is False"
    ws.send("to be lost")
    peer.mute = True
    await clock.sleep(10)
    clock.later(50, peer.reset)
    assert not await ws.flush(2000), "flush() is True"


async def _stream(case, ws):
    peer = await case.open()
    assert await ws.send_chunks([b"long "] * 500), "send_chunks() is False"
    assert await ws.send_chunks(["ü".encode()] * 9, text=True), "send_chunks() is False"
    await clock.sleep(20)
    assert b"long " * 500 in peer.got(BINARY) and "üüüüüüüüü".encode() in peer.got(TEXT)


async def _update(case, ws):
    async with _Other(is_party=True) as other:
        await other.exchange()
        other.ws.update_properties(ping_interval_ms=5000, room="räum")
        raises(ValueError, other.ws.update_properties, queue_bytes=9)
        raises(TypeError, other.ws.update_properties, nonsense=9)
        other.ws.reconnect()
        await other.exchange()
        assert b"/r%C3%A4um" in other.peer.request, other.peer.request


async def _stats(case, ws):
    peer = await case.open()
    await clock.sleep(1000)
    assert ws.stats()["opens"] >= 1 and ws.stats()["rtt_ms"] is not None
    peer.mute = True
    del case.events[:]
    await clock.sleep(1000)
    assert len(case.of("close")) == 1, "a dead link is not seen"


async def _fetch(case, ws):
    from partysocket import PartySocket

    def transport():
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh\xc3\xa4\xc3\xb6"
        peer = Peer(World(), Plan({}, case))
        peer._answer = lambda: peer.say(answer) or peer.say(END)
        peer.sent = []
        return peer

    response = await PartySocket.fetch("localhost", "räum", body="ü", transport=transport)
    assert response.status == 200 and response.text() == "häö", response.body


async def _handlers(case, ws):
    def handle(event):
        raise ValueError("a handler's own fault")

    async def handle_later(event):
        await clock.sleep(1)
        raise ValueError("an async handler's fault")

    peer = await case.open()
    for handler, text in ((handle, "a handler's own"), (handle_later, "an async handler's")):
        ws.add_event_listener("message", handler)
        del case.told[:]
        peer.text("x")
        await clock.sleep(20)
        ws.remove_event_listener("message", handler)
        assert text in "".join(case.told), "it was not told"


async def _orders(case, ws):
    await case.open()
    raises(ValueError, ws.close, 999)
    raises(ValueError, ws.reconnect, 1000, "x" * 200)
    ws.reconnect(4000, "später")
    await case.exchange()
    ws.close(3000, "tschüß")
    await ws.wait_closed()
    ws.send("after close()")
    ws.reconnect()


async def _options(case, ws):
    from partysocket import PartySocket, WebSocket

    raises(TypeError, WebSocket, "ws://server", nonsense=1)
    raises(ValueError, WebSocket, "ws://server", ping_interval_ms=-1)
    raises(ValueError, PartySocket, "server")
    raises(ValueError, setattr, ws, "binary_type", "blob")


async def _hook(case, ws):
    import partysocket

    other = Case()
    async with partysocket.use_web_socket("ws://server/", transport=other.transport) as hook:
        assert await hook.socket.wait_open(5000)
        hook.socket.send("by a hook")
        await clock.sleep(50)
        assert other.peer.got(TEXT) == [b"by a hook"]


class _Below:
    def is_up(self):
        return True

    async def wait_up(self):
        await clock.sleep(1)


async def _url():
    return "ws://server/ü?a=b"


# What only a socket of its own has: what it is made with. It opens, and goes on after a loss.
_MADE_WITH = {
    "hello": ((), {"hello": lambda: "grüß"}),
    "providers": ((_url,), {"headers": lambda: {"X-A": "b"}, "connection_timeout": (500, 900)}),
    "tls": (("wss://server/path",), {"ssl": False}),
    "link": ((), {"link": _Below()}),
    "party": (
        ("räum #1",),
        {
            "is_party": True,
            "query": lambda: {"tökén": "a b", "no": None},
            "connection_id": "fresh",
        },
    ),
}
# What the socket of others needs.
_OPTIONS = {
    "stats": {"ping_interval_ms": 200, "ping_timeout_ms": 200},
}


class _Other:
    """Another socket, while one is busy with it."""

    def __init__(self, *url, **options):
        self._made = (url, options)

    async def __aenter__(self):
        self.case = Case()
        url, options = self._made
        self.case.make(*url, **options)
        return self.case

    async def __aexit__(self, *_):
        await self.case.end()


async def _made(name):
    url, options = _MADE_WITH[name]
    async with _Other(*url, **options) as other:
        await other.exchange()
        other.peer.reset()
        await clock.sleep(10)
        await other.exchange()


_PATHS = {
    "full_ring": _full_ring,
    "refusals": _refusals,
    "garbage": _garbage,
    "wrong_frames": _wrong_frames,
    "long_messages": _long_messages,
    "flush": _flush,
    "stream": _stream,
    "update": _update,
    "stats": _stats,
    "fetch": _fetch,
    "handlers": _handlers,
    "orders": _orders,
    "options": _options,
    "hook": _hook,
}
NAMES = tuple(sorted(list(_PATHS) + list(_MADE_WITH)))
told = []  # what happened


async def do(name):
    """One odd thing, again until nothing fails to load any more."""
    from partysocket import Error

    late.forget()
    case = Case()
    case.make(**_OPTIONS.get(name, {}))
    await case.exchange()
    late.is_late = True
    for _ in range(_TRIES):
        before = late.failures
        error = None
        try:
            await (_PATHS[name](case, case.ws) if name in _PATHS else _made(name))
        except (MemoryError, ImportError, OSError, Error, AssertionError) as e:
            error = e
        has_failed = late.failures > before
        if has_failed:
            told.append("%s: %s failed to load: %r" % (name, late.loads[-1], error))
        await case.exchange()  # whatever happened: the socket goes on
        if error is None and not has_failed:
            late.is_late = False
            return await case.end()
        if not has_failed:
            raise error
    raise Broken("it does not work when it is tried again: %r" % error)


async def come_back(is_planted):
    """What survives an end is there before the first dial."""
    case = Case()
    ws = case.make(ping_interval_ms=500, ping_timeout_ms=300)
    if is_planted:
        ws.add_event_listener("close", _load)
    await case.exchange()
    late.is_late = True
    for end in (Peer.reset, Peer.end, Peer.say_close):
        end(await case.open())
        await clock.sleep(10)
    (await case.open()).mute = True
    await clock.sleep(2000)
    await case.open()
    case.meet({"refuse": 1}, {"hangs": True}, OPEN)
    case.peer.reset(MemoryError("no memory"))
    await clock.sleep(10)
    await case.exchange()
    ws.reconnect()
    await clock.sleep(10)
    await case.exchange()
    late.is_late = False
    await case.end()


def _load(event):
    """Planted: what a library would do that loads a part of itself when it is in need."""
    import partysocket.wifi  # noqa: F401
