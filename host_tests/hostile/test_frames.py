"""Servers that open a WebSocket and then misbehave, each ended with the right Close and forgotten.

Every attack is met by one socket, which comes back after each.
"""

import asyncio
import gc
import tracemalloc

import pytest

from api.virtual import virtual
from simulation.clock import clock
from simulation.wire import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close_frame,
    fragments,
    frame,
    text_frame,
)

from .attacks import BUFFER, GOOD_CODES, MOST, TOO_LONG, frame_attacks
from .victim import HELD, Victim, endless, sleep

now = clock.now


@pytest.mark.parametrize("segment", [0, 1, 7])
@virtual
async def test_each_broken_frame_gets_its_code_and_the_socket_comes_back(world, segment):
    victim = Victim(world)
    attacks = frame_attacks()
    for name, (data, code, messages) in attacks.items():
        try:
            await victim.suffer(data, code, messages, segment)
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}") from e
    assert victim.ws.stats()["drops"] == len(attacks)


@virtual
async def test_what_follows_a_broken_frame_is_not_heard(world):
    victim = Victim(world)
    for data in (frame(3), frame(TEXT, b"\xff"), frame(TEXT, size=2**40)):
        more = text_frame("a") + close_frame(4000) + frame(PING, b"p") + frame(3) + b"\xff" * 9999
        peer = await victim.opened()
        peer.say(data + more)
        await sleep(5)
        victim.expect_end(peer.close_codes()[0])
        assert peer.close_codes()[0] in (1002, 1007, 1009) and len(peer.got(PONG)) == 0


# Close.


@virtual
async def test_each_good_code_is_echoed_and_told(world):
    victim = Victim(world)
    for code in GOOD_CODES:
        (await victim.opened()).say_close(code, "é" * 61)
        await sleep(5)
        victim.expect_end(code, "é" * 61, clean=True)


@pytest.mark.parametrize("segment", [0, 1])
@virtual
async def test_data_after_a_close_is_not_heard(world, segment):
    victim = Victim(world)
    for data in (
        text_frame("late"),
        frame(PING, b"p"),
        close_frame(4001),
        frame(3),
        b"\xff" * 500,
    ):
        peer = await victim.opened()
        peer.plan.segment = segment
        peer.say(close_frame(4000, "end") + data)
        await sleep(5)
        victim.expect_end(4000, "end", clean=True)
        assert len(peer.got(PONG)) == 0


@virtual
async def test_a_close_inside_a_fragmented_message_ends_it(world):
    victim = Victim(world)
    for opcode in (TEXT, BINARY):
        peer = await victim.opened()
        peer.say(frame(opcode, b"a" * 3000, fin=False) + close_frame(4000, "enough"))
        await sleep(5)
        victim.expect_end(4000, "enough", clean=True)
    peer = await victim.opened()
    peer.say(fragments(TEXT, [b"next", b"", b" one"]))
    await sleep(5)
    assert victim.log.data() == ["next one"]


@virtual
async def test_no_answer_to_our_close_after_a_fault_is_waited_for_2_s(world):
    victim = Victim(world)
    for data, code in (
        (frame(3), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(2, size=MOST + 1), 1009),
    ):
        peer = await victim.opened()
        peer.plan.auto_close = False
        at = now()
        peer.say(data)
        await sleep(2005)
        victim.expect_end(code)
        assert peer.closed_at == at + 2000


@pytest.mark.parametrize(
    "data", [text_frame("x"), frame(PING, b"x"), frame(3), frame(TEXT, b"\xff")]
)
@virtual
async def test_a_peer_that_talks_on_for_ever_after_our_close_is_left_after_2_s(world, data):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    at = now()
    peer.say_slowly(data * 4000, len(data) * 10 - 1, 10)
    victim.ws.reconnect()
    await sleep(2500)
    assert victim.log.names() == ["close", "open"]
    assert victim.log[0] == ("close", 1000, "", True)
    assert peer.close_codes() == [1000]
    assert at + 2000 <= peer.closed_at <= at + 2010 and len(world.peers) == 2


@virtual
async def test_a_flood_after_a_fault_is_left_after_2_s(world):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    at = now()
    peer.say_slowly(frame(3) + text_frame("x" * 100) * 5000, 2000, 10)
    await sleep(2005)
    victim.expect_end(1002)
    assert at + 2000 <= peer.closed_at <= at + 2010
    assert victim.held <= HELD


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("data", [b"", b"\x81", b"\x81\x7e\x01", frame(TEXT, b"half", size=9000)])
@virtual
async def test_tcp_dropped(world, how, data):
    victim = Victim(world)
    for _ in range(20):
        peer = await victim.opened()
        peer.say(data)
        await sleep(1)
        getattr(peer, how)()
        await sleep(5)
        victim.expect_end(1006, sent=0)


@virtual
async def test_the_peers_close_is_heard_though_pings_before_it_cannot_be_answered(world):
    victim = Victim(world)
    peer = await victim.opened()
    at = now()
    peer.say(
        frame(PING, b"1") + frame(PING, b"2") + frame(PING, b"3") + close_frame(4001, "token")
    )
    peer.send_error = OSError(32, "EPIPE")  # it has gone; what it said is still to be read
    peer.end()
    await sleep(3000)
    assert victim.log[-2][:3] == ("close", 4001, "token")
    assert peer.closed_at == at


# Lengths.


@virtual
async def test_a_claimed_length_takes_no_memory_before_it_is_checked(world):
    victim = Victim(world)
    for size in TOO_LONG:
        peer = await victim.opened()
        tracemalloc.start()
        try:
            peer.say(frame(BINARY, b"", size=size))
            await sleep(5)
            assert tracemalloc.get_traced_memory()[1] < 16_000  # and none is as small as this
        finally:
            tracemalloc.stop()
        victim.expect_end(1009)
        assert victim.held <= HELD


@pytest.mark.parametrize("size", [MOST - 1, MOST])
@virtual
async def test_a_message_up_to_the_limit_is_taken_however_it_comes(world, size):
    victim = Victim(world)
    data = b"x" * size
    peer = await victim.opened()
    half = size // 2
    for raw in (
        frame(BINARY, data),
        fragments(BINARY, [data[:half], data[half:]]),
        fragments(BINARY, [b"x"] * size),
        fragments(BINARY, [b"", data, b""]),
    ):
        peer.say(raw)
        await sleep(5)
        assert victim.log.data() == [data]
        victim.log.clear()
    assert victim.held <= MOST + 64


@pytest.mark.parametrize("size", [MOST, BUFFER + 100])
@virtual
async def test_a_claimed_length_that_never_comes_is_held_until_the_link_ends(world, size):
    victim = Victim(world)
    peer = await victim.opened()
    tracemalloc.start()
    try:
        peer.say(frame(TEXT, b"x", size=size))
        await sleep(60_000)
        peer.say(b"y")
        await sleep(5)
        assert size <= victim.held <= max(HELD, size + 64)
        held = tracemalloc.get_traced_memory()[0]
        peer.end()
        await sleep(5)
        gc.collect()
        assert size < MOST or held - tracemalloc.get_traced_memory()[0] > size // 2
    finally:
        tracemalloc.stop()
    victim.expect_end(1006, sent=0)
    (await victim.opened()).text("well")
    await sleep(5)
    assert victim.log.data() == ["well"]


# Slow, and much.


@virtual
async def test_a_byte_per_second_is_heard_and_held_in_bounds(world):
    victim = Victim(world, ping_interval_ms=20_000, ping_timeout_ms=10_000)
    peer = await victim.opened()
    data = text_frame("é" * 100) + fragments(TEXT, [b"x" * 70] * 3) + frame(BINARY, b"y" * 3000)
    peer.say_slowly(data, 1, 1000)
    await sleep(len(data) * 1000)
    assert victim.log.data() == ["é" * 100, "x" * 210, b"y" * 3000]
    assert victim.log.names() == ["message"] * 3
    assert victim.held <= 3064
    peer.end()
    await sleep(5)
    assert victim.log.names()[3:] == ["error", "close", "reconnecting"]
    await victim.opened()


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@virtual
async def test_a_million_empty_fragments_are_given_up_early_and_take_no_memory(world, opcode):
    victim = Victim(world)
    peer = await victim.opened()
    peer.say(frame(opcode, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 1_000_000)
    await sleep(5)
    assert peer.close_codes()[:1] == [1008]
    assert victim.held <= HELD
    victim.expect_end(1008)
    await victim.opened()


@virtual
async def test_a_thousand_empty_fragments_are_taken(world):
    victim = Victim(world)
    peer = await victim.opened()
    for _ in range(50):
        peer.say(fragments(TEXT, [b""] * 1000 + [b"x"] + [b""] * 1000))
        peer.say(frame(PING))
    await sleep(5)
    assert victim.log == [("message", "x")] * 50 and len(peer.got(PONG)) == 50
    assert victim.held <= HELD


@pytest.mark.parametrize("segment", [0, 1])
@virtual
async def test_a_control_frame_between_the_halves_of_a_character_changes_nothing(world, segment):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.segment = segment
    half, rest = frame(TEXT, b"a\xe2\x82", fin=False), frame(CONTINUATION, b"\xac")
    peer.say(half + frame(PING, b"\xff") + frame(PONG, "é".encode()) + rest)
    await sleep(5)
    assert victim.log == [("message", "a€")] and len(peer.got(PONG)) == 1


@pytest.mark.parametrize("segment", [0, 1])
@virtual
async def test_a_close_between_the_halves_of_a_character_has_its_reason(world, segment):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.segment = segment
    half = frame(TEXT, b"a\xe2\x82", fin=False)
    peer.say(half + close_frame(4000, "é"))  # a reason is a text of its own
    await sleep(5)
    victim.expect_end(4000, "é", clean=True)


@pytest.mark.parametrize("size", [0, 125])
@virtual
async def test_a_flood_of_pings_is_answered_one_by_one(world, size):
    count = 100_000 if size == 0 else 10_000
    victim = Victim(world)
    peer = await victim.opened()
    tasks = len(asyncio.all_tasks())
    pings = frame(PING, bytes(size)) * 500
    for _ in range(count // 500):
        peer.say(pings)
        await sleep(1)
        assert len(asyncio.all_tasks()) == tasks
    assert len(peer.got(PONG)) == len(peer.frames) == count
    assert victim.held <= HELD and victim.log == []
    peer.say(frame(3))
    await sleep(5)
    victim.expect_end(1002)
    await victim.opened()


@virtual
async def test_a_flood_of_pings_that_reads_no_pong_is_read_no_further(world):
    victim = Victim(world)
    peer = await victim.opened()
    peer.window = 3
    at = now()
    read = endless(peer, lambda: frame(PING, b"0123456789"))
    await sleep(9000)
    assert read[0] <= HELD and victim.log == []
    await sleep(1005)
    victim.expect_end(1006, sent=0)
    assert peer.closed_at == at + 10_000  # ping_interval_ms, off, and ping_timeout_ms
    await victim.opened()


@virtual
async def test_a_flood_of_pongs_nobody_asked_for(world):
    victim = Victim(world, ping_interval_ms=1000, ping_timeout_ms=1000)
    peer = await victim.opened()
    for _ in range(20):
        peer.say(frame(PONG, b"0" * 10) * 5000)
        await sleep(100)
    assert victim.log == [] and peer.frames == []
    assert victim.ws.stats()["rtt_ms"] is None


@pytest.mark.parametrize("interval", [0, 5000])
@virtual
async def test_a_server_that_never_reads_is_left_at_the_deadline(world, interval):
    victim = Victim(world, ping_interval_ms=interval, ping_timeout_ms=3000)
    for _ in range(5):
        peer = await victim.opened()
        peer.window = 0
        at = now()
        for i in range(2000):
            victim.ws.send(b"%04d" % i)
            assert victim.ws.buffered_amount <= 4096
        for _ in range(interval // 100 + 31):
            await sleep(100)
            peer.text("x") if peer.is_open else None  # it talks, but takes nothing
        victim.log[:] = [e for e in victim.log if e[0] not in ("message", "discard", "open")]
        assert victim.log == [
            ("error", "no sign of life from the peer"),
            ("close", 1006, "", False),
            ("reconnecting", 10, victim.ws.retry_count),
        ]
        assert peer.closed_at == at + interval + 3000 and peer.close_codes() == []
        victim.ws.drain_queued_messages()
        victim.log.append(("open", True))
    assert victim.ws.stats()["discarded"] > 0


@virtual
async def test_a_server_that_reads_no_close_of_ours_is_left_after_2_s(world):
    victim = Victim(world)
    peer = await victim.opened()
    peer.window = 0
    at = now()
    peer.say(frame(3))
    await sleep(2005)
    victim.expect_end(1002, sent=0)
    assert peer.closed_at == at + 2000
    await victim.opened()
