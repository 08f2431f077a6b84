"""Servers that never complete the handshake: what is read, kept and reported, and the next
dial.
"""

from api.world import each
from core import wire
from simulation.clock import clock

from .attacks import refusals
from .victim import HELD, Victim, allocated, endless, sleep

_TIMEOUT_MS = 4000
# max_reconnection_delay x 5.
_PATIENT_MS = 50_000
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


@each(
    # This is one line without an end.
    b"a" * 500,
    b"\n",
    b"\r\n",
    b"X: y\r\n",
    b"a" * 2000 + b":\n",
    b"Date: \n",
)
async def claim_lines_without_end_are_read_no_further_than_the_buffer_or_a_hundred(world, line):
    read = []
    seen = {"calls": 0, "first": 0, "most": 0}

    def flood():
        if seen["calls"] % 20 == 1:
            held = allocated()
            seen["first"] = seen["first"] or held
            seen["most"] = max(seen["most"], held)
        seen["calls"] += 1
        return line

    is_one = not line.endswith(b"\n")
    first = b"" if is_one else _FIRST
    world.plans = [{"answer": lambda peer: read.append(endless(peer, flood, first)) or b""}, {}]
    victim = Victim(world)
    await sleep(10)
    # Nothing is kept of them.
    assert seen["most"] - seen["first"] < 20_000, seen
    read = read[0][0]
    if is_one:
        assert 2048 <= read <= HELD
    else:
        assert read <= len(first) + 100 * len(line) + HELD
    if line.strip() and not is_one:
        assert victim.log[0] == ("error", "more than 100 header lines")
        assert read >= len(first) + 99 * len(line)
    await _expect_refusal(world, victim)


@each(*[(answer, cut) for answer in refusals().values() for cut in (0, 1)])
async def claim_an_answer_that_is_none_is_refused(world, answer, cut):
    world.plans = [{"answer": answer}, {}]
    victim = Victim(world, lambda peer: setattr(peer.plan, "segment", cut))
    await sleep(_TIMEOUT_MS + 5)
    await _expect_refusal(world, victim)


@each(1, 11)
async def claim_an_answer_that_takes_its_time_ends_at_the_deadline(world, cut):
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


async def claim_a_request_that_nobody_reads_ends_at_the_deadline(world):
    windows = [0, None]
    victim = Victim(world, lambda peer: setattr(peer, "window", windows.pop(0)))
    await sleep(_TIMEOUT_MS + 5)
    assert world.peers[0].request == b""
    _expect_timeout(victim, 0)
    await _expect_refusal(world, victim, "tcp")


_ANSWERS = (b"", b"HTTP", _FIRST + b"Upgrade: websocket\r\n")


@each(*[(how, answer) for how in ("end", "reset") for answer in _ANSWERS])
async def claim_tcp_dropped_in_the_handshake_is_a_failed_dial(world, how, answer):
    def drop(peer):
        peer.say(answer) if answer else None
        getattr(peer, how)()
        return b""

    world.plans = [{"answer": drop}, {}]
    victim = Victim(world)
    await sleep(5)
    await _expect_refusal(world, victim)


async def claim_a_server_that_refuses_for_ever_is_not_hammered(world):
    world.plans = [{"answer": b"\n" * 5000}]
    victim = Victim(world)
    await sleep(3_600_000)
    assert len(world.peers) == 3_600_000 // _PATIENT_MS
    assert victim.log.names() == ["error", "close", "reconnecting"] * len(world.peers)
    assert victim.held <= HELD and clock.now() == 3_600_000
