"""However busy a connection is, the loop's other tasks have their turns: counted, not timed.

A witness counts its turns; between two of them no more than `_MOST` messages or reads may pass.
"""

import asyncio

import pytest

from api.virtual import virtual
from simulation import wire
from simulation.clock import clock
from simulation.wire import BINARY, CONTINUATION, PING, TEXT, frame, text_frame

from .victim import Victim, endless

_MOST = 17  # the link's 16, and the one after which it sees that they are full


class Witness:
    """A task that does nothing but ask for its turn again; `longest` is how much passed at most
    between two of them.
    """

    def __init__(self):
        self.turns = self.longest = self.total = 0
        self._since = 0
        self._task = asyncio.create_task(self._turn())

    def note(self, *_):
        """Something passed."""
        self.total += 1
        self._since += 1
        self.longest = max(self.longest, self._since)
        if self._since > 5000:  # the loop hangs: end the test, not the machine
            raise SystemExit("5,000 in a row without a turn for another task")

    async def _turn(self):
        while True:
            self.turns += 1
            self._since = 0
            await asyncio.sleep(0)

    def end(self, peer=None):
        """No more turns; and an endless `peer` has ended."""
        self._task.cancel()
        if peer is not None:
            peer.recv_into = lambda view: 0


async def turns(witness, n):
    """Let the loop turn until the witness has had `n` more."""
    until = witness.turns + n
    while witness.turns < until:
        await asyncio.sleep(0)


_FLOODS = {
    "empty texts": text_frame(""),
    "texts": text_frame("a"),
    "binary": frame(BINARY, b"ab"),
    "messages as long as the buffer": frame(BINARY, bytes(2000)),
    "longer ones": frame(BINARY, bytes(5000)),
    "in fragments": frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b"),
}


@virtual
async def test_between_two_turns_there_are_no_more_than_16_messages(world):
    victim = Victim(world)
    peer = await victim.opened()
    heard = Witness()
    victim.ws.onmessage = heard.note
    endless(peer, lambda: text_frame("a"))
    await turns(heard, 50)
    heard.end(peer)
    assert heard.longest <= 16


@pytest.mark.parametrize("how", ["handler", "async handler", "recv"])
@pytest.mark.parametrize("flood", _FLOODS)
@virtual
async def test_a_flood_of_messages_starves_nobody(world, flood, how):
    victim = Victim(world)
    ws = victim.ws
    peer = await victim.opened()
    heard = Witness()

    async def later(event):
        heard.note()

    async def consume():
        async for _ in ws:
            heard.note()

    consumer = None
    if how == "recv":
        consumer = asyncio.create_task(consume())
    else:
        ws.onmessage = heard.note if how == "handler" else later
    endless(peer, lambda: _FLOODS[flood])
    await turns(heard, 300)
    assert heard.total >= 50
    assert heard.longest <= _MOST
    heard.end(peer)
    if consumer:
        consumer.cancel()


_NOTHINGS = {
    "pongs": frame(10, b"0"),
    "pings": frame(PING, b"0"),
    "empty fragments and bytes": frame(CONTINUATION, b"", fin=False) * 500
    + frame(CONTINUATION, b"x", fin=False),
}


@pytest.mark.parametrize("flood", _NOTHINGS)
@virtual
async def test_a_flood_of_what_nobody_hears_starves_nobody(world, flood):
    victim = Victim(world)
    peer = await victim.opened()
    if "fragments" in flood:
        peer.say(frame(TEXT, b"", fin=False))
        await clock.quiet()
    endless(peer, lambda: _NOTHINGS[flood])
    reads = counted(peer)
    await turns(reads, 30 if "fragments" in flood else 1000)
    assert reads.total >= 20 and reads.longest <= _MOST
    reads.end(peer)


def counted(peer, witness=None, calls=("recv_into", "_take")):
    """A Witness of the reads from `peer` and of the writes to it."""
    witness = witness or Witness()

    def noting(f):
        def noted(data):
            witness.note()
            return f(data)

        return noted

    for call in calls:
        setattr(peer, call, noting(getattr(peer, call)))
    return witness


_FAULTS = {"opcode": frame(3), "UTF-8": frame(TEXT, b"\xff"), "length": frame(BINARY, size=2**40)}


@pytest.mark.parametrize("fault", _FAULTS)
@virtual
async def test_a_flood_after_a_fault_starves_nobody(world, fault):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    peer.say(_FAULTS[fault])
    await clock.quiet()
    endless(peer, lambda: b"x" * 100)
    reads = counted(peer)
    await turns(reads, 300)
    assert peer.close_codes() and reads.longest <= _MOST
    reads.end(peer)


@virtual
async def test_a_flood_after_our_close_starves_nobody(world):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    endless(peer, lambda: text_frame("a"))
    reads = counted(peer)
    victim.ws.close()
    await turns(reads, 300)
    assert reads.longest <= _MOST
    reads.end(peer)


@virtual
async def test_a_flood_of_headers_starves_nobody(world):
    witness = []

    first = b"HTTP/1.1 101 x\r\n"

    def flood(peer):
        endless(peer, lambda: b"X: " + b"y" * 2000 + b"\r\n", first)
        witness.append(counted(peer))
        return b""

    world.plans = [{"answer": flood}, {}]
    victim = Victim(world)
    while not victim.log:
        await asyncio.sleep(0)
    witness[0].end()
    assert victim.log.names() == ["error", "close", "reconnecting"]
    assert witness[0].total >= 90
    assert witness[0].longest <= 100  # lines, then it is over
    await world.next()


@pytest.mark.parametrize("size", [0, 1, 100, 1000])
@virtual
async def test_a_fast_producer_starves_nobody_and_is_not_starved(world, size):
    victim = Victim(world)
    peer = await victim.opened()
    sent = Witness()
    written = counted(peer, calls=["_take"])
    for _ in range(3000):
        assert victim.ws.send(bytes(size)) is True
        sent.note()
        await asyncio.sleep(0)
    await turns(sent, 30)
    assert sent.longest <= _MOST and written.longest <= _MOST
    assert len(peer.frames) == 3000 and victim.ws.stats()["discarded"] == 0
    sent.end()
    written.end()


@virtual
async def test_a_flood_both_ways_starves_neither_way_nor_others(world):
    victim = Victim(world)
    peer = await victim.opened()
    heard = Witness()
    victim.ws.onmessage = heard.note
    endless(peer, lambda: text_frame("a"))
    for _ in range(2000):
        assert victim.ws.send("b") is True
        await asyncio.sleep(0)
    await turns(heard, 5)
    assert len(peer.frames) >= 1990  # all but what the last turns brought
    assert heard.total >= 2000 and heard.longest <= _MOST
    heard.end(peer)


@virtual
async def test_a_long_queue_written_at_once_starves_nobody(world):
    witness = []

    def answer(peer):
        witness.append(counted(peer, calls=["_take"]))
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
