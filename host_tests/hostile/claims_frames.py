"""Servers that open a WebSocket and then misbehave. Each gets the right Close, and leaves nothing
behind.

One socket meets all attacks, and comes back after each.
"""

import gc

from api.world import each
from core.wire import (
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
from simulation.clock import clock

from .attacks import BUFFER, GOOD_CODES, MOST, frame_attacks, refusals
from .victim import HELD, Victim, allocated, endless, sleep

now = clock.now
_FAULTS = ((frame(3), 1002), (frame(TEXT, b"\xff"), 1007), (frame(BINARY, size=MOST + 1), 1009))


@each(0, 1, 7)
async def claim_each_broken_frame_gets_its_code_and_the_socket_comes_back(world, segment):
    victim = Victim(world)
    attacks = frame_attacks()
    for name, (data, code, messages) in attacks.items():
        try:
            await victim.suffer(data, code, messages, segment)
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}")
        assert victim.held <= HELD or "claimed" not in name, name
    assert victim.ws.stats()["drops"] == len(attacks)


# Close.


async def claim_each_good_code_is_echoed_and_told(world):
    victim = Victim(world)
    for code in GOOD_CODES:
        peer = await victim.opened()
        peer.say_close(code, "é" * 61)
        await sleep(5)
        victim.expect_end(code, "é" * 61, clean=True)


_CLOSED = (close_frame(4000, "end"), 4000)
_LATE = text_frame("late") + frame(PING, b"p") + close_frame(4001) + frame(3) + b"\xff" * 500


@each(*[end + (segment,) for end in _FAULTS + (_CLOSED,) for segment in (0, 1)])
async def claim_what_follows_a_fault_or_a_close_is_not_heard(world, data, code, segment):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.segment = segment
    peer.say(data + _LATE)
    await sleep(5)
    is_clean = code == 4000
    victim.expect_end(code, "end" if is_clean else "", is_clean)
    assert peer.got(PONG) == []


async def claim_a_close_inside_a_fragmented_message_ends_it(world):
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


@each("deaf", "mute", "floods")
async def claim_after_a_fault_there_are_2_s_for_the_peer_that_is_deaf_mute_or_floods(world, how):
    victim = Victim(world)
    for data, code in _FAULTS:
        peer = await victim.opened()
        peer.plan.auto_close = False
        at = now()
        if how == "floods":
            peer.say_slowly(data + text_frame("x" * 100) * 5000, 2000, 10)
        else:
            peer.window = 0 if how == "deaf" else None
            peer.say(data)
        await sleep(1)
        assert victim.ws.ready_state == 2
        await sleep(2004)
        victim.expect_end(code, sent=0 if how == "deaf" else code)
        assert at + 2000 <= peer.closed_at <= at + 2010
        assert victim.held <= HELD


@each(text_frame("x"), frame(PING, b"x"), frame(3), frame(TEXT, b"\xff"), b"")
async def claim_a_peer_that_talks_on_for_ever_after_our_close_is_left_after_2_s(world, data):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.auto_close = False
    at = now()
    peer.say_slowly(data * 4000, len(data) * 10 - 1, 10)
    # With empty `data` the peer does not react at all.
    victim.ws.reconnect()
    await sleep(2500)
    assert victim.log.names() == ["close", "open"]
    assert victim.log[0] == ("close", 1000, "", True)
    assert peer.close_codes() == [1000]
    assert at + 2000 <= peer.closed_at <= at + 2010 and len(world.peers) == 2


async def claim_the_peers_close_is_heard_though_pings_before_it_cannot_be_answered(world):
    victim = Victim(world)
    peer = await victim.opened()
    at = now()
    peer.say(frame(PING, b"1") + frame(PING, b"2") + close_frame(4001, "token"))
    # The peer has gone. Its last bytes can still be read.
    peer.send_error = OSError(32, "EPIPE")
    peer.end()
    await sleep(3000)
    assert victim.log[-2][:3] == ("close", 4001, "token")
    assert peer.closed_at == at


# Lengths.


async def claim_a_claimed_length_that_never_comes_is_held_until_the_connection_ends(world):
    victim = Victim(world)
    for size in (BUFFER + 100, MOST):
        peer = await victim.opened()
        before = allocated()
        peer.say(frame(TEXT, b"x", size=size))
        await sleep(60_000)
        peer.say(b"y")
        await sleep(5)
        assert size - BUFFER <= victim.held <= max(HELD, size + 64)
        held = allocated()
        peer.end()
        await sleep(5)
        victim.expect_end(1006, sent=0)
        victim.log.clear()
    assert held - before > MOST // 2
    # On CPython the traceback of the error refers to it.
    if hasattr(gc, "mem_alloc"):
        assert held - allocated() > MOST // 2
    peer = await victim.opened()
    peer.text("well")
    await sleep(5)
    assert victim.log.data() == ["well"]


# Slow servers, and large amounts.


async def claim_a_byte_per_second_is_heard_and_held_in_bounds(world):
    victim = Victim(world, ping_interval_ms=20_000, ping_timeout_ms=10_000)
    peer = await victim.opened()
    data = text_frame("é" * 100) + fragments(TEXT, [b"x" * 70] * 3) + frame(BINARY, b"y" * 3000)
    peer.say_slowly(data, 1, 1000)
    await sleep(len(data) * 1000)
    assert victim.log.data() == ["é" * 100, "x" * 210, b"y" * 3000]
    assert victim.log.names() == ["message"] * 3 and victim.held <= 3064
    peer.end()
    await sleep(5)
    assert victim.log.names()[3:] == ["error", "close", "reconnecting"]
    await victim.opened()


async def claim_empty_fragments_without_end_are_given_up_early_and_take_no_memory(world):
    victim = Victim(world)
    for opcode in (TEXT, BINARY):
        peer = await victim.opened()
        peer.say(frame(opcode, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 100_000)
        await sleep(5)
        assert peer.close_codes()[:1] == [1008] and victim.held <= HELD
        victim.expect_end(1008)
    peer = await victim.opened()
    # A thousand are accepted.
    for _ in range(50):
        peer.say(fragments(TEXT, [b""] * 1000 + [b"x"] + [b""] * 1000) + frame(PING))
    await sleep(5)
    assert victim.log == [("message", "x")] * 50 and len(peer.got(PONG)) == 50
    assert victim.held <= HELD


@each(0, 1)
async def claim_a_control_frame_between_the_halves_of_a_character_changes_nothing(world, segment):
    victim = Victim(world)
    peer = await victim.opened()
    peer.plan.segment = segment
    half, rest = frame(TEXT, b"a\xe2\x82", fin=False), frame(CONTINUATION, b"\xac")
    peer.say(half + frame(PING, b"\xff") + frame(PONG, "é".encode()) + rest)
    await sleep(5)
    assert victim.log == [("message", "a€")] and peer.got(PONG) == [b"\xff"]
    # The same for a Close, whose reason is a text of its own.
    victim.log.clear()
    peer.say(half + close_frame(4000, "é"))
    await sleep(5)
    victim.expect_end(4000, "é", clean=True)


async def claim_a_flood_of_pings_is_answered_one_by_one(world):
    victim = Victim(world)
    for size in (0, 125):
        peer = await victim.opened()
        tasks = clock.own_tasks()
        for _ in range(20):
            peer.say(frame(PING, bytes(size)) * 500)
            await sleep(1)
            assert clock.own_tasks() == tasks
        assert len(peer.got(PONG)) == len(peer.frames) == 10_000
        assert victim.held <= HELD and victim.log == []
        peer.say(frame(3))
        await sleep(5)
        victim.expect_end(1002)


async def claim_a_flood_of_pings_that_reads_no_pong_is_read_no_further(world):
    victim = Victim(world)
    peer = await victim.opened()
    peer.window = 3
    at = now()
    read = endless(peer, lambda: frame(PING, b"0123456789"))
    await sleep(9000)
    assert read[0] <= HELD and victim.log == []
    await sleep(1005)
    victim.expect_end(1006, sent=0)
    # ping_interval_ms (off) and ping_timeout_ms.
    assert peer.closed_at == at + 10_000
    await victim.opened()


async def claim_a_server_that_never_reads_gets_no_more_than_the_queue(world):
    victim = Victim(world, ping_timeout_ms=3000)
    peer = await victim.opened()
    peer.window = 0
    for i in range(2000):
        victim.ws.send(b"%04d" % i)
        assert victim.ws.buffered_amount <= 4096
    await sleep(3005)
    assert victim.log.of("error") == [("error", "no sign of life from the peer")]
    assert peer.close_codes() == [] and victim.ws.stats()["discarded"] > 0


# The heap.


async def claim_rounds_of_attacks_and_floods_leave_the_heap_as_it_was(world):
    victim = Victim(world)
    some = list(frame_attacks().values())[::8]
    held = []
    for _ in range(36):
        peer = await victim.opened()
        for _ in range(100):
            victim.ws.send("a message")
            peer.text("and its answer")
            await sleep(1)
        peer.reset()
        for data, code, messages in some:
            await victim.suffer(data, code, messages)
        for answer in refusals().values():
            # Without one it waits for the rest of a line.
            if b"\n" in answer:
                world.meet({"answer": answer}, {})
                peer = await victim.opened()
                peer.reset()
                await sleep(1)
        victim.log.clear()
        world.forget()
        del world.told[:]
        # This forgets the tasks that are done.
        clock.own_tasks()
        held.append(allocated())
    # The heap varies by a few blocks. But after a warm-up its lowest and highest values must not
    # rise together, as with a leak.
    climbs = [end(held[32:]) - end(held[28:32]) for end in (min, max)]
    assert min(climbs) <= 512, held
