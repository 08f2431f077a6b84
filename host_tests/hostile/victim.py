"""One socket that meets one attack after another, and checks of how each must end."""

import gc

from api.world import Log
from simulation.clock import clock

from .attacks import BUFFER, MOST

sleep = clock.sleep
# The receive buffer, with space for a header.
HELD = BUFFER + 64
# The wait before each dial, except patient ones.
BACK_MS = 10


class Victim:
    """`prepare(peer)` is called with each dial's transport before it begins."""

    def __init__(self, world, prepare=None, **options):
        self.world = world
        self.peer = None
        # The largest space for a read so far.
        self.held = 0
        self._prepare = prepare
        given = {
            "min_reconnection_delay": BACK_MS,
            "max_reconnection_delay": 10_000,
            "reconnection_delay_grow_factor": 1,
            "connection_timeout": 4000,
            "transport": self._dial,
        }
        given.update(options)
        self.ws = world.websocket(**given)
        self.log = Log(self.ws)

    def _dial(self):
        peer = self.world.transport()
        peer.checks_pongs = False
        receive = peer.recv_into

        def watched(view):
            self.held = max(self.held, len(view))
            peer.expect(self.held <= max(HELD, MOST), "too much room to read into")
            return receive(view)

        peer.recv_into = watched
        if self._prepare is not None:
            self._prepare(peer)
        return peer

    async def opened(self):
        """The peer of the next connection. The log is cleared after its `open`."""
        self.peer = await self.world.next()
        assert self.log[-1][0] == "open", self.log
        self.log.clear()
        self.held = 0
        return self.peer

    def expect_end(self, code, reason="", clean=False, sent=None, messages=0):
        """Check how the connection ended: our Close on the wire (`sent` is its code; None: `code`;
        0: no Close), the events, the socket.
        """
        sent = code if sent is None else sent
        assert self.peer.close_codes() == ([sent] if sent else []), self.log
        names = ["message"] * messages + ([] if clean else ["error"]) + ["close", "reconnecting"]
        assert self.log.names() == names, self.log
        assert self.log[-2] == ("close", code, reason, clean)
        assert self.peer.is_closed
        assert self.ws.ready_state == 3

    async def suffer(self, data, code, messages=0, segment=0, ms=5):
        """Receive `data`, and end with our own Close with `code`."""
        peer = await self.opened()
        peer.plan.segment = segment
        peer.say(data)
        await sleep(ms)
        self.expect_end(code, messages=messages)


def endless(peer, make, first=b""):
    """From now on there is always more to read: after `first`, `make()` again and again. Returns a
    list with one number, the bytes read so far.
    """
    read = [0]
    rest = bytearray(first)

    def recv_into(view):
        n = len(view)
        while len(rest) < n:
            rest.extend(make())
        view[:] = rest[:n]
        rest[:n] = b""
        read[0] += n
        return n

    peer.recv_into = recv_into
    # It is never taken, so the socket stays readable.
    peer.say(b"!")
    return read


def allocated():
    """Bytes in use. On CPython those that are new since the first call."""
    gc.collect()
    if hasattr(gc, "mem_alloc"):
        return gc.mem_alloc()
    import tracemalloc

    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]
