"""One socket that meets one attack after another, and what each of them has to end in."""

from engine.virtual import Log, sleep

from .attacks import BUFFER, MOST

HEADER = 10  # the receive buffer has room for one more
BACK_MS = 10  # the wait before each dial that is not patient


class Victim:
    """`prepare(peer)` is called with each dial's transport before it begins."""

    def __init__(self, server, prepare=None, **options):
        self.server = server
        self.peer = None
        self.held = 0  # the most bytes that were held for what the server sent
        self._prepare = prepare
        given = {"min_reconnection_delay": BACK_MS, "reconnection_delay_grow_factor": 1}
        given.update(options)
        self.ws = server.websocket(transport=self._dial, **given)
        self.log = Log(self.ws)

    def _dial(self):
        peer = self.server.transport()
        peer.bytes_in = bytearray()  # appended to in place: floods are long
        receive = peer.recv_into

        def watched(view):
            self.look()
            return receive(view)

        peer.recv_into = watched
        if self._prepare is not None:
            self._prepare(peer)
        return peer

    def look(self):
        """Note how much is held."""
        engine = self.ws._engine
        frames = engine.frames
        self.held = max(self.held, len(frames._buf) + len(frames._message or b""))
        assert len(frames._buf) == BUFFER + HEADER
        assert self.held <= BUFFER + HEADER + MOST
        assert len(engine.ring.buf) == self.ws._options["queue_bytes"]

    async def opened(self):
        """The peer of the next connection. The log begins anew after its `open`."""
        self.peer = await self.server.opened()
        assert self.log[-1][0] == "open", self.log
        self.log.clear()
        self.held = 0
        return self.peer

    def expect_end(self, code, reason="", clean=False, sent=None, messages=0):
        """The connection has ended so: our Close on the wire (`sent`: its code, None: `code`;
        0: there is none), the events, the socket.
        """
        sent = code if sent is None else sent
        assert self.peer.close_codes == ([sent] if sent else []), self.log
        names = ["message"] * messages + ([] if clean else ["error"]) + ["close", "reconnecting"]
        assert self.log.names == names, self.log
        assert self.log[-2] == ("close", code, reason, clean)
        assert self.peer.closed
        assert self.ws.ready_state == 3

    async def suffer(self, data, code, messages=0, segment=None, ms=5):
        """Meet `data`, end with a Close of our own with `code`."""
        peer = await self.opened()
        peer.segment = segment
        peer.raw(data)
        await sleep(ms)
        self.expect_end(code, messages=messages)


def endless(peer, make):
    """From now on there is always more to read: behind what has come already `make()`, again and
    again. Returns a list of one number, the bytes read so far.
    """
    read = [0]
    rest = bytearray(peer._inbox)

    def recv_into(view):
        n = len(view)
        while len(rest) < n:
            rest.extend(make())
        view[:] = rest[:n]
        del rest[:n]
        read[0] += n
        return n

    peer.recv_into = recv_into
    peer.raw(b"!")  # which nobody takes: it stays readable
    return read
