"""flush() and resend: a message that is reported as arrived has arrived, and a message that was
lost is sent again.
"""

import asyncio

from core.wire import PING
from simulation.clock import clock

from .world import HANGS, OPEN, REFUSE, each, fails

_TEN = b"0123456789"
_LONG = bytes(800)


async def _flushing(ws, ms=None):
    """Return a flush() that has begun to wait."""
    flushed = asyncio.create_task(ws.flush(ms))
    await clock.quiet()
    return flushed


def _two(ws):
    """Return the results of two flushes that are called at once."""
    return asyncio.gather(ws.flush(1000), ws.flush(1000))


async def claim_flush_is_true_once_a_pong_has_followed_the_data(world):
    ws, peer, _ = await world.open()
    peer.auto_pong = False
    ws.send("one")
    ws.send(b"two")
    assert await ws.send_chunks(_LONG) is True
    # No ping before flush() is called.
    assert peer.got(PING) == []
    flushed = await _flushing(ws)
    await clock.sleep(500)
    assert not flushed.done()
    assert peer.messages() == ["one", b"two", _LONG] and len(peer.got(PING)) == 1
    # The ping comes after all of them.
    assert peer.frames[-1][0] == PING
    peer.pong(peer.got(PING)[0])
    at = clock.now()
    assert await flushed is True and clock.now() == at


async def claim_a_pong_to_an_earlier_ping_confirms_nothing_later(world):
    ws, peer, _ = await world.open(ping_interval_ms=1000, ping_timeout_ms=5000)
    peer.auto_pong = False
    await clock.sleep(1000)
    await clock.quiet()
    (keepalive,) = peer.got(PING)
    ws.send("after the ping")
    flushed = await _flushing(ws)
    await clock.sleep(100)
    # Only one ping at a time.
    assert len(peer.got(PING)) == 1
    peer.pong(keepalive)
    await clock.sleep(100)
    assert not flushed.done() and len(peer.got(PING)) == 2
    peer.pong(b"something else")
    await clock.sleep(100)
    assert not flushed.done()
    peer.pong(peer.got(PING)[1])
    assert await flushed is True


async def claim_flush_of_nothing_is_true_at_once_but_not_after_the_end(world):
    ws = world.websocket()
    assert await ws.flush() is True
    peer = await world.next()
    assert await ws.flush() is True and peer.got(PING) == []
    ws.send("x")
    assert await ws.flush() is True
    ws.close()
    assert await ws.flush() is False
    ws.reconnect()
    peer = await world.next()
    assert await ws.flush() is True
    # A flush that waits is told of the end.
    peer.auto_pong = False
    ws.send("x")
    flushed = await _flushing(ws)
    ws.close()
    assert await flushed is False
    ws.send("y")
    assert await ws.flush() is False


async def claim_flush_waits_for_a_connection_and_times_out_exactly(world):
    world.plans = [HANGS]
    ws = world.websocket(connection_timeout=60000)
    ws.send("x")
    assert await ws.flush(1500) is False and clock.now() == 1500


async def claim_flush_tells_of_what_was_discarded_while_it_waited(world):
    world.plans = [HANGS]
    ws = world.websocket(queue_bytes=32, connection_timeout=60000)
    ws.send(_TEN)
    flushed = await _flushing(ws)
    ws.send(_TEN)
    assert not flushed.done()
    # It takes the room of the first.
    ws.send(_TEN)
    assert await flushed is False and clock.now() == 0
    # That flush has reported the loss. The next one is about the messages that are held now.
    flushed = await _flushing(ws)
    assert not flushed.done()
    assert len(ws.drain_queued_messages()) == 2
    assert await flushed is False


@each(
    ("drop-oldest", OPEN),
    ("drop-newest", OPEN),
    # A failed dial does not report it again.
    ("drop-oldest", {"refuse": 100}),
)
async def claim_what_was_discarded_before_flush_is_told_once(world, overflow, first):
    world.plans = [first, OPEN]
    ws = world.websocket(queue_bytes=32, overflow=overflow)
    for _ in range(3):
        ws.send(_TEN)
    assert await _two(ws) == [False, False]
    await clock.sleep(500)
    await world.next()
    assert await ws.flush() is True


async def claim_what_was_taken_back_is_not_lost(world):
    world.plans = [REFUSE, OPEN]
    ws = world.websocket()
    ws.send("mine again")
    assert ws.drain_queued_messages() == ["mine again"]
    await world.next()
    assert await ws.flush() is True


async def claim_what_is_sent_after_flush_does_not_concern_it(world):
    ws, peer, _ = await world.open(queue_bytes=32, overflow="drop-newest")
    peer.auto_pong = False
    ws.send(b"mine")
    flushed = await _flushing(ws)
    peer.window = 0
    for _ in range(4):
        ws.send(_TEN)
    assert ws.stats()["discarded"] > 0
    peer.open_window()
    peer.pong(peer.got(PING)[0])
    peer.auto_pong = True
    assert await flushed is True
    # It reports these losses.
    assert await ws.flush() is False


async def claim_what_was_written_and_not_confirmed_is_lost_with_the_connection(world):
    ws, peer, _ = await world.open()
    peer.auto_pong = False
    ws.send("one")
    waits = [await _flushing(ws), await _flushing(ws)]
    assert await ws.send_chunks(_LONG) is True
    waits.append(await _flushing(ws))
    peer.reset()
    assert await asyncio.gather(*waits) == [False] * 3
    peer = await world.next()
    # The loss was reported already.
    assert await ws.flush() is True
    peer.auto_pong = False
    ws.send("mine")
    flushed = await _flushing(ws)
    ws.send("after it")
    await clock.quiet()
    peer.reset()
    assert await flushed is False
    peer = await world.next()
    # They report the loss of "after it".
    assert await _two(ws) == [False, False]
    assert await ws.flush() is True and peer.messages() == []


@each(False, True)
async def claim_what_was_lost_before_flush_is_told_once(world, is_long):
    # The keepalive is off.
    ws, peer, _ = await world.open()
    # The link is half open: the socket takes all bytes, but they never arrive.
    peer.mute = True
    assert await ws.send_chunks(_LONG) if is_long else ws.send("mine")
    assert await ws.flush(1000) is False
    peer.reset()
    await world.next()
    assert await ws.flush() is False
    assert await ws.flush() is True


async def claim_a_broken_long_message_makes_no_flush_true_too_early(world):
    ws, peer, _ = await world.open()
    # Nothing is written.
    peer.window = 0
    ws.send(b"ahead")
    flushing = await _flushing(ws, 1000)
    await fails(ZeroDivisionError, ws.send_chunks(1 // 0 for _ in range(1)))
    assert await flushing is False
    peer.open_window()


async def claim_a_keepalive_pong_confirms_too(world):
    ws, peer, _ = await world.open(ping_interval_ms=1000, ping_timeout_ms=1000)
    ws.send("x")
    await clock.sleep(1500)
    assert len(peer.got(PING)) == 1
    peer.reset()
    assert await ws.flush() is True


async def claim_flush_survives_its_cancellation(world):
    ws, peer, _ = await world.open()
    peer.auto_pong = False
    ws.send("x")
    flushed = await _flushing(ws)
    flushed.cancel()
    await clock.quiet()
    peer.pong(peer.got(PING)[0])
    assert await ws.flush() is True


async def claim_a_silent_peer_ends_a_flush_with_keepalive_off(world):
    ws, peer, log = await world.open(ping_interval_ms=0, ping_timeout_ms=7000)
    peer.mute = True
    ws.send("x")
    at = clock.now()
    assert await ws.flush() is False and clock.now() == at + 7000
    assert log.names()[1:3] == ["error", "close"]


# resend="unconfirmed"


async def claim_unconfirmed_messages_come_again_in_order_and_first(world):
    ws, peer, log = await world.open(resend="unconfirmed")
    ws.send("confirmed")
    await clock.quiet()
    # The library sends a ping by itself.
    assert len(peer.got(PING)) == 1
    peer.auto_pong = False
    for i in range(3):
        ws.send("a%d" % i)
    await clock.quiet()
    assert peer.messages() == ["confirmed", "a0", "a1", "a2"] and ws.buffered_amount == 0
    assert ws.drain_queued_messages() == []
    flushed = await _flushing(ws)
    peer.reset()
    await clock.quiet()
    assert ws.buffered_amount == 6
    ws.send("b")
    again = await world.next()
    await clock.quiet()
    assert again.messages() == ["a0", "a1", "a2", "b"]
    assert await flushed is True and log.of("discard") == []


async def claim_the_window_lies_in_the_ring_and_drops_nothing_that_is_under_way(world):
    ws, peer, _ = await world.open(resend="unconfirmed", queue_bytes=64)
    peer.auto_pong = False
    # 16 bytes each.
    for i in range(4):
        ws.send(b"%010d" % i)
        await clock.quiet()
    assert len(peer.messages()) == 4
    # There is no room, and nothing may be dropped.
    assert ws.send(b"one more") is False
    assert ws.stats()["discarded"] == 1
    # It confirms the first message.
    peer.pong(peer.got(PING)[0])
    await clock.quiet()
    assert ws.send(_TEN) is True
    await clock.quiet()
    peer.reset()
    again = await world.next()
    await clock.quiet()
    assert again.messages() == [b"%010d" % i for i in (1, 2, 3)] + [_TEN]
