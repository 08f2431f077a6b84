"""Servers that never come to the point of a WebSocket: what is read, held, told, dialed next."""

from api.world import in_each
from core import wire
from simulation.clock import clock

from .attacks import refusals
from .victim import HELD, Victim, allocated, endless, sleep

_TIMEOUT_MS = 4000
_PATIENT_MS = 50_000  # max_reconnection_delay x 5
_FIRST = b"HTTP/1.1 101 x\r\n"


async def _expect_refusal(world, victim, phase="http"):
    """The first dial failed without a Close, and the second one opens."""
    assert victim.log.names()[:3] == ["error", "close", "reconnecting"]
    assert victim.log[1] == ("close", 1006, "", False)
    assert victim.ws.last_error[0] == phase
    first = world.peers[0]
    assert first.is_closed and first.taken == len(first.request)
    await sleep(_PATIENT_MS)
    assert victim.log[-1] == ("open", False)
    assert len(world.peers) == 2


def _expect_timeout(victim, at):
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] - at == _TIMEOUT_MS


async def _flooded(world, line, first):
    """The first answer is `first` and then `line` without end: nothing is held for it; how many
    bytes of it were read.
    """
    read = []
    seen = {"calls": 0, "first": allocated(), "most": 0}

    def flood():
        if seen["calls"] % 20 == 1:
            seen["first"] = seen["first"] if seen["calls"] > 1 else allocated()
            seen["most"] = max(seen["most"], allocated())
        seen["calls"] += 1
        return line

    world.plans = [{"answer": lambda peer: read.append(endless(peer, flood, first)) or b""}, {}]
    victim = Victim(world)
    await sleep(10)
    assert seen["most"] - seen["first"] < 20_000, seen
    return victim, read[0][0]


async def claim_a_line_without_end_is_read_no_further_than_the_buffer(world):
    victim, read = await _flooded(world, b"a" * 500, b"")
    assert 2048 <= read <= HELD
    await _expect_refusal(world, victim)


async def claim_lines_without_end_are_read_no_further_than_a_hundred(world):
    async def claim(world, line):
        victim, read = await _flooded(world, line, _FIRST)
        assert read <= len(_FIRST) + 100 * len(line) + HELD
        if line.strip():
            assert victim.log[0] == ("error", "more than 100 header lines")
            assert read >= len(_FIRST) + 99 * len(line)
        await _expect_refusal(world, victim)

    await in_each((b"\n", b"\r\n", b"X: y\r\n", b"a" * 2000 + b":\n", b"Date: \n"), claim)


async def claim_an_answer_that_is_none_is_refused(world):
    async def claim(world, case):
        name, cut = case
        world.plans = [{"answer": refusals()[name]}, {}]
        victim = Victim(world, lambda peer: setattr(peer.plan, "segment", cut))
        await sleep(_TIMEOUT_MS + 5)
        await _expect_refusal(world, victim)

    await in_each([(name, cut) for name in refusals() for cut in (0, 1)], claim)


async def claim_an_answer_that_takes_its_time_ends_at_the_deadline(world):
    async def claim(world, cut):
        def slowly(peer):
            answer = wire.accepting(peer.request)
            peer.say_slowly(answer if cut == 1 else _FIRST + b"Set-Co: a\r\n" * 50, cut, 1000)
            return b""

        world.plans = [{"answer": slowly}, {}]
        at = clock.now()
        victim = Victim(world)
        await sleep(_TIMEOUT_MS + 5)
        _expect_timeout(victim, at)
        await _expect_refusal(world, victim)

    await in_each((1, 11), claim)


async def claim_a_request_that_nobody_reads_ends_at_the_deadline(world):
    windows = [0, None]
    victim = Victim(world, lambda peer: setattr(peer, "window", windows.pop(0)))
    await sleep(_TIMEOUT_MS + 5)
    assert world.peers[0].request == b""
    _expect_timeout(victim, 0)
    await _expect_refusal(world, victim, "tcp")


async def claim_tcp_dropped_in_the_handshake_is_a_failed_dial(world):
    async def claim(world, case):
        how, answer = case

        def drop(peer):
            peer.say(answer) if answer else None
            getattr(peer, how)()
            return b""

        world.plans = [{"answer": drop}, {}]
        victim = Victim(world)
        await sleep(5)
        await _expect_refusal(world, victim)

    answers = (b"", b"HTTP", _FIRST + b"Upgrade: websocket\r\n")
    await in_each([(how, answer) for how in ("end", "reset") for answer in answers], claim)


async def claim_a_server_that_refuses_for_ever_is_not_hammered(world):
    world.plans = [{"answer": b"\n" * 5000}]
    victim = Victim(world)
    await sleep(3_600_000)
    assert len(world.peers) == 3_600_000 // _PATIENT_MS
    assert victim.log.names() == ["error", "close", "reconnecting"] * len(world.peers)
    assert victim.held <= HELD and clock.now() == 3_600_000
