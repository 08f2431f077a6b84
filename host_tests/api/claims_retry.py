"""When it dials again after each cause, and the events about it."""

import asyncio

from simulation.clock import clock

from .world import HANGS, OPEN, REFUSE, Log, Untold, World, each

_SOON = (1000, 1006, 1001, 1005, 1011, 1012, 1015, 1013)
_GROWN = (1002, 1003, 1007, 1009, 1010, 3000, 4000, 4999)
_NO = (1008, 4001, 4003, 4401, 4403)
_OPTIONS = {
    "min_reconnection_delay": 1000,
    "max_reconnection_delay": 10000,
    "min_uptime": 500,
}
_PATIENT_MS = 50000
_BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: %s\r\n\r\n"
_FAILED = ["error", "close", "reconnecting"]


async def _wait_after(plans, end=None, **options):
    """The wait after the last of `plans`. `end`: the close code that ends the connection. Before
    that it has lasted, and has failed three times.
    """
    network = World(plans)
    options.update(_OPTIONS)
    ws = network.websocket(**options)
    log = Log(ws)
    if end is not None:
        peer = await network.next()
        await clock.sleep(1000)
        peer.reset() if end == 1006 else peer.say_close(None if end == 1005 else end)
    await clock.sleep(10)
    ws.close()
    await ws.wait_closed()
    return log.delays()[-1]


async def claim_closes_are_retried_by_their_codes(world):
    plans = [REFUSE, REFUSE, OPEN]
    for end in _SOON:
        # 1015 is never sent.
        if end != 1015:
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


async def _hangs():
    await clock.sleep(1 << 28)


@each(
    ("provider", OPEN, _hangs),
    ("tcp", HANGS),
    ("tls", {"hangs": "tls"}),
    ("http", {"hangs": "http"}),
    ("http", {"answer": b"HTTP/1.1 101 Switching"}),
)
async def claim_each_phase_of_a_dial_has_its_deadline_and_its_name(
    world, phase, plan, url="ws://server/"
):
    world.plans = [plan, OPEN]
    ws = world.websocket(url, connection_timeout=3000)
    log = Log(ws)
    at = clock.now()
    await clock.sleep(3900)
    ended = [("error", "TIMEOUT"), ("close", 1006, "", False), ("reconnecting", 1000, 1)]
    if phase == "provider":
        del ended[1]
    assert log == ended and set(log.times) == {at + 3000}
    assert ws.last_error == (phase, "TIMEOUT")
    if phase != "provider":
        assert world.peers[0].closed_at == at + 3000
        assert (await world.next()).at == at + 4000


@each(
    # Each case: what dials meet; options; the shortest wait and the longest.
    (REFUSE, {"jitter": "full"}, 100, 1000),
    (REFUSE, {"jitter": "equal"}, 500, 1000),
    (REFUSE, {"min_reconnection_delay": (1000, 5000)}, 1000, 5000),
    ({"answer": _BUSY % b"7"}, {"jitter": "full"}, 7000, 14_000),
)
async def claim_waits_have_chance_in_them(world, plan, options, least, most):
    world.plans = [plan]
    waits = []
    for _ in range(30):
        ws = world.websocket(**options)
        log = Log(ws)
        await clock.sleep(10)
        waits += log.delays()
        ws.close()
    assert least <= min(waits) and max(waits) <= most and len(set(waits)) > 10, waits


async def claim_a_minimum_that_is_a_pair_is_drawn_once_for_each_socket(world):
    world.plans = [REFUSE]
    ws = world.websocket(min_reconnection_delay=(1000, 5000), reconnection_delay_grow_factor=1)
    log = Log(ws)
    await clock.sleep(20_000)
    assert len(log.delays()) > 2 and len(set(log.delays())) == 1


async def claim_the_first_dial_may_be_spread(world):
    world.plans = [REFUSE]
    at = []
    for _ in range(20):
        begun = clock.now()
        world.websocket(initial_spread_ms=1000, max_retries=0)
        await clock.sleep(1010)
        at.append(world.peer.at - begun)
    assert max(at) <= 1001 and len(set(at)) > 10, at


async def claim_a_silent_dial_is_given_up_in_time_that_grows(world):
    world.plans = [HANGS]
    ws = world.websocket(connection_timeout=(1000, 2000))
    log = Log(ws, ("error", "close"))
    await clock.sleep(20_000)
    assert log[:2] == [("error", "TIMEOUT"), ("close", 1006, "", False)]
    spans = [peer.closed_at - peer.at for peer in world.peers if peer.closed_at is not None]
    assert spans[:4] == [1000, 1500, 2000, 2000], spans
    assert ws.last_error[0] == "tcp"


@each("tls", "http")
async def claim_a_server_that_has_taken_the_dial_has_longer_from_the_second_failure_on(
    world, phase
):
    world.plans = [{"hangs": phase}]
    for timeout, wanted in (
        ((1000, 2000), [1000, 1500, 6000, 8000, 10_000, 12_000, 12_000]),
        (1000, [1000] * 7),
    ):
        first = len(world.peers)
        ws = world.websocket(connection_timeout=timeout, max_reconnection_delay=1000)
        await clock.sleep(60_000)
        ws.close()
        spans = [peer.closed_at - peer.at for peer in world.peers[first:]]
        assert spans[:7] == wanted, spans


async def claim_what_lasted_resets_the_growth(world):
    world.plans = [REFUSE, REFUSE, OPEN, OPEN]
    ws = world.websocket(min_uptime=5000)
    log = Log(ws, ("reconnecting",))
    peer = await world.next()
    assert ws.retry_count == 2
    peer.reset()
    peer = await world.next()
    assert log[-1] == ("reconnecting", 4000, 3)
    # It is counted from the opening.
    at = peer.at
    await clock.sleep(at + 5010 - clock.now())
    assert ws.retry_count == 0
    peer.reset()
    await clock.sleep(10)
    assert log[-1] == ("reconnecting", 1000, 1)
    # The time when nothing ran counts too. One ms less is not enough.
    peer = await world.next()
    clock.block(20_000)
    peer.end()
    peer = await world.next()
    assert log[-1] == ("reconnecting", 1000, 1)
    await clock.sleep(4990)
    peer.end()
    await clock.sleep(10)
    assert log[-1] == ("reconnecting", 2000, 2)


async def claim_retry_after_is_obeyed_and_clamped(world):
    date = b"Sun, 08 Nov 2026 08:49:57 GMT\r\nDate: Sun, 08 Nov 2026 08:49:37 GMT"
    for value, expected in (
        (b"7", 7000),
        (b"0", 1000),
        (b"9999999999999", _PATIENT_MS),
        (b"soon", 1000),
        (date, 20_000),
    ):
        for answer in (_BUSY % value, (_BUSY % value).replace(b"503", b"429")):
            assert await _wait_after([{"answer": answer}]) == expected, answer
    # A huge value is limited, and obeyed even if it is hours.
    world.plans = [{"answer": _BUSY % b"99999999"}, OPEN]
    ws = world.websocket(jitter="full", max_reconnection_delay=21_600_000)
    log = Log(ws)
    await clock.sleep(10)
    (wait,) = log.delays()
    assert 108_000_000 <= wait <= 216_000_000 and log.events[0].error.retry_after > 0
    await clock.sleep(wait + 1000)
    assert ws.ready_state == 1


_STOPS = "the server stops; retry-after=%d; spread=%d"


@each(
    # Each case: the text of the Close; options; the shortest wait and the longest.
    (1001, _STOPS % (20, 10), {}, 20_000, 20_000),
    (1001, _STOPS % (20, 10), {"jitter": "full"}, 20_000, 30_000),
    (1012, "retry-after=20", {"jitter": "full"}, 20_000, 40_000),
    (1001, _STOPS % (0, 9), {"jitter": "full"}, 100, 9001),
    (1001, _STOPS % (99999999, 0), {}, _PATIENT_MS, _PATIENT_MS),
    (1001, _STOPS % (20, 10), {"retry_rules": "always"}, 1000, 1000),
    (1001, "code=7; spread=9", {}, 1000, 1000),
    (4000, _STOPS % (20, 10), {}, 20_000, 20_000),
    (1008, _STOPS % (20, 10), {}, _PATIENT_MS, _PATIENT_MS),
)
async def claim_a_server_that_stops_says_when_to_come_back(
    world, code, reason, options, least, most
):
    world.plans = [OPEN]
    ws = world.websocket(max_reconnection_delay=10_000, **options)
    log = Log(ws)
    for _ in range(5):
        peer = await world.next()
        # The connection has lasted long enough, so the wait has not grown.
        await clock.sleep(6000)
        peer.say_close(code, reason)
        await clock.sleep(100)
        assert log[-2] == ("close", code, reason, True), log[-2]
        assert least <= log.delays()[-1] <= most, (code, reason, log.delays())
        await clock.sleep(log.delays()[-1])
    ws.close()


async def claim_a_stop_that_is_longer_than_a_wait_may_be_is_kept_in_mind(world):
    world.plans = [OPEN, REFUSE, REFUSE, OPEN]
    ws = world.websocket(max_reconnection_delay=10_000)
    log = Log(ws)
    peer = await world.next()
    begun = clock.now()
    peer.say_close(1001, _STOPS % (120, 0))
    peer = await world.next()
    assert abs(peer.at - begun - 120_000) < 50, (peer.at, begun)
    waits = log.delays()
    assert waits[:2] == [50_000, 50_000] and 19_900 <= waits[2] <= 20_000, waits
    # The connection ends the announced stop. The application's call comes before it too.
    peer.reset()
    peer = await world.next()
    assert log.delays()[-1] <= 10_000
    peer.say_close(1001, _STOPS % (120, 0))
    await clock.sleep(1000)
    begun = clock.now()
    ws.reconnect()
    assert (await world.next()).at - begun < 50


_HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


@each(
    (_HEAD + b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", 101, "Accept"),
    (b"HTTP/1.1 101 S\r\n\r\n", 101, "pgrade"),
    (b"HTTP/1.1 200 OK\r\n\r\n", 200, "200"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://other/\r\n\r\n", 302, "http://other/"),
    (b"SSH-2.0-x\r\n\r\n", None, ""),
)
async def claim_what_is_no_upgrade_is_patient_and_told(world, answer, status, words):
    from partysocket import HandshakeError

    world.plans = [{"answer": answer}]
    log = Log(world.websocket(max_reconnection_delay=10_000))
    await clock.sleep(10)
    error = log.events[0].error
    assert isinstance(error, HandshakeError) and words in str(error), error
    assert status is None or error.status == status
    assert log.delays() == [_PATIENT_MS]


# Providers.


def _raise(error):
    raise error


async def _raise_late(error):
    await clock.sleep(5)
    raise error


_FAILURES = [
    lambda: _raise(KeyError("no token yet")),
    lambda: _raise_late(RuntimeError("no token")),
    lambda: _raise_late(asyncio.CancelledError()),
    lambda: _raise(MemoryError("no room")),
    lambda: _raise(Untold()),
    lambda: 5,
]
_BAD_HEADERS = ({"Host": "x"}, {"A": "b\r\nc"}, {"A": 5}, {"x-partykit-room": "x"})


@each(
    *[
        (url, kind, at_last)
        for url in ("ws://server/", "wss://server/")
        for kind, at_last in (("url", url), ("headers", {"A": "x"}), ("protocols", None))
    ]
)
async def claim_a_provider_that_fails_is_one_failed_attempt(world, url, kind, at_last):
    failures = list(_FAILURES)
    if kind == "headers":
        failures += [lambda given=given: given for given in _BAD_HEADERS]
    calls = []

    def provider():
        calls.append(clock.now())
        return failures[len(calls) - 1]() if len(calls) <= len(failures) else at_last

    ws = world.websocket(
        provider if kind == "url" else url,
        provider if kind == "protocols" else None,
        headers=provider if kind == "headers" else None,
        reconnection_delay_grow_factor=1,
        ssl=_Context() if url[:3] == "wss" else True,
        debug=True,
    )
    log = Log(ws)
    peer = await world.next()
    assert log.names() == ["error", "reconnecting"] * len(failures) + ["open"]
    waits = [b - a for a, b in zip(calls, calls[1:])]
    assert waits == [1000, 1005, 1005] + [1000] * (len(failures) - 3)
    assert log.of("error")[1:4:2] == [("error", "no token"), ("error", "no room")]
    assert ws.last_error[0] == "provider" and len(world.peers) == 1
    assert ws.stats()["attempts"] == len(failures) + 1
    assert kind != "headers" or peer.header("A") == "x"
    peer.end()
    await world.next()
    # The provider is asked again.
    assert len(calls) == len(failures) + 2


class _Context:
    """An SSLContext that our own transport ignores."""

    def wrap_socket(self, *args, **named):
        raise AssertionError


# Errors of ports, as seen on boards and computers: other numbers, negative ones, texts, pairs,
# other types.
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
    Untold(),
]


# Also MemoryError.
@each(*_ERRORS)
async def claim_whatever_a_connect_raises_is_one_failed_attempt_and_each_wait_longer(world, error):
    world.plans = [{"fails": (call, error)} for call in ("step", "start", "transport", "start")]
    world.plans.append(OPEN)
    # The world fails if two sockets are open at the same time.
    ws = world.websocket(debug=True, max_reconnection_delay=5000)
    log = Log(ws)
    await world.next()
    assert log.names() == _FAILED * 4 + ["open"], log.names()
    assert log.delays() == [1000, 2000, 4000, 5000] and ws.last_error[0] == "dns"
    assert isinstance(log[0][1], str)


@each(*_ERRORS)
async def claim_whatever_a_read_or_a_write_raises_ends_the_connection_once(world, error):
    ws, peer, log = await world.open(
        reconnection_delay_grow_factor=1, ping_interval_ms=1000, debug=True
    )
    peer.reset(error)
    peer = await world.next()
    peer.plan.failing, peer.plan.error = "wait", error
    peer.text("and then it waits again")
    peer = await world.next()
    peer.send_error = error
    ws.send("cannot go")
    peer = await world.next()
    names = [name for name in log.names() if name != "message"]
    assert names == (["open"] + _FAILED) * 3 + ["open"], names
    assert peer.messages() == ["cannot go"] and ws.last_error[0] == "websocket"


_MEMORY_ERRORS = (
    MemoryError(),
    MemoryError("memory allocation failed, allocating 17000 bytes"),
    OSError(12, "ENOMEM"),
    OSError(12),
    OSError(-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED"),
    OSError((-0x7F00, "MBEDTLS_ERR_SSL_ALLOC_FAILED")),
    OSError(-0x2880, "MBEDTLS_ERR_X509_ALLOC_FAILED"),
)


@each(*[(call, e) for e in _MEMORY_ERRORS for call in ("start", "step", "send", "recv_into")])
async def claim_want_of_memory_has_many_names_and_is_never_a_refusal(world, call, error):
    """Whatever error a failed allocation raises in the transport or in TLS, the next dial comes
    soon.
    """
    world.plans = [{"accept": 1, "tls_ms": 20, "fails": (call, error)}, OPEN]
    ws = world.websocket("wss://server/path", ssl=False)
    log = Log(ws, ("error", "reconnecting"))
    assert await ws.wait_open(5000)
    assert log.names() == ["error", "reconnecting"] and log.delays() == [1000], log
