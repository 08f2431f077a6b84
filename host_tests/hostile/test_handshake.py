"""Servers that never come to the point of a WebSocket: what is read, held, told, dialed next."""

import tracemalloc

import pytest

from api.virtual import virtual
from simulation import wire
from simulation.clock import clock

from .attacks import refusals
from .victim import HELD, Victim, endless, sleep

_TIMEOUT_MS = 4000
_PATIENT_MS = 50_000  # max_reconnection_delay x 5


async def expect_refusal(world, victim, phase="http"):
    """The first dial failed without a Close, and the second one opens."""
    assert victim.log.names()[:3] == ["error", "close", "reconnecting"]
    assert victim.log[1] == ("close", 1006, "", False)
    assert victim.ws.last_error[0] == phase
    first = world.peers[0]
    assert first.is_closed and first.taken == len(first.request)
    await sleep(_PATIENT_MS)
    assert victim.log[-1] == ("open", False)
    assert len(world.peers) == 2


_FIRST = b"HTTP/1.1 101 x\r\n"


async def flood_of_headers(world, victim_reads, make, first):
    """The first dial's answer is `first` and then endless; nothing more is held for it."""
    world.plans = [{"answer": lambda peer: victim_reads.append(endless(peer, make, first)) or b""}]
    world.plans.append({})
    victim = Victim(world)
    tracemalloc.start()
    try:
        await sleep(10)
        assert tracemalloc.get_traced_memory()[1] < 60_000
    finally:
        tracemalloc.stop()
    return victim


@virtual
async def test_a_line_without_end_is_read_no_further_than_the_buffer(world):
    read = []
    victim = await flood_of_headers(world, read, lambda: b"a" * 500, b"")
    assert 2048 <= read[0][0] <= HELD
    await expect_refusal(world, victim)


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"X: y\r\n", b"a" * 2000 + b":\n", b"Date: \n"])
@virtual
async def test_lines_without_end_are_read_no_further_than_a_hundred(world, line):
    read = []
    victim = await flood_of_headers(world, read, lambda: line, _FIRST)
    assert read[0][0] <= len(_FIRST) + 100 * len(line) + HELD
    if line.strip():
        assert victim.log[0] == ("error", "more than 100 header lines")
        assert read[0][0] >= len(_FIRST) + 99 * len(line)
    await expect_refusal(world, victim)


@pytest.mark.parametrize("name", refusals())
@pytest.mark.parametrize("cut", [0, 1])
@virtual
async def test_an_answer_that_is_none(world, name, cut):
    world.plans = [{"answer": refusals()[name]}, {}]
    victim = Victim(world, lambda peer: setattr(peer.plan, "segment", cut))
    await sleep(_TIMEOUT_MS + 5)
    await expect_refusal(world, victim)


@pytest.mark.parametrize("cut", [1, 11])
@virtual
async def test_an_answer_that_takes_its_time_ends_at_the_deadline(world, cut):
    def slowly(peer):
        answer = wire.accepting(peer.request)
        peer.say_slowly(answer if cut == 1 else _FIRST + b"Set-Co: a\r\n" * 50, cut, 1000)
        return b""

    world.plans = [{"answer": slowly}, {}]
    victim = Victim(world)
    await sleep(_TIMEOUT_MS + 5)
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] == _TIMEOUT_MS
    await expect_refusal(world, victim)


@virtual
async def test_a_request_that_nobody_reads_ends_at_the_deadline(world):
    windows = [0, None]
    victim = Victim(world, lambda peer: setattr(peer, "window", windows.pop(0)))
    await sleep(_TIMEOUT_MS + 5)
    assert world.peers[0].request == b""
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] == _TIMEOUT_MS
    await expect_refusal(world, victim, "tcp")


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("answer", [b"", b"HTTP", _FIRST + b"Upgrade: websocket\r\n"])
@virtual
async def test_tcp_dropped_in_the_handshake(world, how, answer):
    def drop(peer):
        peer.say(answer) if answer else None
        getattr(peer, how)()
        return b""

    world.plans = [{"answer": drop}, {}]
    victim = Victim(world)
    await sleep(5)
    await expect_refusal(world, victim)


@virtual
async def test_a_server_that_refuses_for_ever_is_not_hammered(world):
    world.plans = [{"answer": b"\n" * 5000}]
    victim = Victim(world)
    await sleep(3_600_000)
    assert len(world.peers) == 3_600_000 // _PATIENT_MS
    assert victim.log.names() == ["error", "close", "reconnecting"] * len(world.peers)
    assert victim.held <= HELD
    assert clock.now() == 3_600_000
