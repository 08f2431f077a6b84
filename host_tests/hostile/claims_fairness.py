"""However busy a connection is, other tasks of the loop must run. This is counted, not timed.

A witness counts its turns. Between two of them at most `_MOST` messages or reads may pass.
"""

from api.world import each
from core import wire
from core.wire import BINARY, CONTINUATION, PING, PONG, TEXT, frame, text_frame
from simulation.clock import clock

from .victim import Victim, endless

# The library's 16, and the one after which it sees that the limit is reached.
_MOST = 17


class Witness:
    """A task that only asks for its next turn. `longest` is the most that passed between two
    turns.
    """

    def __init__(self):
        self.turns = self.longest = self.total = 0
        self._since = 0
        self._task = clock.spawn(self._turn())

    def note(self, *_):
        """Something passed."""
        self.total += 1
        self._since += 1
        self.longest = max(self.longest, self._since)
        # The loop hangs: end the test.
        if self._since > 5000:
            raise SystemExit("5,000 in a row without a turn for another task")

    async def _turn(self):
        while True:
            self.turns += 1
            self._since = 0
            await clock.sleep(0)

    def end(self, peer=None):
        """Stop counting, and end an endless `peer`."""
        self._task.cancel()
        if peer is not None:
            peer.recv_into = lambda view: 0


async def _turns(witness, n):
    """Let the loop run until the witness has had `n` more turns."""
    until = witness.turns + n
    while witness.turns < until:
        await clock.sleep(0)


def _counted(peer, calls=("recv_into", "_take")):
    """A Witness of the reads from `peer`, and of the writes to it."""
    witness = Witness()

    def noting(f):
        def noted(data):
            witness.note()
            return f(data)

        return noted

    for call in calls:
        setattr(peer, call, noting(getattr(peer, call)))
    return witness


_FLOODS = {
    "empty texts": text_frame(""),
    "texts": text_frame("a"),
    "binary": frame(BINARY, b"ab"),
    "messages as long as the buffer": frame(BINARY, bytes(2000)),
    "longer ones": frame(BINARY, bytes(5000)),
    "in fragments": frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b"),
}


@each(
    *[(flood, how) for flood in _FLOODS.values() for how in ("handler", "async handler", "recv")]
)
async def claim_a_flood_of_messages_starves_nobody(world, flood, how):
    victim = Victim(world)
    ws = victim.ws
    peer = await victim.opened()
    heard = Witness()

    async def later(event):
        heard.note()

    async def consume():
        async for _ in ws:
            heard.note()

    if how == "recv":
        consumer = clock.spawn(consume())
    else:
        ws.onmessage = heard.note if how == "handler" else later
    endless(peer, lambda: flood)
    await _turns(heard, 100)
    assert heard.total >= 40
    # Between two turns of other tasks a handler gets at most 16. The reader may be one ahead.
    assert heard.longest <= (16 if how == "handler" else _MOST)
    heard.end(peer)
    if how == "recv":
        consumer.cancel()


_NOTHINGS = {
    "pongs": frame(PONG, b"0"),
    "pings": frame(PING, b"0"),
    "empty fragments and bytes": frame(CONTINUATION, b"", fin=False) * 500
    + frame(CONTINUATION, b"x", fin=False),
}


@each(*_NOTHINGS)
async def claim_a_flood_of_what_nobody_hears_starves_nobody(world, flood):
    peer = await Victim(world).opened()
    if "fragments" in flood:
        peer.say(frame(TEXT, b"", fin=False))
        await clock.quiet()
    endless(peer, lambda: _NOTHINGS[flood])
    reads = _counted(peer)
    await _turns(reads, 30)
    # A read may have hundreds of pings, whose pongs take their own turns.
    while reads.total < 20 and reads.turns < 1000:
        await _turns(reads, 1)
    assert reads.total >= 20 and reads.longest <= _MOST
    reads.end(peer)


@each(frame(3), frame(TEXT, b"\xff"), frame(BINARY, size=2**40), None)
async def claim_a_flood_after_a_fault_or_our_close_starves_nobody(world, fault):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    if fault is None:
        endless(peer, lambda: text_frame("a"))
        reads = _counted(peer)
        victim.ws.close()
    else:
        peer.say(fault)
        await clock.quiet()
        endless(peer, lambda: b"x" * 100)
        reads = _counted(peer)
    await _turns(reads, 300)
    assert peer.close_codes() and reads.longest <= _MOST
    reads.end(peer)


async def claim_a_flood_of_headers_starves_nobody(world):
    witness = []

    def flood(peer):
        endless(peer, lambda: b"X: " + b"y" * 2000 + b"\r\n", b"HTTP/1.1 101 x\r\n")
        witness.append(_counted(peer))
        return b""

    world.plans = [{"answer": flood}, {}]
    victim = Victim(world)
    while not victim.log:
        await clock.sleep(0)
    witness[0].end()
    assert victim.log.names() == ["error", "close", "reconnecting"]
    # After so many lines the dial has failed.
    assert 90 <= witness[0].total and witness[0].longest <= 100
    await world.next()


@each(0, 1, 100, 1000)
async def claim_a_fast_producer_starves_nobody_and_is_not_starved(world, size):
    victim = Victim(world)
    peer = await victim.opened()
    sent = Witness()
    written = _counted(peer, ["_take"])
    for _ in range(1000):
        assert victim.ws.send(bytes(size)) is True
        sent.note()
        await clock.sleep(0)
    await _turns(sent, 30)
    assert sent.longest <= _MOST and written.longest <= _MOST
    assert len(peer.frames) == 1000 and victim.ws.stats()["discarded"] == 0
    sent.end()
    written.end()


async def claim_a_flood_both_ways_starves_neither_way_nor_others(world):
    victim = Victim(world)
    peer = await victim.opened()
    heard = Witness()
    victim.ws.onmessage = heard.note
    endless(peer, lambda: text_frame("a"))
    for _ in range(300):
        assert victim.ws.send("b") is True
        await clock.sleep(0)
    await _turns(heard, 5)
    # All but what the last turns brought.
    assert len(peer.frames) >= 290
    assert heard.total >= 300 and heard.longest <= _MOST
    heard.end(peer)


async def claim_a_long_queue_written_at_once_starves_nobody(world):
    witness = []

    def answer(peer):
        witness.append(_counted(peer, ["_take"]))
        return wire.accepting(peer.request)

    world.plans = [{"accept": 10, "answer": answer}]
    victim = Victim(world, queue_bytes=200_000)
    for _ in range(190):
        victim.ws.send(bytes(1000))
    await clock.sleep(9)
    while not witness or witness[0].total < 190:
        await clock.sleep(0 if witness else 1)
    witness[0].end()
    assert len(world.peer.frames) == 190
    assert witness[0].longest <= _MOST
