"""The sockets of one claim, and the servers that they dial."""

import asyncio

from core import wire
from core.wire import BINARY, CLOSE, PING, PONG
from parity import servers
from simulation.clock import clock, play
from simulation.network import NEVER
from simulation.peer import END, TEXT, frame

REFUSE = {"refuse": 5}
OPEN = {"accept": 1}
HANGS = {"hangs": True}


class Plan(servers.Plan):
    """A plan of parity/scripts.py, with these additions:

    connects  ms until the connection is there       hangs  True, or the phase: "tls", "http"
    fails  (a call of the transport, or "transport"  tls_ms  how long the phase "tls" takes
           for making it; an exception)
    answer  the whole answer, or a function that gives it to the peer
    """

    def __init__(self, given, world):
        super().__init__(given, world)
        self.world = world
        if given.get("hangs") in ("tls", "http"):
            self.connect_ms = 0
            self.tls_ms = NEVER if given["hangs"] == "tls" else 0
            self.answer_ms = None
        self.connect_ms = given.get("connects", self.connect_ms)
        self.tls_ms = given.get("tls_ms", self.tls_ms)
        self.failing, self.error = given.get("fails", (self.failing, self.error))

    def reply(self, peer):
        if callable(self.answer):
            self.answer = self.answer(peer)
        # There is no answer yet; END would be a FIN here.
        if self.answer != b"":
            super().reply(peer)
            self.world.tell()


class Peer(servers.Peer):
    """One dial, from its server's side."""

    def __init__(self, world, plan):
        super().__init__(world, plan)
        self.url = ""
        # The arguments of `start`.
        self.target = None
        # (opcode, payload) of the whole messages and control frames that came.
        self.frames = []
        # (opcode, fin, payload) of the frames of messages.
        self.fragments = []
        # Each pong must answer a ping of `pings`.
        self.checks_pongs = True

    def start(self, *target):
        self.target = target
        super().start(*target)

    def close(self):
        super().close()
        self.world.tell()

    def _frame(self, opcode, fin, payload):
        if opcode < CLOSE:
            self.fragments.append((opcode, fin, payload))
        else:
            self.frames.append((opcode, payload))
        if opcode != PONG or self.checks_pongs:
            super()._frame(opcode, fin, payload)

    # What it received.

    def messages(self):
        """The messages, as str or bytes."""
        return [
            data.decode() if opcode == TEXT else data
            for opcode, data in self.frames
            if opcode in (TEXT, BINARY)
        ]

    def got(self, opcode):
        """The payloads of one kind of frame."""
        return [data for kind, data in self.frames if kind == opcode]

    def close_codes(self):
        return [int.from_bytes(data[:2], "big") if data else None for data in self.got(CLOSE)]

    def path(self):
        return self.request.decode().split(" ")[1]

    def header(self, name):
        for line in self.request.decode().split("\r\n"):
            if line.lower().startswith(name.lower() + ":"):
                return line.split(":", 1)[1].strip()
        return None

    # What it does.

    def text(self, *texts):
        for text in texts:
            self.say(frame(TEXT, text.encode()))

    def binary(self, data):
        self.say(frame(BINARY, data))

    def ping(self, data):
        self.pings.append(data)
        self.say(frame(PING, data))

    def pong(self, data):
        self.say(frame(PONG, data))

    def say_close(self, code=1000, reason=""):
        self.sent_close = code or 1005
        self.say(wire.close_frame(code, reason))

    def say_slowly(self, data, cut, gap_ms):
        """Send `data` in pieces of `cut` bytes, with `gap_ms` between them."""
        for i in range(0, len(data), cut):
            self.say(data[i : i + cut], i // cut * gap_ms)

    def end(self):
        self.say(END)

    def reset(self, error=None):
        super().reset(error or OSError(104, "ECONNRESET"))


class World(servers.Servers):
    """One socket at a time, in one network. `plans`: what the dials meet, one after the other; the
    last one is for all later dials.
    """

    peer_class = Peer

    def __init__(self, plans=()):
        super().__init__(list(plans), lambda: "")
        self.sockets = []
        # Calls of debug_logger.
        self.told = []
        # Functions that end what a claim has begun.
        self.at_end = []
        # The ms of each ping that a server got.
        self.pings = []
        self._served = 0
        # An Event while a task waits. It belongs to one loop.
        self._news = None

    def meet(self, *plans):
        """Set the plans of the next dials. The last one is for all later dials."""
        self.plans = [OPEN] * len(self.peers) + list(plans)

    def forget(self):
        """Forget the peers so far and what they got. The next dial meets a healthy server."""
        self.peers, self.plans, self._served = [], [], 0

    def transport(self):
        plans = self.plans or [{}]
        peer = self.peer_class(self, Plan(plans[min(len(self.peers), len(plans) - 1)], self))
        self.peers.append(peer)
        if peer.plan.failing == "transport":
            peer.is_closed = True
            raise peer.plan.error
        return peer

    def note(self, text):
        if text.startswith("server: ping"):
            self.pings.append(clock.now())

    def taken(self, peer, opcode, data, is_chunked):
        peer.frames.append((opcode, data))

    def options(self, given):
        options = {
            "transport": self.transport,
            "jitter": "none",
            "min_reconnection_delay": 1000,
            "ping_interval_ms": 0,
            "debug_logger": self.told.append,
        }
        options.update(given)
        return options

    def websocket(self, url="ws://server/path", protocols=None, **options):
        from partysocket import WebSocket

        return self._kept(WebSocket(url, protocols, **self.options(options)))

    def party(self, room="r", **options):
        from partysocket import PartySocket

        return self._kept(PartySocket("localhost", room, **self.options(options)))

    def device(self, name="porch", **options):
        from partysocket.device import Device

        device = Device("localhost", "r", name, **self.options(options))
        self._kept(device.socket)
        return device

    def _kept(self, ws):
        self.sockets.append(ws)
        return ws

    @property
    def peer(self):
        """The newest connection, from its server's side."""
        return self.peers[-1]

    def tell(self):
        """Something happened for which the methods below wait."""
        news, self._news = self._news, None
        if news is not None:
            news.set()

    async def _change(self):
        if self._news is None:
            self._news = asyncio.Event()
        await self._news.wait()

    async def open(self, *url, **options):
        """Open a socket. Returns it, the server's side, and its Log. The Log begins with `open`
        and gets the messages; recv() only has those after its first use.
        """
        ws = self.websocket(*url, **options)
        log = Log(ws)
        return ws, await self.next(), log

    async def next(self):
        """Return the next connection that opens, after the one that was returned last."""
        while True:
            while self._served < len(self.peers):
                peer = self.peers[self._served]
                if not peer.answered and not peer.is_closed:
                    break
                self._served += 1
                if peer.answered:
                    await clock.quiet()
                    return peer
            await self._change()

    async def end(self):
        """Close everything, and check that nothing is left."""
        for ws in self.sockets:
            ws.close()
            await ws.wait_closed()
        for stop in self.at_end:
            stop()
        await clock.quiet()
        assert not self.open_now, "a socket is left open"
        assert not self.faults, self.faults


class Log(list):
    """The events of a socket, each as (type, fields). `.times` has their ms."""

    FIELDS = {
        "open": ("reconnected",),
        "message": ("data",),
        "close": ("code", "reason", "was_clean"),
        "error": ("message",),
        "reconnecting": ("delay_ms", "retry_count"),
        "discard": ("count",),
        "giveup": (),
    }

    def __init__(self, ws, types=None):
        super().__init__()
        self.times = []
        self.events = []
        for type in types or self.FIELDS:
            ws.add_event_listener(type, self._hear)

    def _hear(self, event):
        self.times.append(clock.now())
        self.events.append(event)
        self.append(
            tuple([event.type] + [getattr(event, name) for name in self.FIELDS[event.type]])
        )

    def clear(self):
        for part in (self, self.times, self.events):
            del part[:]

    def names(self):
        return [entry[0] for entry in self]

    def of(self, type):
        return [entry for entry in self if entry[0] == type]

    def data(self):
        """The data of the messages."""
        return [entry[1] for entry in self.of("message")]

    def delays(self):
        return [entry[1] for entry in self.of("reconnecting")]


class Untold(Exception):
    """An error whose text raises."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def raises(kind, f, *given, **named):
    """Return the error of `kind` that `f` raises."""
    try:
        f(*given, **named)
    except kind as e:
        return e
    raise AssertionError("no %s from %r %r" % (kind.__name__, given, named))


async def fails(kind, awaitable):
    """Return the error of `kind` with which `awaitable` ends."""
    try:
        result = await awaitable
    except kind as e:
        return e
    raise AssertionError("no %s, but %r" % (kind.__name__, result))


def each(*cases):
    """Make `claim(world, *case)` a claim for each of the cases, each in its own world."""

    def of_all(claim):
        async def claim_each(world):
            for case in cases:
                given = case if isinstance(case, tuple) else (case,)
                try:
                    one = World()
                    await claim(one, *given)
                    await one.end()
                except Exception as e:
                    told = [one for one in given if not isinstance(one, Untold)]
                    print("in case %d of %d:" % (1 + cases.index(case), len(cases)), told)
                    raise e

        return claim_each

    return of_all


def in_loop(claim, begins_at=1_000_000, *given):
    """Run `claim(world, ...)` in its own loop, with ticks that begin at `begins_at`. Check that
    nothing is left.
    """
    world = World()

    async def main():
        await claim(world, *given)
        await world.end()

    play(main, begins_at)
