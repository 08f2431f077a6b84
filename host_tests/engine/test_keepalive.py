"""Silence, pings and pongs, slow and stuck writers: what counts as life, and when it ends."""

import asyncio

import pytest

from engine.virtual import BINARY, CLOSE, PING, PONG, TEXT, Log, now, sleep, virtual

_PAIRS = [(20000, 10000), (1000, 5000), (5000, 1000), (3000, 3000), (100, 60000)]


@pytest.mark.parametrize("interval,timeout", _PAIRS)
@virtual
async def test_half_open_is_detected_at_exactly_interval_plus_timeout(server, interval, timeout):
    ws = server.websocket(ping_interval_ms=interval, ping_timeout_ms=timeout)
    log = Log(ws)
    peer = await server.opened()
    opened = log.times[0]
    peer.mute = True
    await sleep(interval + timeout + 10)
    assert log.names == ["open", "error", "close", "reconnecting"]
    assert log.times[1] - opened == interval + timeout
    assert log[2] == ("close", 1006, "", False)
    assert peer.closed


@pytest.mark.parametrize("interval,timeout", _PAIRS)
@virtual(start_ms=(1 << 29) - 15_000)
async def test_half_open_across_the_clocks_wrap(server, interval, timeout):
    ws = server.websocket(ping_interval_ms=interval, ping_timeout_ms=timeout)
    log = Log(ws)
    peer = await server.opened()
    peer.mute = True
    await sleep(interval + timeout + 10)
    assert log.times[1] - log.times[0] == interval + timeout


@virtual
async def test_any_byte_is_life(server):
    ws = server.websocket(ping_interval_ms=2000, ping_timeout_ms=1000)
    log = Log(ws)
    peer = await server.opened()
    peer.mute = True
    for _ in range(100):
        peer.raw(b"\x82\x7e"[:1])  # a byte of a frame that comes to nothing for long
        peer.raw(b"\x00") if _ == 0 else None
        peer._inbox.clear() if _ else None
        peer.pong(b"unasked")
        await sleep(1900)
        if _ == 0:
            break
    for _ in range(100):
        peer.pong(b"unasked")
        await sleep(1900)
    assert "close" not in log.names and peer.count(PING) == 0


@virtual
async def test_an_idle_connection_lives_on_pings(server):
    ws = server.websocket(ping_interval_ms=20000, ping_timeout_ms=10000)
    log = Log(ws)
    peer = await server.opened()
    await sleep(3_600_010)
    assert log.names == ["open"]
    assert peer.count(PING) == 180
    assert ws.stats()["rtt_ms"] == 0


@virtual
async def test_pong_late_but_in_time(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=3000)
    log = Log(ws)
    peer = await server.opened()
    peer.auto_pong = False
    for _ in range(20):
        while not peer.count(PING):
            await sleep(1)
        payload = peer.frames[-1][1]
        peer.frames.clear()
        await sleep(2990)
        peer.pong(payload)
    assert log.names == ["open"]
    assert 2989 <= ws.stats()["rtt_ms"] <= 2992


@virtual
async def test_a_pong_for_every_ping(server):
    server.websocket()
    peer = await server.opened()
    for i in range(50):
        peer.ping(b"%d" % i)
    await sleep(1)
    assert [d for op, d in peer.frames if op == PONG] == [b"%d" % i for i in range(50)]


@virtual
async def test_a_flood_of_pings_waits_for_our_writing(server):
    server.websocket()
    peer = await server.opened()
    peer.window = 0
    for i in range(500):
        peer.ping(b"%d" % i)
    await sleep(10)
    peer.open_window()
    await sleep(10)
    assert peer.count(PONG) == 500


@virtual
async def test_a_pong_overtakes_queued_messages(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.window = 3
    for i in range(30):
        ws.send(b"%d" % (i % 10) * 100)
    await sleep(1)
    peer.ping(b"now")
    await sleep(1)
    peer.open_window()
    await sleep(1)
    opcodes = [op for op, _ in peer.frames]
    assert opcodes.count(BINARY) == 30
    # Only what was on its way already goes before it: one write of at most a segment.
    assert opcodes.index(PONG) <= 14


@virtual
async def test_a_slow_reader_that_drains_survives(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=1000, queue_bytes=8192)
    log = Log(ws)
    peer = await server.opened()
    peer.window = 0
    for _i in range(7):
        ws.send(b"x" * 1000)
    for _ in range(720):
        await sleep(500)
        peer.open_window(10)
        peer.pong()  # it lives
    assert log.names == ["open"] and len(peer.messages) == 7


@pytest.mark.parametrize("interval", [0, 4000])
@virtual
async def test_a_stuck_writer_dies_at_the_limit(server, interval):
    ws = server.websocket(ping_interval_ms=interval, ping_timeout_ms=3000)
    log = Log(ws)
    peer = await server.opened()
    peer.window = 0
    begun = now()
    ws.send("x")
    for _ in range(80):
        await sleep(100)
        peer.pong() if peer.is_open else None  # inbound life does not save it
    assert log.names[:4] == ["open", "error", "close", "reconnecting"]
    assert log.times[1] - begun == interval + 3000


@virtual
async def test_a_slow_handler_does_not_count_as_the_peers_silence(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=1000)
    log = Log(ws, but=["message"])

    async def slow(event):
        await sleep(60_000)

    ws.onmessage = slow
    peer = await server.opened()
    peer.text("a")
    await sleep(61_000)
    assert log.names == ["open"]
    peer.mute = True
    at = now()
    await sleep(5000)
    assert log.names[1:3] == ["error", "close"]
    assert log.times[1] - at <= 2000


@virtual
async def test_a_loop_that_was_blocked_past_the_pong_deadline_looks_before_it_judges(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=500)
    log = Log(ws)
    peer = await server.opened()
    for _ in range(10):
        peer.auto_pong = False
        while not peer.count(PING):
            await sleep(1)
        peer.frames.clear()
        peer.pong()
        asyncio.get_running_loop().block(5000)
        await sleep(10)
    assert log.names == ["open"]


@virtual
async def test_a_ping_that_could_not_be_written_starts_no_deadline(server):
    ws = server.websocket(ping_interval_ms=1000, ping_timeout_ms=2000)
    log = Log(ws)
    peer = await server.opened()
    peer.window = 0
    await sleep(2500)
    assert peer.count(PING) == 0
    peer.open_window()
    await sleep(1)
    assert peer.count(PING) == 1
    await sleep(20000)
    assert log.names == ["open"]


@virtual
async def test_pings_that_come_after_our_close_do_not_hide_the_peers_answer(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_close = False
    ws.close()
    await sleep(1)
    assert peer.close_codes == [1000]
    for i in range(3):
        peer.ping(b"%d" % i)
    peer.say_close(1000)
    at = now()
    await ws.wait_closed()
    assert now() - at < 100


@virtual
async def test_text_opcode(server):
    ws = server.websocket()
    peer = await server.opened()
    ws.send("é")
    ws.send("")
    await sleep(1)
    assert peer.frames == [(TEXT, "é".encode()), (TEXT, b"")]
    ws.close()
    await sleep(1)
    assert peer.count(CLOSE) == 1
