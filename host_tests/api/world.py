"""The sockets of one claim, and the servers they dial."""

from parity.servers import Servers
from simulation.clock import clock
from simulation.peer import TEXT, frame

REFUSE = {"refuse": 5}
OPEN = {"accept": 1}
HANGS = {"hangs": True}


class World(Servers):
    """One socket at a time, in one network. `plans`: see parity/scripts.py; or {"answer": bytes}
    that stand for the whole answer. Besides, {"fails": (call, error)}: that call of the transport
    raises the error; and "tls_ms".
    """

    def __init__(self, plans=()):
        super().__init__(list(plans), lambda: "")
        self.sockets = []
        self.told = []  # what debug_logger got
        self.pings = []  # ms of each that a server got
        self.may_leave = None  # what a task may end by and tell the loop of

    def transport(self):
        peer = super().transport()
        n = len(self.peers) - 1
        given = self.plans[min(n, len(self.plans) - 1)] if self.plans else {}
        peer.plan.failing, peer.plan.error = given.get(
            "fails", (peer.plan.failing, peer.plan.error)
        )
        peer.plan.tls_ms = given.get("tls_ms", 0)
        return peer

    def note(self, text):
        if text.startswith("server: ping"):
            self.pings.append(clock.now())

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

        ws = WebSocket(url, protocols, **self.options(options))
        self.sockets.append(ws)
        return ws

    def party(self, room="r", **options):
        from partysocket import PartySocket

        ws = PartySocket("localhost", room, **self.options(options))
        self.sockets.append(ws)
        return ws

    @property
    def peer(self):
        """The newest connection, as its server sees it."""
        return self.peers[-1]

    async def opened(self, n=1):
        """The n-th connection, once it is open."""
        for _ in range(2000):
            await clock.sleep(5)
            if len(self.peers) >= n and self.peers[n - 1].answered:
                await clock.sleep(5)
                return self.peers[n - 1]
        raise AssertionError("connection %d never opened" % n)

    def say(self, text):
        self.peer.say(frame(TEXT, text.encode()))

    def texts(self):
        """What the newest connection's server got."""
        return [data for _, data in self.peer.sent]

    async def end(self):
        """Close all; nothing may be left."""
        for ws in self.sockets:
            ws.close()
            await ws.wait_closed()
        assert not self.open_now, "a socket is left open"
        assert not self.faults, self.faults


class Log(list):
    """What a socket's listeners heard: (type, fields) each; `.times` has the ms."""

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

    def names(self):
        return [entry[0] for entry in self]


on_turn = []  # what else is to be called at each turn of the loop


def turns():
    for f in on_turn:
        f()


def in_loop(claim, begins_at, *given):
    """Run `claim(world, ...)` in a loop of its own, whose ticks begin at `begins_at`."""
    world = World()

    async def main():
        await claim(world, *given)
        await world.end()

    clock.run(main, begins_at, turns, True)
    left = clock.left_behind()
    if world.may_leave:
        left = [text for text in left if world.may_leave not in text]
    assert not left, left


def raises(kind, f, *given, **named):
    """The error of `kind` that `f` raises."""
    try:
        f(*given, **named)
    except kind as e:
        return e
    raise AssertionError("no %s from %r %r" % (kind.__name__, given, named))
