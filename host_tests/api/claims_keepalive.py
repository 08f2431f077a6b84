"""Silence, pings and pongs, slow and stuck writers: what counts as life, and when it ends."""

from core.wire import BINARY, PING, PONG
from simulation.clock import clock, play

from .world import World

_PAIRS = ((20000, 10000), (1000, 5000), (5000, 1000), (3000, 3000), (100, 60000))
_ENDED = ["error", "close", "reconnecting"]


async def _half_open(interval, timeout):
    world = World()
    ws, peer, log = await world.open(ping_interval_ms=interval, ping_timeout_ms=timeout)
    peer.mute = True
    await clock.sleep(interval + timeout + 10)
    assert log.names()[1:4] == _ENDED and log[2] == ("close", 1006, "", False)
    assert log.times[1] - log.times[0] == interval + timeout == peer.closed_at - peer.at
    await world.end()


async def claim_a_half_open_link_is_found_at_interval_plus_timeout(world):
    for interval, timeout in _PAIRS:
        await _half_open(interval, timeout)


def outside_a_half_open_link_is_found_across_the_clocks_wrap():
    for interval, timeout in _PAIRS:
        play(lambda i=interval, t=timeout: _half_open(i, t), (1 << 29) - 15_000)


async def claim_any_byte_is_life(world):
    ws, peer, log = await world.open(ping_interval_ms=2000, ping_timeout_ms=1000)
    peer.mute = True
    for byte in b"\x82\x7e\x00\xc8" + bytes(200):  # one message, a byte at a time
        peer.say(bytes([byte]))
        await clock.sleep(1900)
    for _ in range(20):
        peer.pong(b"unasked")
        await clock.sleep(1900)
    assert log.names() == ["open", "message"] and peer.got(PING) == []


async def claim_an_idle_connection_lives_on_pings(world):
    ws, peer, log = await world.open(ping_interval_ms=20000, ping_timeout_ms=10000)
    await clock.sleep(3_600_010)
    assert log.names() == ["open"] and len(peer.got(PING)) == 180
    assert ws.stats()["rtt_ms"] == 0


async def claim_a_late_pong_is_in_time(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=3000)
    peer.auto_pong = False
    for _ in range(20):
        while not peer.got(PING):
            await clock.sleep(1)
        (payload,) = peer.got(PING)
        del peer.frames[:]
        await clock.sleep(2990)
        peer.pong(payload)
        await clock.quiet()
        assert 2989 <= ws.stats()["rtt_ms"] <= 2992
    assert log.names() == ["open"]


async def claim_each_ping_has_its_pong_even_when_we_cannot_write(world):
    for window in (None, 0):
        network = World()
        ws, peer, _ = await network.open()
        peer.window = window
        for i in range(100):
            peer.ping(b"%d" % i)
        await clock.sleep(10)
        peer.open_window()
        await clock.sleep(10)
        assert peer.got(PONG) == [b"%d" % i for i in range(100)]
        await network.end()


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
    # Only what was on its way already goes before it: one write of at most a segment.
    assert kinds.index(PONG) <= 14


async def claim_a_slow_peer_that_takes_something_is_kept(world):
    ws, peer, log = await world.open(ping_interval_ms=1000, ping_timeout_ms=1000, queue_bytes=8192)
    peer.window = 0
    for _ in range(7):
        ws.send(bytes(1000))
    for _ in range(720):
        await clock.sleep(500)
        peer.open_window(10)
        peer.pong(b"")  # it lives
    assert log.names() == ["open"] and len(peer.messages()) == 7


async def claim_a_peer_that_takes_nothing_is_left_at_the_limit(world):
    for interval in (0, 4000):
        network = World()
        ws, peer, log = await network.open(ping_interval_ms=interval, ping_timeout_ms=3000)
        peer.window = 0
        begun = clock.now()
        ws.send("x")
        for _ in range(80):
            await clock.sleep(100)
            peer.pong(b"") if peer.is_open else None  # what it says does not save it
        assert log.names()[1:4] == _ENDED and log.times[1] - begun == interval + 3000
        await network.end()


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
        while not peer.got(PING):
            await clock.sleep(1)
        del peer.frames[:]
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
    await world.opened()
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
