"""Silence, pings and pongs, slow and stuck writers: what shows that the peer is alive, and when a
connection ends.
"""

from core.wire import BINARY, PING, PONG
from simulation.clock import clock

from .world import each, in_loop

_ENDED = ["error", "close", "reconnecting"]


async def _asked(peer):
    """Return the payload of the next ping."""
    while not peer.got(PING):
        await clock.sleep(1)
    (payload,) = peer.got(PING)
    del peer.frames[:]
    return payload


@each((20000, 10000), (1000, 5000), (100, 60000))
async def claim_a_half_open_link_is_found_at_interval_plus_timeout(world, interval, timeout):
    ws, peer, log = await world.open(ping_interval_ms=interval, ping_timeout_ms=timeout)
    peer.mute = True
    await clock.sleep(interval + timeout + 10)
    assert log.names()[1:4] == _ENDED and log[2] == ("close", 1006, "", False)
    assert log.times[1] - log.times[0] == interval + timeout == peer.closed_at - peer.at


def outside_a_half_open_link_is_found_across_the_clocks_wrap():
    # In the first case during the interval, in the last case during the timeout.
    for before_ms in (15_000, 70_000):
        in_loop(claim_a_half_open_link_is_found_at_interval_plus_timeout, (1 << 29) - before_ms)


async def claim_any_byte_is_life(world):
    ws, peer, log = await world.open(ping_interval_ms=2000, ping_timeout_ms=1000)
    peer.mute = True
    # One message, byte by byte.
    for byte in b"\x82\x7e\x00\xc8" + bytes(200):
        peer.say(bytes([byte]))
        await clock.sleep(1900)
    for _ in range(20):
        peer.pong(b"unasked")
        await clock.sleep(1900)
    assert log.names() == ["open", "message"] and peer.got(PING) == []
    assert ws.stats()["rtt_ms"] is None


@each((20_000, 10_000), (200, 1500), (200, 200), (500, 10_000))
async def claim_an_idle_connection_lives_on_pings(world, interval, timeout):
    pong_ms = 30
    world.plans = [{"accept": 1, "answersClose": pong_ms}]
    ws, peer, log = await world.open(ping_interval_ms=interval, ping_timeout_ms=timeout)
    await clock.sleep(20 * interval)
    # From the 101 to the first ping, and from each pong to the next ping.
    heard = [peer.at + peer.plan.answer_ms] + [ms + pong_ms for ms in world.pings]
    assert set([b - a for a, b in zip(heard, world.pings)]) == {interval}
    assert log.names() == ["open"] and len(world.pings) > 15
    assert ws.stats()["rtt_ms"] == pong_ms


async def claim_a_late_pong_is_in_time(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=3000)
    peer.auto_pong = False
    for _ in range(20):
        payload = await _asked(peer)
        await clock.sleep(2990)
        peer.pong(payload)
        await clock.quiet()
        assert 2989 <= ws.stats()["rtt_ms"] <= 2992
    assert log.names() == ["open"]


@each(None, 0)
async def claim_each_ping_has_its_pong_even_when_we_cannot_write(world, window):
    ws, peer, _ = await world.open()
    peer.window = window
    for i in range(100):
        peer.ping(b"%d" % i)
    await clock.sleep(10)
    peer.open_window()
    await clock.sleep(10)
    assert peer.got(PONG) == [b"%d" % i for i in range(100)]


async def claim_a_pong_overtakes_what_is_queued(world):
    ws, peer, _ = await world.open()
    peer.window = 3
    for i in range(30):
        ws.send(bytes(100))
    await clock.sleep(1)
    peer.ping(b"now")
    await clock.sleep(1)
    peer.open_window()
    await clock.sleep(1)
    kinds = [kind for kind, _ in peer.frames]
    assert kinds.count(BINARY) == 30
    # Only bytes that were already being written come before it: one write of at most one segment.
    assert kinds.index(PONG) <= 14


async def claim_a_slow_peer_that_takes_something_is_kept(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=1000, queue_bytes=8192)
    peer.window = 0
    for _ in range(7):
        ws.send(bytes(1000))
    for _ in range(720):
        await clock.sleep(500)
        peer.open_window(10)
        # The peer is alive.
        peer.pong(b"")
    assert log.names() == ["open"] and len(peer.messages()) == 7


@each(0, 4000)
async def claim_a_peer_that_takes_nothing_is_left_at_the_limit(world, interval):
    ws, peer, log = await world.open(ping_interval_ms=interval, ping_timeout_ms=3000)
    peer.window = 0
    begun = clock.now()
    ws.send("x")
    for _ in range(80):
        await clock.sleep(100)
        # Bytes from the peer do not save the connection.
        peer.pong(b"") if peer.is_open else None
    assert log.names()[1:4] == _ENDED and log.times[1] - begun == interval + 3000


async def claim_a_slow_handler_is_not_the_peers_silence(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=1000)
    ws.onmessage = lambda event: clock.sleep(60_000)
    peer.text("a")
    await clock.sleep(61_000)
    assert log.names() == ["open", "message"]
    peer.mute = True
    at = clock.now()
    await clock.sleep(5000)
    assert log.names()[2:4] == ["error", "close"] and log.times[2] - at <= 2000


async def claim_who_was_blocked_past_the_deadline_looks_before_it_judges(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=500)
    peer.auto_pong = False
    for _ in range(10):
        await _asked(peer)
        peer.pong(b"")
        clock.block(5000)
        await clock.sleep(10)
    assert log.names() == ["open"]


async def claim_a_ping_that_could_not_be_written_starts_no_deadline(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=2000)
    peer.window = 0
    await clock.sleep(2500)
    assert peer.got(PING) == []
    peer.open_window()
    await clock.sleep(1)
    assert len(peer.got(PING)) == 1
    await clock.sleep(20_000)
    assert log.names() == ["open"]


async def claim_an_idle_connection_without_keepalive_looks_at_no_clock(world):
    from partysocket.base import net as platform

    ws = world.websocket(ping_interval_ms=0)
    await world.next()
    await clock.sleep(10_000)
    looks = []
    ticks_ms = platform.ticks_ms
    platform.ticks_ms = lambda: looks.append(1) or ticks_ms()
    try:
        await clock.sleep(3_600_000)
    finally:
        platform.ticks_ms = ticks_ms
    assert len(looks) < 10, len(looks)
    assert ws.ready_state == 1
