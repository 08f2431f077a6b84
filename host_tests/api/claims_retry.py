"""When it tries again, by what happened; and how its events tell of it."""

import asyncio

from core.wire import CLOSE, frame
from simulation.clock import clock

from .world import HANGS, OPEN, REFUSE, Log, World

_SOON = (1000, 1006, 1001, 1005, 1011, 1012, 1015, 1013)
_GROWN = (1002, 1003, 1007, 1009, 1010, 3000, 4000, 4999)
_NO = (1008, 4001, 4003, 4401, 4403)
_OPTIONS = {
    "min_reconnection_delay": 1000,
    "max_reconnection_delay": 10000,
    "min_uptime": 500,
    "jitter": "none",
}
_PATIENT_MS = 50000


async def _wait_after(plans, end=None, **options):
    """The `reconnecting` event after the last of `plans` has been met; `end`: a close code that
    the connection ends with, after it has proved itself and failed thrice before.
    """
    network = World(plans)
    options.update(_OPTIONS)
    ws = network.websocket(**options)
    log = Log(ws, ("reconnecting",))
    if end is None:
        await clock.sleep(10)
    else:
        peer = await network.opened(len(plans))
        await clock.sleep(1000)
        del log[:]
        code = bytes([end >> 8, end & 0xFF])
        if end == 1006:
            peer.reset()
        else:
            peer.say(frame(CLOSE, b"" if end == 1005 else code))
        await clock.sleep(10)
    ws.close()
    await ws.wait_closed()
    assert log, (plans, end)
    return log[-1][1]


async def claim_closes_are_retried_by_their_codes(world):
    plans = [REFUSE, REFUSE, OPEN]
    for end in _SOON:
        if end != 1015:  # never on the wire
            assert await _wait_after(plans, end) == 1000, end
    for end in _GROWN:
        assert await _wait_after(plans, end) == 4000, end
    for end in _NO:
        assert await _wait_after(plans, end) == _PATIENT_MS, end
        assert await _wait_after(plans, end, headers=lambda: {}) == 4000, end
        assert await _wait_after(plans, end, retry_rules="always") == 1000, end


async def claim_answers_are_retried_by_their_status(world):
    for status in (408, 429, 500, 503, 599):
        assert await _wait_after([{"refuse": 1, "status": status}]) == 1000, status
    for status in (200, 301, 302, 400, 404, 410, 418):
        assert await _wait_after([{"refuse": 1, "status": status}]) == _PATIENT_MS, status
    for status in (401, 403):
        plan = [{"refuse": 1, "status": status}]
        assert await _wait_after(plan) == _PATIENT_MS, status
        assert await _wait_after(plan, headers=lambda: {}) == 1000, status
        assert await _wait_after(plan, retry_rules="always") == 1000, status


async def claim_failed_dials_grow_to_the_cap(world):
    grown = (3000, 3900, 5070, 6591, 8568, 10000)  # as PartySocket's own do
    for most, factor, first, waits in (
        (5000, 2, 1000, (1000, 2000, 4000, 5000, 5000)),
        (10000, 1.3, 3000, grown),
    ):
        network = World([{"refuse": 0}])
        ws = network.websocket(
            max_reconnection_delay=most,
            reconnection_delay_grow_factor=factor,
            min_reconnection_delay=first,
        )
        log = Log(ws, ("reconnecting",))
        await clock.sleep(60_000)
        assert log[: len(waits)] == [("reconnecting", ms, n + 1) for n, ms in enumerate(waits)]
        starts = [peer.at for peer in network.peers]
        gaps = [b - a for a, b in zip(starts, starts[1:])]
        assert tuple(gaps[: len(waits)]) == waits
        assert ws.stats()["attempts"] == len(starts)
        await network.end()


async def claim_each_phase_of_a_dial_has_its_deadline_and_its_name(world):
    async def hangs():
        await clock.sleep(1 << 28)

    half = b"HTTP/1.1 101 Switching"
    for phase, plan, url in (
        ("provider", OPEN, hangs),
        ("tcp", HANGS, "ws://server/"),
        ("tls", {"hangs": "tls"}, "ws://server/"),
        ("http", {"hangs": "http"}, "ws://server/"),
        ("http", {"answer": half}, "ws://server/"),
    ):
        network = World([plan, OPEN])
        ws = network.websocket(url, connection_timeout=3000)
        log = Log(ws)
        at = clock.now()
        await clock.sleep(3900)
        ended = [("error", "TIMEOUT"), ("close", 1006, "", False), ("reconnecting", 1000, 1)]
        if phase == "provider":
            del ended[1]
        assert log == ended, (phase, log)
        assert set(log.times) == {at + 3000} and ws.last_error == (phase, "TIMEOUT")
        if phase != "provider":
            assert network.peers[0].closed_at == at + 3000
            await network.opened(2)
            assert network.peer.at == at + 4000
        await network.end()
    world.plans = [{"start": OSError(-2, "no such name")}]
    ws = world.websocket()
    await clock.sleep(10)
    assert ws.last_error == ("dns", str(OSError(-2, "no such name")))


async def claim_waits_have_chance_in_them(world):
    for jitter, least in (("full", 100), ("equal", 500)):
        waits = []
        for _ in range(30):
            network = World([REFUSE])
            ws = network.websocket(jitter=jitter)
            ws.add_event_listener("reconnecting", lambda event, w=waits: w.append(event.delay_ms))
            await clock.sleep(10)
            await network.end()
        assert least <= min(waits) and max(waits) <= 1000 and len(set(waits)) > 10, waits


async def claim_a_silent_dial_is_given_up_in_time_that_grows(world):
    world.plans = [HANGS]
    ws = world.websocket(connection_timeout=(1000, 2000))
    log = Log(ws, ("error", "close"))
    await clock.sleep(20_000)
    assert log[:2] == [("error", "TIMEOUT"), ("close", 1006, "", False)]
    spans = [peer.closed_at - peer.at for peer in world.peers if peer.closed_at is not None]
    assert spans[:4] == [1000, 1500, 2000, 2000], spans
    assert ws.last_error[0] == "tcp"


async def claim_max_retries_gives_up_and_reconnect_revives(world):
    for retries in (0, 2):
        network = World([REFUSE])
        ws = network.websocket(max_retries=retries)
        log = Log(ws)
        await clock.sleep(60_000)
        assert len(network.peers) == retries + 1 and ws.ready_state == 3
        one = ["error", "close", "reconnecting"]
        assert log.names() == one * retries + ["error", "close", "giveup"]
        assert log.events[-1].error is log.events[-3].error
        assert await ws.wait_open() is False
        network.plans = [OPEN]
        ws.reconnect()
        assert await ws.wait_open(5000) is True
        await network.end()


async def claim_the_predicate_is_asked_before_anybody_hears(world):
    for code, wanted in ((4000, False), (1006, False), (4000, True)):
        network = World()
        asked = []

        def predicate(event, asked=asked, wanted=wanted):
            asked.append((event.code, event.reason, event.was_clean))
            return wanted

        ws = network.websocket(should_reconnect_on_close=predicate)
        log = Log(ws)
        ws.onclose = lambda event, asked=asked: asked.append("heard")
        peer = await network.opened()
        if code == 1006:
            peer.reset()
        else:
            peer.say(frame(CLOSE, b"\x0f\xa0bye"))
        await clock.sleep(10)
        assert asked == [(code, "bye" if code == 4000 else "", code == 4000), "heard"]
        assert log.names()[-1] == ("reconnecting" if wanted else "giveup")
        assert ws.should_reconnect is wanted and ws.ready_state == 3
        del asked[:]
        ws.reconnect()
        await network.opened(2)
        ws.close()
        assert asked in ([], ["heard"]), asked  # not about orders
        await network.end()


async def claim_what_lasted_resets_the_growth(world):
    world.plans = [REFUSE, REFUSE, OPEN, OPEN]
    ws = world.websocket(min_uptime=5000)
    log = Log(ws, ("reconnecting",))
    peer = await world.opened(3)
    assert ws.retry_count == 2
    peer.reset()
    peer = await world.opened(4)
    assert log[-1] == ("reconnecting", 4000, 3)
    at = peer.at  # it is counted from the opening
    await clock.sleep(at + 5010 - clock.now())
    assert ws.retry_count == 0
    peer.reset()
    await clock.sleep(10)
    assert log[-1] == ("reconnecting", 1000, 1)
    # While nothing ran it lasted too; a moment less is not enough.
    peer = await world.opened(5)
    clock.block(20_000)
    peer.end()
    peer = await world.opened(6)
    assert log[-1] == ("reconnecting", 1000, 1)
    await clock.sleep(4990)
    peer.end()
    await clock.sleep(10)
    assert log[-1] == ("reconnecting", 2000, 2)


async def claim_retry_after_is_obeyed_and_clamped(world):
    date = b"Date: Sun, 08 Nov 2026 08:49:37 GMT\r\nRetry-After: Sun, 08 Nov 2026 08:49:57 GMT"
    for status in (429, 503):
        for header, expected in (
            (b"Retry-After: 7", 7000),
            (b"retry-after:0", 1000),
            (b"Retry-After: 9999999999999", _PATIENT_MS),
            (b"Retry-After: soon", 1000),
            (date, 20_000),
        ):
            answer = b"HTTP/1.1 %d Status\r\n%s\r\n\r\n" % (status, header)
            assert await _wait_after([{"answer": answer}]) == expected, header
    # A huge one is clamped and obeyed, also where it is hours.
    network = World([{"answer": b"HTTP/1.1 503 S\r\nRetry-After: 99999999\r\n\r\n"}, OPEN])
    ws = network.websocket(jitter="full", max_reconnection_delay=21_600_000)
    log = Log(ws)
    await clock.sleep(10)
    assert 108_000_000 <= log[2][1] <= 216_000_000 and log.events[0].error.retry_after > 0
    await clock.sleep(log[2][1] + 1000)
    assert ws.ready_state == 1
    await network.end()
    waits = []
    for _ in range(30):
        network = World([{"answer": b"HTTP/1.1 503 S\r\nRetry-After: 7\r\n\r\n"}])
        ws = network.websocket(jitter="full")
        ws.add_event_listener("reconnecting", lambda event: waits.append(event.delay_ms))
        await clock.sleep(10)
        await network.end()
    assert 7000 <= min(waits) and max(waits) <= 14_000 and len(set(waits)) > 10, waits


async def claim_what_is_no_upgrade_is_patient_and_told(world):
    from partysocket import HandshakeError

    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    for answer, status, words in (
        (head + b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", 101, "Accept"),
        (b"HTTP/1.1 101 S\r\n\r\n", 101, "pgrade"),
        (b"HTTP/1.1 200 OK\r\n\r\n", 200, "200"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://other/\r\n\r\n", 302, "http://other/"),
        (b"SSH-2.0-x\r\n\r\n", None, ""),
    ):
        assert await _wait_after([{"answer": answer}]) == _PATIENT_MS, answer
        network = World([{"answer": answer}])
        log = Log(network.websocket(), ("error",))
        await clock.sleep(10)
        error = log.events[0].error
        assert isinstance(error, HandshakeError) and words in str(error), error
        assert status is None or error.status == status
        await network.end()


async def claim_a_minimum_that_is_a_pair_is_drawn_once_for_each_socket(world):
    drawn = []
    for _ in range(20):
        network = World([REFUSE])
        ws = network.websocket(
            min_reconnection_delay=(1000, 5000), reconnection_delay_grow_factor=1
        )
        waits = []
        ws.add_event_listener("reconnecting", lambda event, w=waits: w.append(event.delay_ms))
        await clock.sleep(20_000)
        assert len(waits) > 2 and len(set(waits)) == 1, waits
        drawn.append(waits[0])
        await network.end()
    assert 1000 <= min(drawn) and max(drawn) <= 5000 and len(set(drawn)) > 10, drawn


# Providers.


async def claim_a_provider_that_fails_is_one_failed_attempt(world):
    def raises():
        raise KeyError("no token yet")

    async def late():
        await clock.sleep(5)
        raise RuntimeError("no token")

    async def cancelled():
        raise asyncio.CancelledError()

    def lacks():
        raise MemoryError("no room")

    bad_headers = ({"Host": "x"}, {"A": "b\r\nc"}, {"A": 5}, {"x-partykit-room": "x"})
    for scheme in ("ws", "wss"):
        url = scheme + "://server/"
        for kind, last in (("url", url), ("headers", {"A": "x"}), ("protocols", None)):
            failures = [raises, late, cancelled, lacks, lambda: 5]
            if kind == "headers":
                failures += [lambda given=given: given for given in bad_headers]
            calls = []

            def provider(calls=calls, failures=failures, last=last):
                calls.append(clock.now())
                return failures[len(calls) - 1]() if len(calls) <= len(failures) else last

            network = World()
            options = {"headers": provider} if kind == "headers" else {}
            ws = network.websocket(
                provider if kind == "url" else url,
                provider if kind == "protocols" else None,
                reconnection_delay_grow_factor=1,
                ssl=_Context() if scheme == "wss" else True,
                **options,
            )
            log = Log(ws)
            await network.next()
            assert log.names() == ["error", "reconnecting"] * len(failures) + ["open"]
            waits = [b - a for a, b in zip(calls, calls[1:])]
            assert waits == [1000, 1005] + [1000] * (len(failures) - 2)
            assert log.of("error")[1:4:2] == [("error", "no token"), ("error", "no room")]
            assert ws.last_error[0] == "provider" and len(network.peers) == 1
            assert ws.stats()["attempts"] == len(failures) + 1
            await network.end()


class _Context:
    """An SSLContext that a transport of our own does not look at."""

    def wrap_socket(self, *args, **named):
        raise AssertionError


async def claim_tokens_are_asked_for_anew(world):
    world.plans = [REFUSE, OPEN]
    tokens = []

    async def headers():
        await clock.sleep(10)
        tokens.append(1)
        return {"Authorization": "Bearer %d" % len(tokens)}

    world.websocket(headers=headers)
    peer = await world.next()
    assert peer.header("Authorization") == "Bearer 2"
    peer.end()
    peer = await world.next()
    assert peer.header("Authorization") == "Bearer 3"


# Whatever a port raises. As it was seen on boards and hosts: other numbers, negative ones, texts,
# pairs, other types.
_ERRORS = [OSError(number) for number in (113, 104, 103, 118, 119, -110, 128, 116, 110, 9, 32)]
_ERRORS += [OSError(number) for number in (12, 105, 539377666, -2, -202)]
_ERRORS += [
    OSError(111, "ECONNREFUSED"),
    OSError("[addrinfo error -2]"),
    OSError((-29312, "MBEDTLS_ERR_SSL_CONN_EOF")),
    OSError(),
    EOFError(),
    RuntimeError("Out of sockets"),
    MemoryError("memory allocation failed, allocating 16717 bytes"),
    ValueError("\nThe certificate validity starts in the future\n"),
    AttributeError("'NoneType' object has no attribute 'write'"),
]
_FAILED = ["error", "close", "reconnecting"]


async def claim_whatever_a_connect_raises_is_one_failed_attempt_and_each_wait_longer(world):
    for error in _ERRORS:  # want of memory too
        network = World([{"step": error}] + [{"start": error}] * 3 + [OPEN])
        ws = network.websocket()  # the world fails if two sockets are open at once
        log = Log(ws)
        await network.next()
        assert log.names() == _FAILED * 4 + ["open"], error
        assert log.delays() == [1000, 2000, 4000, 8000] and ws.last_error[0] == "dns"
        await network.end()


async def claim_whatever_a_read_or_a_write_raises_ends_the_connection_once(world):
    for error in _ERRORS:
        network = World()
        ws, peer, log = await network.open(reconnection_delay_grow_factor=1, ping_interval_ms=1000)
        peer.reset(error)
        peer = await network.next()
        peer.send_error = error
        ws.send("cannot go")
        peer = await network.next()
        assert log.names() == (["open"] + _FAILED) * 2 + ["open"], error
        assert peer.messages() == ["cannot go"] and ws.last_error[0] == "websocket"
        await network.end()
