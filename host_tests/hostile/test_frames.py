"""Servers that open a WebSocket and then misbehave, each ended with the right Close and forgotten.

Every attack is met by one socket, which comes back after each.
"""

import asyncio
import tracemalloc

import pytest

from engine.virtual import (
    BINARY,
    PING,
    PONG,
    TEXT,
    close_frame,
    frame,
    now,
    sleep,
    text_frame,
    virtual,
)
from partysocket.core.errors import ProtocolError
from partysocket.core.frames import FrameReader

from .attacks import (
    BAD_CODES,
    BUFFER,
    CONTINUATION,
    GOOD_CODES,
    MOST,
    TOO_LONG,
    fragments,
    frame_attacks,
)
from .victim import HEADER, Victim, endless


@pytest.mark.parametrize("segment", [None, 1, 7])
@virtual
async def test_each_broken_frame_gets_its_code_and_the_socket_comes_back(server, segment):
    victim = Victim(server)
    attacks = frame_attacks()
    for name, (data, code, messages) in attacks.items():
        try:
            await victim.suffer(data, code, messages, segment)
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}") from e
    assert victim.ws.stats()["drops"] == len(attacks)


@virtual
async def test_what_follows_a_broken_frame_is_not_heard(server):
    victim = Victim(server)
    for data in (frame(3), frame(TEXT, b"\xff"), frame(TEXT, size=2**40)):
        more = text_frame("a") + close_frame(4000) + frame(PING, b"p") + frame(3) + b"\xff" * 9999
        peer = await victim.opened()
        peer.raw(data + more)
        await sleep(5)
        victim.expect_end(peer.close_codes[0])
        assert peer.close_codes[0] in (1002, 1007, 1009) and peer.count(PONG) == 0


def test_of_all_close_codes_only_those_of_the_rfc_are_taken():
    reader = FrameReader(128, 128)
    taken = []
    for code in range(65536):
        reader.payload = memoryview(code.to_bytes(2, "big"))
        try:
            assert reader.close_code() == code
            taken.append(code)
        except ProtocolError as e:
            assert e.code == 1002
    # 7.4, and what the IANA registry added: 1012 to 1014
    wanted = [*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]
    assert taken == wanted and not set(BAD_CODES) & set(taken)


# Close.


@virtual
async def test_each_good_code_is_echoed_and_told(server):
    victim = Victim(server)
    for code in GOOD_CODES:
        (await victim.opened()).say_close(code, "é" * 61)
        await sleep(5)
        victim.expect_end(code, "é" * 61, clean=True)


@pytest.mark.parametrize("segment", [None, 1])
@virtual
async def test_data_after_a_close_is_not_heard(server, segment):
    victim = Victim(server)
    for data in (
        text_frame("late"),
        frame(PING, b"p"),
        close_frame(4001),
        frame(3),
        b"\xff" * 500,
    ):
        peer = await victim.opened()
        peer.segment = segment
        peer.raw(close_frame(4000, "end") + data)
        await sleep(5)
        victim.expect_end(4000, "end", clean=True)
        assert peer.count(PONG) == 0


@virtual
async def test_a_close_inside_a_fragmented_message_ends_it(server):
    victim = Victim(server)
    for opcode in (TEXT, BINARY):
        peer = await victim.opened()
        peer.raw(frame(opcode, b"a" * 3000, fin=False) + close_frame(4000, "enough"))
        await sleep(5)
        victim.expect_end(4000, "enough", clean=True)
    peer = await victim.opened()
    peer.raw(fragments(TEXT, [b"next", b"", b" one"]))
    await sleep(5)
    assert victim.log.data == ["next one"]


@virtual
async def test_no_answer_to_our_close_after_a_fault_is_waited_for_2_s(server):
    victim = Victim(server)
    for data, code in (
        (frame(3), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(2, size=MOST + 1), 1009),
    ):
        peer = await victim.opened()
        peer.auto_close = False
        at = now()
        peer.raw(data)
        await sleep(2005)
        victim.expect_end(code)
        assert peer.closed_at == at + 2000


@pytest.mark.parametrize(
    "data", [text_frame("x"), frame(PING, b"x"), frame(3), frame(TEXT, b"\xff")]
)
@virtual
async def test_a_peer_that_talks_on_for_ever_after_our_close_is_left_after_2_s(server, data):
    victim = Victim(server)
    peer = await victim.opened()
    peer.auto_close = False
    at = now()
    peer.raw(data * 4000, cut=len(data) * 10 - 1, gap_ms=10)
    victim.ws.reconnect()
    await sleep(2500)
    assert victim.log.names == ["close", "open"]
    assert victim.log[0] == ("close", 1000, "", True)
    assert peer.close_codes == [1000]
    assert at + 2000 <= peer.closed_at <= at + 2010 and len(server.peers) == 2


@virtual
async def test_a_flood_after_a_fault_is_left_after_2_s(server):
    victim = Victim(server)
    peer = await victim.opened()
    peer.auto_close = False
    at = now()
    peer.raw(frame(3) + text_frame("x" * 100) * 5000, cut=2000, gap_ms=10)
    await sleep(2005)
    victim.expect_end(1002)
    assert at + 2000 <= peer.closed_at <= at + 2010
    assert victim.held <= BUFFER + HEADER


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("data", [b"", b"\x81", b"\x81\x7e\x01", frame(TEXT, b"half", size=9000)])
@virtual
async def test_tcp_dropped(server, how, data):
    victim = Victim(server)
    for _ in range(20):
        peer = await victim.opened()
        peer.raw(data)
        await sleep(1)
        getattr(peer, how)()
        await sleep(5)
        victim.expect_end(1006, sent=0)


@virtual
async def test_the_peers_close_is_heard_though_pings_before_it_cannot_be_answered(server):
    victim = Victim(server)
    peer = await victim.opened()
    at = now()
    peer.raw(
        frame(PING, b"1") + frame(PING, b"2") + frame(PING, b"3") + close_frame(4001, "token")
    )
    peer.send_error = OSError(32, "EPIPE")  # it has gone; what it said is still to be read
    peer.end()
    await sleep(3000)
    assert victim.log[-2][:3] == ("close", 4001, "token")
    assert peer.closed_at == at


# Lengths.


@virtual
async def test_a_claimed_length_takes_no_memory_before_it_is_checked(server):
    victim = Victim(server)
    for size in TOO_LONG:
        peer = await victim.opened()
        tracemalloc.start()
        try:
            peer.raw(frame(BINARY, b"", size=size))
            await sleep(5)
            assert tracemalloc.get_traced_memory()[1] < 16_000  # and none is as small as this
        finally:
            tracemalloc.stop()
        victim.expect_end(1009)
        assert victim.held == BUFFER + HEADER


@pytest.mark.parametrize("size", [MOST - 1, MOST])
@virtual
async def test_a_message_up_to_the_limit_is_taken_however_it_comes(server, size):
    victim = Victim(server)
    data = b"x" * size
    peer = await victim.opened()
    half = size // 2
    for raw in (
        frame(BINARY, data),
        fragments(BINARY, [data[:half], data[half:]]),
        fragments(BINARY, [b"x"] * size),
        fragments(BINARY, [b"", data, b""]),
    ):
        peer.raw(raw)
        await sleep(5)
        assert victim.log.data == [data]
        victim.log.clear()
    assert victim.held <= BUFFER + HEADER + MOST
    assert victim.ws._engine.frames._message is None


@pytest.mark.parametrize("size", [MOST, BUFFER + 100])
@virtual
async def test_a_claimed_length_that_never_comes_is_held_until_the_link_ends(server, size):
    victim = Victim(server)
    peer = await victim.opened()
    peer.raw(frame(TEXT, b"x", size=size))
    await sleep(60_000)
    victim.look()
    assert victim.held == BUFFER + HEADER + size
    peer.end()
    await sleep(5)
    victim.expect_end(1006, sent=0)
    (await victim.opened()).text("well")
    await sleep(5)
    assert victim.log.data == ["well"]


@virtual
async def test_a_message_cut_off_by_the_links_end_is_not_held_while_waiting_to_dial(server):
    victim = Victim(server)
    peer = await victim.opened()
    peer.raw(frame(TEXT, b"x", size=MOST))
    await sleep(5)
    peer.end()
    await sleep(5)
    victim.expect_end(1006, sent=0)
    assert victim.ws._engine.frames._message is None


# Slow, and much.


@virtual
async def test_a_byte_per_second_is_heard_and_held_in_bounds(server):
    victim = Victim(server, ping_interval_ms=20_000, ping_timeout_ms=10_000)
    peer = await victim.opened()
    data = text_frame("é" * 100) + fragments(TEXT, [b"x" * 70] * 3) + frame(BINARY, b"y" * 3000)
    peer.raw(data, cut=1, gap_ms=1000)
    await sleep(len(data) * 1000)
    assert victim.log.data == ["é" * 100, "x" * 210, b"y" * 3000]
    assert victim.log.names == ["message"] * 3
    assert victim.held == BUFFER + HEADER + 3000
    peer.end()
    await sleep(5)
    assert victim.log.names[3:] == ["error", "close", "reconnecting"]
    await victim.opened()


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@virtual
async def test_a_million_empty_fragments_are_given_up_early_and_take_no_memory(server, opcode):
    victim = Victim(server)
    peer = await victim.opened()
    peer.raw(frame(opcode, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 1_000_000)
    await sleep(5)
    assert peer.close_codes[:1] == [1008]
    assert victim.held == BUFFER + HEADER
    victim.expect_end(1008)
    await victim.opened()


@virtual
async def test_a_thousand_empty_fragments_are_taken(server):
    victim = Victim(server)
    peer = await victim.opened()
    for _ in range(50):
        peer.raw(fragments(TEXT, [b""] * 1000 + [b"x"] + [b""] * 1000))
        peer.raw(frame(PING))
    await sleep(5)
    assert victim.log == [("message", "x")] * 50 and peer.count(PONG) == 50
    assert victim.held == BUFFER + HEADER + 1


@pytest.mark.parametrize("segment", [None, 1])
@virtual
async def test_a_control_frame_between_the_halves_of_a_character_changes_nothing(server, segment):
    victim = Victim(server)
    peer = await victim.opened()
    peer.segment = segment
    half, rest = frame(TEXT, b"a\xe2\x82", fin=False), frame(CONTINUATION, b"\xac")
    peer.raw(half + frame(PING, b"\xff") + frame(PONG, "é".encode()) + rest)
    await sleep(5)
    assert victim.log == [("message", "a€")] and peer.count(PONG) == 1


@pytest.mark.parametrize("segment", [None, 1])
@virtual
async def test_a_close_between_the_halves_of_a_character_has_its_reason(server, segment):
    victim = Victim(server)
    peer = await victim.opened()
    peer.segment = segment
    half = frame(TEXT, b"a\xe2\x82", fin=False)
    peer.raw(half + close_frame(4000, "é"))  # a reason is a text of its own
    await sleep(5)
    victim.expect_end(4000, "é", clean=True)


@pytest.mark.parametrize("size", [0, 125])
@virtual
async def test_a_flood_of_pings_is_answered_one_by_one(server, size):
    count = 100_000 if size == 0 else 10_000
    victim = Victim(server)
    peer = await victim.opened()
    tasks = len(asyncio.all_tasks())
    pings = frame(PING, bytes(size)) * 500
    for _ in range(count // 500):
        peer.raw(pings)
        await sleep(1)
        assert len(asyncio.all_tasks()) == tasks
    assert peer.count(PONG) == len(peer.frames) == count
    assert victim.held == BUFFER + HEADER and victim.log == []
    peer.raw(frame(3))
    await sleep(5)
    victim.expect_end(1002)
    await victim.opened()


@virtual
async def test_a_flood_of_pings_that_reads_no_pong_is_read_no_further(server):
    victim = Victim(server)
    peer = await victim.opened()
    peer.window = 3
    at = now()
    read = endless(peer, lambda: frame(PING, b"0123456789"))
    await sleep(9000)
    assert read[0] == BUFFER + HEADER and victim.log == []
    await sleep(1005)
    victim.expect_end(1006, sent=0)
    assert peer.closed_at == at + 10_000  # ping_interval_ms, off, and ping_timeout_ms
    await victim.opened()


@virtual
async def test_a_flood_of_pongs_nobody_asked_for(server):
    victim = Victim(server, ping_interval_ms=1000, ping_timeout_ms=1000)
    peer = await victim.opened()
    for _ in range(20):
        peer.raw(frame(PONG, b"0" * 10) * 5000)
        await sleep(100)
    assert victim.log == [] and peer.frames == []
    assert victim.ws.stats()["rtt_ms"] is None


@pytest.mark.parametrize("interval", [0, 5000])
@virtual
async def test_a_server_that_never_reads_is_left_at_the_deadline(server, interval):
    victim = Victim(server, ping_interval_ms=interval, ping_timeout_ms=3000)
    for _ in range(5):
        peer = await victim.opened()
        peer.window = 0
        at = now()
        for i in range(2000):
            victim.ws.send(b"%04d" % i)
        victim.look()
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
        assert peer.closed_at == at + interval + 3000 and peer.close_codes == []
        victim.ws.drain_queued_messages()
        victim.log.append(("open", True))
    assert victim.ws.stats()["discarded"] > 0


@virtual
async def test_a_server_that_reads_no_close_of_ours_is_left_after_2_s(server):
    victim = Victim(server)
    peer = await victim.opened()
    peer.window = 0
    at = now()
    peer.raw(frame(3))
    await sleep(2005)
    victim.expect_end(1002, sent=0)
    assert peer.closed_at == at + 2000
    await victim.opened()
