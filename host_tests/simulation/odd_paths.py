"""A life with rare events, while modules of the library that are loaded late fail to load. For
each such module something happens here that needs it.

The call that needed the module may raise, or the text of an error may be lost. The socket goes on,
and the same call works when it is made again.
"""

from api.world import OPEN, Peer, Plan, World, raises

from . import late
from .clock import clock
from .peer import BINARY, CONTINUATION, END, PING, TEXT, frame
from .script import Below, Broken, Scripted, expect

# Tries of one thing. In each of them another module may fail.
_TRIES = 12
# What happened.
told = []


class Case(Scripted):
    def __init__(self, *url, is_party=False, **options):
        super().__init__()
        given = {"min_reconnection_delay": 500, "max_reconnection_delay": 2000}
        given.update(options)
        self.ws = (self.party if is_party else self.websocket)(*url, **given)
        # The error events since the last loss.
        self.errors = []
        self.ws.add_event_listener("error", self.errors.append)
        self.ws.add_event_listener("message", self.hear)

    async def lose(self, *plans):
        """Lose the connection, and meet these plans. Returns the errors until it was open
        again.
        """
        peer = await self.back()
        del self.errors[:]
        self.meet(*plans, OPEN)
        peer.reset()
        await clock.sleep(3000)
        await self.back()
        return [event.error for event in self.errors]

    async def say(self, data):
        """The server sends `data`, and there is time for what follows. Returns the server's
        side.
        """
        peer = await self.back()
        del self.errors[:]
        self.meet(OPEN)
        peer.say(data)
        await clock.sleep(3000)
        return peer

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        try:
            await self.end()
        except AssertionError as e:
            raise Broken(str(e))


class OddPaths(Case):
    """The things to do, each on a new open socket."""

    async def full_ring(self):
        from partysocket import QueueFull

        for overflow in ("drop-oldest", "drop-newest", "error"):
            async with Case(queue_bytes=64, overflow=overflow, start_closed=True) as other:
                before = late.failures
                try:
                    for n in range(9):
                        other.ws.send(b"%16d" % n)
                except QueueFull:
                    assert overflow == "error"
                finally:
                    expect(late.failures == before, "send() of bytes loads a module")
                other.ws.reconnect()
                peer = await other.back()
                await clock.sleep(50)
                last = int(peer.got(BINARY)[-1])
                assert (last == 8) == (overflow == "drop-oldest"), last

    async def losses(self):
        """Everything that is needed after an end is loaded before the first dial."""
        async with Case(ping_interval_ms=500, ping_timeout_ms=300) as other:
            await other.exchange()
            before = list(late.loads)
            for end in (Peer.reset, Peer.end, Peer.say_close):
                end(await other.back())
                await clock.sleep(10)
            (await other.back()).mute = True
            await clock.sleep(2000)
            peer = await other.back()
            other.meet({"refuse": 1}, {"hangs": True}, OPEN)
            peer.reset(MemoryError("no memory"))
            await clock.sleep(10)
            await other.exchange()
            other.ws.reconnect()
            await clock.sleep(10)
            await other.exchange()
            # But for the words on a dial that failed: without them it has another text.
            loaded = [name for name in late.loads if name not in before and name != "causes"]
            expect(not loaded, "a loss, or the dial after it, loads %s" % loaded)

    async def failed_dials(self):
        """The first of a row is told, by its bare error if the words can't be loaded."""
        async with Case() as other:
            await other.exchange()
            for words in ("refused", "no connection to server:80 (tcp): refused: "):
                del other.told[:]
                await other.lose({"refuse": 1}, {"refuse": 1})
                expect(
                    len(other.told) == 1, "of two dials that failed one is told: %s" % other.told
                )
                expect(words in other.told[0].lower(), "a failed dial is told: " + other.told[0])

    async def refusals(self):
        head = b"HTTP/1.1 %d X\r\nLocation: /b\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        for status, after in ((301, b"1"), (401, b"1"), (503, b"Sun, 06 Nov 1994 08:49:38 GMT")):
            answer = head % status + b"Retry-After: " + after + b"\r\n\r\n"
            told = await self.lose({"answer": answer})
            assert status in [getattr(error, "status", None) for error in told], told

    async def garbage(self):
        for answer in (b"garbage\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n"):
            told = await self.lose({"answer": answer})
            assert len(told) == 2 and str(told[1]), told

    async def wrong_frames(self):
        cut = frame(PING, fin=False)
        for data in (frame(TEXT, b"", rsv=4), frame(3), frame(CONTINUATION), cut):
            codes = (await self.say(data)).close_codes()
            assert len(self.errors) == 1 and codes == [1002], (self.errors, codes)

    async def long_messages(self):
        del self.heard[:]
        parts = frame(TEXT, b"in ", fin=False) + frame(CONTINUATION, b"two")
        await self.say(parts + frame(BINARY, b"long " * 1000))
        assert self.heard == [b"in two", b"long " * 1000], "%d are heard" % len(self.heard)
        for code, data in (
            (1009, frame(BINARY, b"x" * 20000)),
            (1007, frame(TEXT, b"\x80", fin=False)),
        ):
            assert (await self.say(data)).close_codes() == [code]

    async def flush(self):
        peer = await self.back()
        self.ws.send("to be flushed")
        await clock.sleep(10)
        assert await self.ws.flush(2000), "flush() is False"
        self.ws.send("to be lost")
        peer.mute = True
        await clock.sleep(10)
        clock.later(50, peer.reset)
        assert not await self.ws.flush(2000), "flush() is True"

    async def stream(self):
        peer = await self.back()
        assert await self.ws.send_chunks([b"long "] * 500), "send_chunks() is False"
        assert await self.ws.send_chunks(["ü".encode()] * 9, text=True), "send_chunks() is False"
        await clock.sleep(20)
        assert b"long " * 500 in peer.got(BINARY) and "üüüüüüüüü".encode() in peer.got(TEXT)

    async def update(self):
        async with Case(is_party=True) as other:
            await other.exchange()
            other.ws.update_properties(ping_interval_ms=5000, room="räum")
            raises(ValueError, other.ws.update_properties, queue_bytes=9)
            raises(TypeError, other.ws.update_properties, nonsense=9)
            other.ws.reconnect()
            await other.exchange()
            assert b"/r%C3%A4um" in other.peer.request, other.peer.request

    async def stats(self):
        async with Case(ping_interval_ms=200, ping_timeout_ms=200) as other:
            peer = await other.back()
            await clock.sleep(1000)
            assert other.ws.stats()["opens"] >= 1 and other.ws.stats()["rtt_ms"] is not None
            peer.mute = True
            await clock.sleep(1000)
            assert len(other.errors) == 1, "a dead link is not seen"
            await other.exchange()

    async def fetch(self):
        from partysocket import PartySocket

        def transport():
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh\xc3\xa4\xc3\xb6"
            peer = Peer(World(), Plan({}, self))
            peer._answer = lambda: peer.say(answer) or peer.say(END)
            return peer

        response = await PartySocket.fetch("localhost", "räum", body="ü", transport=transport)
        assert response.status == 200 and response.text() == "häö", response.body

    async def handlers(self):
        def handle(event):
            raise ValueError("a handler's own fault")

        async def handle_later(event):
            await clock.sleep(1)
            raise ValueError("an async handler's fault")

        peer = await self.back()
        for handler, text in ((handle, "a handler's own"), (handle_later, "an async handler's")):
            self.ws.add_event_listener("message", handler)
            del self.told[:]
            peer.text("x")
            await clock.sleep(20)
            self.ws.remove_event_listener("message", handler)
            assert text in "".join(self.told), "it was not told"

    async def orders(self):
        ws = self.ws
        await self.back()
        raises(ValueError, ws.close, 999)
        raises(ValueError, ws.reconnect, 1000, "x" * 200)
        ws.reconnect(4000, "später")
        await self.exchange()
        ws.close(3000, "tschüß")
        await ws.wait_closed()
        ws.send("after close()")
        ws.reconnect()

    async def wrong_options(self):
        from partysocket import PartySocket, WebSocket

        raises(TypeError, WebSocket, "ws://server", nonsense=1)
        raises(ValueError, WebSocket, "ws://server", ping_interval_ms=-1)
        raises(ValueError, PartySocket, "server")
        raises(ValueError, setattr, self.ws, "binary_type", "blob")

    async def hook(self):
        import partysocket

        world = World()
        async with partysocket.use_web_socket("ws://server/", transport=world.transport) as hook:
            assert await hook.socket.wait_open(5000)
            hook.socket.send("by a hook")
            await clock.sleep(50)
            assert world.peer.got(TEXT) == [b"by a hook"]

    # Options that need a module: the socket opens, and goes on after a loss.

    async def made(self, *url, **options):
        async with Case(*url, **options) as other:
            await other.exchange()
            other.peer.reset()
            await clock.sleep(10)
            await other.exchange()

    async def hello(self):
        await self.made(hello=lambda: "grüß")

    async def providers(self):
        async def url():
            return "ws://server/ü?a=b"

        await self.made(url, headers=lambda: {"X-A": "b"}, connection_timeout=(500, 900))

    async def tls(self):
        await self.made("wss://server/path", ssl=False)

    async def link(self):
        await self.made(link=Below())

    async def party_room(self):
        query = {"tökén": "a b", "no": None}
        await self.made("räum #1", is_party=True, query=lambda: query, connection_id="fresh")


NAMES = """flush fetch full_ring garbage handlers hello hook link long_messages losses orders
    party_room providers refusals stats stream tls update wrong_frames wrong_options""".split()


async def do(name):
    """Do one thing again and again, until nothing fails to load any more."""
    from partysocket import Error

    late.forget()
    async with OddPaths() as case:
        await case.exchange()
        late.is_late = True
        for _ in range(_TRIES):
            before = late.failures
            error = None
            try:
                await getattr(case, name)()
            except (MemoryError, ImportError, OSError, Error, AssertionError) as e:
                error = e
            has_failed = late.failures > before
            if has_failed:
                told.append("%s: %s failed to load: %r" % (name, late.loads[-1], error))
            # Whatever happened, the socket goes on.
            await case.exchange()
            if not has_failed:
                late.is_late = False
                if error is not None:
                    raise error
                return
    raise Broken("it does not work when it is tried again: %r" % error)
