"""Servers that never come to the point of a WebSocket: what is read, held, told, dialed next."""

import tracemalloc

import pytest

from engine.virtual import Accept, now, sleep, virtual

from .attacks import BUFFER, refusals
from .victim import HEADER, Victim, endless

_TIMEOUT_MS = 4000
_PATIENT_MS = 50_000  # max_reconnection_delay x 5


async def expect_refusal(server, victim, phase="http"):
    """The first dial failed without a Close, and the second one opens."""
    assert victim.log.names[:3] == ["error", "close", "reconnecting"]
    assert victim.log[1] == ("close", 1006, "", False)
    assert victim.ws.last_error[0] == phase
    first = server.peers[0]
    assert first.closed and not first.bytes_in
    await sleep(_PATIENT_MS)
    assert victim.log[-1] == ("open", False)
    assert len(server.peers) == 2


@virtual
async def test_a_line_without_end_is_read_no_further_than_the_buffer(server):
    read = []
    plan = Accept(answer=b"", then=lambda peer: read.append(endless(peer, lambda: b"a" * 500)))
    server.plans = [plan]
    victim = Victim(server)
    tracemalloc.start()
    try:
        await sleep(10)
        assert tracemalloc.get_traced_memory()[1] < 60_000
    finally:
        tracemalloc.stop()
    assert read[0][0] == BUFFER + HEADER
    await expect_refusal(server, victim)


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"X: y\r\n", b"a" * 2000 + b":\n", b"Date: \n"])
@virtual
async def test_lines_without_end_are_read_no_further_than_a_hundred(server, line):
    read = []
    plan = Accept(
        answer=b"HTTP/1.1 101 x\r\n",
        then=lambda peer: read.append(endless(peer, lambda: line)),
    )
    server.plans = [plan]
    victim = Victim(server)
    tracemalloc.start()
    try:
        await sleep(10)
        assert tracemalloc.get_traced_memory()[1] < 60_000
    finally:
        tracemalloc.stop()
    first = server.peers[0].plan.answer
    assert read[0][0] <= len(first) + 100 * len(line) + BUFFER + HEADER
    if line.strip():
        assert victim.log[0] == ("error", "more than 100 header lines")
        assert read[0][0] >= len(first) + 99 * len(line)
    await expect_refusal(server, victim)


@pytest.mark.parametrize("name", refusals())
@pytest.mark.parametrize("cut", [0, 1])
@virtual
async def test_an_answer_that_is_none(server, name, cut):
    server.plans = [Accept(answer=refusals()[name])]
    victim = Victim(server, lambda peer: setattr(peer, "segment", cut or None))
    await sleep(_TIMEOUT_MS + 5)
    await expect_refusal(server, victim)


@virtual
async def test_an_answer_of_a_byte_per_second_ends_at_the_deadline(server):
    server.plans = [Accept(answer=b"", then=lambda p: p.raw(p.accepting(), cut=1, gap_ms=1000))]
    victim = Victim(server)
    await sleep(_TIMEOUT_MS + 5)
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] == _TIMEOUT_MS
    await expect_refusal(server, victim)


@virtual
async def test_a_line_per_second_ends_at_the_deadline(server):
    lines = b"HTTP/1.1 101 x\r\n" + b"Set-Co: a\r\n" * 50
    server.plans = [Accept(answer=b"", then=lambda p: p.raw(lines, cut=11, gap_ms=1000))]
    victim = Victim(server)
    await sleep(_TIMEOUT_MS + 5)
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] == _TIMEOUT_MS
    await expect_refusal(server, victim)


@virtual
async def test_a_request_that_nobody_reads_ends_at_the_deadline(server):
    windows = [0, None]
    victim = Victim(server, lambda peer: setattr(peer, "window", windows.pop(0)))
    await sleep(_TIMEOUT_MS + 5)
    assert server.peers[0].request == b""
    assert victim.log[0] == ("error", "TIMEOUT") and victim.log.times[0] == _TIMEOUT_MS
    await expect_refusal(server, victim, "tcp")


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("answer", [b"", b"HTTP", b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"])
@virtual
async def test_tcp_dropped_in_the_handshake(server, how, answer):
    server.plans = [Accept(answer=answer, then=lambda peer: getattr(peer, how)())]
    victim = Victim(server)
    await sleep(5)
    await expect_refusal(server, victim)


@virtual
async def test_a_server_that_refuses_for_ever_is_not_hammered(server):
    server.plan = Accept(answer=b"\n" * 5000)
    victim = Victim(server)
    await sleep(3_600_000)
    assert len(server.peers) == 3_600_000 // _PATIENT_MS
    assert victim.log.names == ["error", "close", "reconnecting"] * len(server.peers)
    assert victim.held <= BUFFER + HEADER
    assert now() == 3_600_000
