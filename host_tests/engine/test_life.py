"""Joining, messages, ends and the events they bring, in virtual time."""

import pytest

from engine.virtual import (
    BINARY,
    CLOSE,
    Accept,
    Log,
    Refuse,
    close_frame,
    frame,
    now,
    settle,
    sleep,
    text_frame,
    virtual,
)


@virtual
async def test_echo(server):
    ws = server.websocket()
    assert ws.ready_state == 0
    log = Log(ws)
    peer = await server.opened()
    assert now() == 0 and ws.ready_state == 1
    assert ws.send("hello") is True
    peer.text("hi")
    await sleep(10)
    assert log == [("open", False), ("message", "hi")]
    assert peer.messages == ["hello"]
    assert ws.buffered_amount == 0


@virtual
async def test_nothing_is_dialed_inside_the_constructor(server):
    server.websocket()
    assert server.peers == []
    await settle()
    assert server.last.target[:4] == ("server", 80, None, "server")


@virtual
async def test_party_socket_joins_a_room(server):
    from partysocket import PartySocket

    ws = PartySocket("localhost:8787", "lobby", id="me", query={"a": 1}, **server.options())
    peer = await server.opened()
    assert peer.request.startswith(b"GET /parties/main/lobby?_pk=me&a=1 HTTP/1.1\r\n")
    assert peer.header("Host") == "localhost:8787"
    assert ws.url == "ws://localhost:8787/parties/main/lobby?_pk=me&a=1"
    assert ws.room_url == "ws://localhost:8787/parties/main/lobby"


@virtual
async def test_url_is_told_as_a_browser_writes_it(server):
    for given, told in (
        ("wss://Example.com:443", "wss://example.com/"),
        ("https://[::1]:8443?a b#c", "wss://[::1]:8443/?a%20b"),
        ("HTTP://h:443/..", "ws://h:443/"),
    ):
        ws = server.websocket(given, ssl=False)
        assert ws.url == ""
        await server.opened()
        assert ws.url == told
        ws.close()
        assert ws.url == told
        await ws.wait_closed()


@virtual
async def test_binary_as_bytes(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.binary(b"\x00\xff")
    peer.binary(bytes(5000))  # longer than receive_bytes
    await sleep(1)
    assert log.data == [b"\x00\xff", bytes(5000)]
    assert type(log.data[0]) is bytes
    for data in (b"a", bytearray(b"b"), memoryview(b"c")):
        assert ws.send(data) is True
    await sleep(1)
    assert peer.frames == [(BINARY, b"a"), (BINARY, b"b"), (BINARY, b"c")]


@virtual
async def test_binary_as_memoryview(server):
    ws = server.websocket()
    ws.binary_type = "memoryview"
    got = []
    ws.onmessage = lambda e: got.append((type(e.data), bytes(e.data) if e.data != "t" else "t"))
    peer = await server.opened()
    peer.binary(b"xy")
    peer.binary(b"z" * 4000)
    peer.text("t")
    await sleep(1)
    assert got == [(memoryview, b"xy"), (memoryview, b"z" * 4000), (str, "t")]
    with pytest.raises(ValueError):
        ws.binary_type = "blob"


@virtual
async def test_what_was_queued_offline_goes_out_in_order_before_open_handlers_messages(server):
    server.plans = [Refuse(), Accept()]
    ws = server.websocket()
    assert [ws.send(f"m{i}") for i in range(5)] == [False] * 5
    ws.onopen = lambda e: ws.send("from onopen")
    peer = await server.opened()
    assert peer.messages == ["m0", "m1", "m2", "m3", "m4", "from onopen"]


@virtual
async def test_many_messages_in_one_segment(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.raw(b"".join(text_frame(f"{i}") for i in range(3000)))
    await sleep(1)
    assert log.data == [str(i) for i in range(3000)]


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
@virtual
async def test_answer_and_frames_in_any_cuts(server, cut):
    tail = (
        text_frame("a" * 200)
        + frame(BINARY, b"b" * 3000)
        + text_frame("é")
        + close_frame(4000, "bye")
    )
    server.plans = [Accept(tail=tail, cut=cut)]
    ws = server.websocket(max_retries=0)
    log = Log(ws)
    await ws.wait_closed()
    assert log == [
        ("open", False),
        ("message", "a" * 200),
        ("message", b"b" * 3000),
        ("message", "é"),
        ("close", 4000, "bye", True),
        ("giveup",),
    ]


@virtual
async def test_a_close_in_the_segment_of_the_101_is_answered(server):
    """As PartyServer's, when its onConnect raises."""
    server.plans = [Accept(tail=text_frame("why") + close_frame(1011, "setup"))]
    ws = server.websocket()
    log = Log(ws)
    await sleep(100)
    assert log.data == ["why"] and ("close", 1011, "setup", True) in log
    assert server.peers[0].close_codes == [1011]


@virtual
async def test_frames_in_the_segment_of_the_101(server):
    server.plan = Accept(tail=text_frame("first") + text_frame("second"))
    ws = server.websocket()
    log = Log(ws)
    await server.opened()
    assert log == [("open", False), ("message", "first"), ("message", "second")]


@virtual
async def test_the_subprotocol_of_the_servers_choice(server):
    server.plan = Accept(headers=["Sec-WebSocket-Protocol: b"])
    ws = server.websocket(protocols=["a", "b"])
    peer = await server.opened()
    assert peer.header("Sec-WebSocket-Protocol") == "a, b"
    assert ws.protocol == "b"


# The ends: which events, in which order, with which fields.


@virtual
async def test_peers_close_is_answered_once_with_its_code(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.say_close(4321, "why")
    await sleep(1)
    assert peer.close_codes == [4321]
    assert log == [("open", False), ("close", 4321, "why", True), ("reconnecting", 1000, 1)]
    assert log.states == [1, 3, 3]
    assert log.events[1].error is None
    assert peer.closed
    await server.opened()
    assert log[-1] == ("open", True) and now() >= 1000 and log.times[-1] == log.times[1] + 1000


@virtual
async def test_close_without_a_code_is_1005(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.say_close(None)
    await sleep(1)
    assert log[1:] == [("close", 1005, "", True), ("reconnecting", 1000, 1)]
    assert peer.count(CLOSE) == 1
    assert ws.ready_state == 3


@virtual
async def test_ready_state_is_2_while_the_peers_close_is_answered(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.window = 0
    peer.say_close(1001)
    await sleep(1)
    assert ws.ready_state == 2
    peer.open_window()
    await sleep(1)
    assert ws.ready_state == 3 and peer.close_codes == [1001]


@pytest.mark.parametrize("kind", ["end", "reset"])
@virtual
async def test_a_lost_link(server, kind):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    getattr(peer, kind)()
    await sleep(1)
    assert log.names == ["open", "error", "close", "reconnecting"]
    assert log[2] == ("close", 1006, "", False) and log[3] == ("reconnecting", 1000, 1)
    assert log.events[1].error is log.events[2].error
    assert isinstance(log.events[1].error, OSError)
    assert log.states[1:] == [3, 3, 3]
    assert ws.last_error[0] == "websocket"
    assert ws.stats()["drops"] == 1
    await server.opened()
    assert log[-1] == ("open", True)


@virtual
async def test_failed_dials_grow_exactly(server):
    server.plan = Refuse()
    ws = server.websocket(reconnection_delay_grow_factor=2)
    log = Log(ws)
    await sleep(60_000)
    delays = [d for _, d, _ in log.of("reconnecting")]
    assert delays[:6] == [1000, 2000, 4000, 8000, 10000, 10000]
    starts = [p.started_at for p in server.peers]
    assert starts[:6] == [0, 1000, 3000, 7000, 15000, 25000]
    assert log.names[:3] == ["error", "close", "reconnecting"]
    assert log[1] == ("close", 1006, "", False)
    assert [n for _, _, n in log.of("reconnecting")][:3] == [1, 2, 3]
    assert ws.stats()["attempts"] == len(server.peers)


@virtual
async def test_partysockets_own_delays(server):
    from partysocket import PARTYSOCKET

    server.plan = Refuse()
    ws = server.websocket(
        **{
            k: PARTYSOCKET[k]
            for k in ("max_reconnection_delay", "reconnection_delay_grow_factor", "jitter")
        },
        min_reconnection_delay=3000,
    )
    log = Log(ws)
    await sleep(60_000)
    assert [d for _, d, _ in log.of("reconnecting")][:6] == [3000, 3900, 5070, 6591, 8568, 10000]


@virtual
async def test_ready_state_between_attempts_and_during_them(server):
    server.plans = [Refuse(ms=500), Accept(connect_ms=500)]
    ws = server.websocket()
    await sleep(100)
    assert ws.ready_state == 0
    await sleep(500)
    assert ws.ready_state == 3  # waits
    await sleep(1000)
    assert ws.ready_state == 0  # dials again
    await sleep(500)
    assert ws.ready_state == 1


_HANGS = {
    "tcp": Accept(connect_ms=None),
    "tls": Accept(tls_ms=None),
    "http": Accept(answer_ms=None),
    "half an answer": Accept(answer=b"HTTP/1.1 101 Switching"),
}


@pytest.mark.parametrize("where", _HANGS)
@virtual
async def test_timeout_at_exactly_connection_timeout(server, where):
    server.plans = [_HANGS[where]]
    ws = server.websocket(connection_timeout=3000)
    log = Log(ws)
    await sleep(3900)
    assert log == [("error", "TIMEOUT"), ("close", 1006, "", False), ("reconnecting", 1000, 1)]
    assert log.times == [3000] * 3
    assert server.peers[0].closed_at == 3000
    await server.opened()
    assert server.peers[1].started_at == 4000


@virtual
async def test_the_timeout_of_a_pair_grows_by_half(server):
    server.plan = Accept(connect_ms=None)
    ws = server.websocket(connection_timeout=(1000, 3000), min_reconnection_delay=0)
    log = Log(ws)
    await sleep(10_000)
    assert log.times[0:12:3] == [1000, 2500, 4750, 7750]


@virtual
async def test_min_uptime_resets_the_growth(server):
    ws = server.websocket(reconnection_delay_grow_factor=2, min_uptime=5000)
    log = Log(ws)
    for up in (4999, 4999, 5001):
        peer = await server.opened()
        since = log.times[-1]
        await sleep(since + up - now())
        peer.end()
        await sleep(1)
    assert [d for _, d, _ in log.of("reconnecting")] == [1000, 2000, 1000]


@virtual
async def test_a_connection_that_lasted_min_uptime_while_something_blocked_is_proven(server):
    import asyncio

    ws = server.websocket(reconnection_delay_grow_factor=2, min_uptime=5000)
    log = Log(ws)
    (await server.opened()).end()
    peer = await server.opened()
    asyncio.get_running_loop().block(20_000)
    peer.end()
    await sleep(1)
    assert [d for _, d, _ in log.of("reconnecting")] == [1000, 1000]


# Protocol errors.

_FAULTS = {
    "rsv": (frame(1, b"x", rsv=4), 1002),
    "masked": (frame(1, b"x", mask=True), 1002),
    "opcode": (frame(3, b"x"), 1002),
    "control": (frame(9, b"x", fin=False), 1002),
    "continuation": (frame(0, b"x"), 1002),
    "close code": (close_frame(1005), 1002),
    "close of one byte": (frame(8, b"x"), 1002),
    "utf8": (frame(1, b"\xff"), 1007),
    "close reason": (frame(8, b"\x03\xe8\xff"), 1007),
    "big": (frame(2, b"", size=1 << 40), 1009),
    "over": (frame(2, b"", size=16385), 1009),
}


@pytest.mark.parametrize("fault", _FAULTS)
@virtual
async def test_a_protocol_error_is_closed_with_its_code(server, fault):
    from partysocket import ProtocolError

    data, code = _FAULTS[fault]
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.raw(data)
    await sleep(1)
    assert peer.close_codes == [code]
    assert log.names == ["open", "error", "close", "reconnecting"]
    assert log[2][1] == code and log[2][3] is False
    assert isinstance(log.events[1].error, ProtocolError)


@virtual
async def test_a_peer_that_ignores_the_close_after_its_fault_is_left_after_2_s(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.auto_close = False
    at = now()
    peer.raw(frame(3))
    await sleep(1)
    assert ws.ready_state == 2
    await sleep(2500)
    assert log.names == ["open", "error", "close", "reconnecting"]
    assert log.times[2] == at + 2000 and log[2][1] == 1002
    assert log[1][1] != "TIMEOUT"


# Handshakes that fail.

_ANSWERS = {
    "200": (200, 50000),
    "404": (404, 50000),
    "500": (500, 1000),
    "503": (503, 1000),
    "408": (408, 1000),
    "301": (301, 50000),
    "401": (401, 50000),
}


@pytest.mark.parametrize("answer", _ANSWERS)
@virtual
async def test_statuses(server, answer):
    from partysocket import HandshakeError

    status, delay = _ANSWERS[answer]
    server.plans = [Accept(answer=status)]
    ws = server.websocket()
    log = Log(ws)
    await sleep(1)
    assert log.names == ["error", "close", "reconnecting"]
    error = log.events[0].error
    assert isinstance(error, HandshakeError) and error.status == status
    assert log[2] == ("reconnecting", delay, 1)
    assert ws.last_error[0] == "http"


@virtual
async def test_retry_after(server):
    server.plans = [Accept(answer=b"HTTP/1.1 503 No\r\nRetry-After: 7\r\n\r\n")]
    ws = server.websocket()
    log = Log(ws)
    await sleep(1)
    assert log[2] == ("reconnecting", 7000, 1) and log.events[0].error.retry_after == 7


@virtual
async def test_a_huge_retry_after_is_clamped_and_obeyed(server):
    server.plans = [Accept(answer=b"HTTP/1.1 503 No\r\nRetry-After: 99999999\r\n\r\n")]
    ws = server.websocket(jitter="full", max_reconnection_delay=21_600_000)
    log = Log(ws)
    await sleep(1)
    wait = log[2][1]
    assert 108_000_000 <= wait <= 216_000_000
    await sleep(wait + 1000)
    assert ws.ready_state == 1


@virtual
async def test_a_wrong_accept_is_patient(server):
    server.plans = [
        Accept(
            answer=b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
        )
    ]
    ws = server.websocket()
    log = Log(ws)
    await sleep(1)
    assert log[2] == ("reconnecting", 50000, 1)


# Giving up, and the predicate.


@pytest.mark.parametrize("retries", [0, 1, 3])
@virtual
async def test_max_retries(server, retries):
    server.plan = Refuse()
    ws = server.websocket(max_retries=retries)
    log = Log(ws)
    await ws.wait_closed()
    assert len(server.peers) == retries + 1
    assert log.names == ["error", "close", "reconnecting"] * retries + ["error", "close", "giveup"]
    assert ws.ready_state == 3 and set(log.states) == {3}
    assert log.events[-1].error is log.events[-2].error
    # and it lives again
    server.plan = Accept()
    log.clear()
    ws.reconnect()
    await server.opened()
    assert log == [("open", False)]


@virtual
async def test_giveup_then_reconnect_inside_the_handler(server):
    server.plans = [Refuse(), Accept()]
    ws = server.websocket(max_retries=0)
    ws.add_event_listener("giveup", lambda e: ws.reconnect())
    await server.opened()
    assert ws.ready_state == 1 and now() < 10


@virtual
async def test_predicate_says_no(server):
    asked = []
    ws = server.websocket(
        should_reconnect_on_close=lambda e: asked.append(e.code) or e.code != 4000
    )
    log = Log(ws)
    (await server.opened()).end()
    (await server.opened()).say_close(4000, "enough")
    await ws.wait_closed()
    assert asked == [1006, 4000]
    assert log.names[-3:] == ["open", "close", "giveup"]
    assert ws.should_reconnect is False and ws.ready_state == 3
    ws.reconnect()
    assert ws.should_reconnect is True
    await server.opened()


@virtual
async def test_predicate_that_raises_changes_nothing(server):
    told = []
    server.websocket(should_reconnect_on_close=lambda e: 1 / 0, debug_logger=told.append)
    (await server.opened()).end()
    await server.opened()
    assert any("ZeroDivisionError" in text for text in told)


@virtual
async def test_predicate_is_not_asked_for_close_and_reconnect(server):
    asked = []
    ws = server.websocket(should_reconnect_on_close=lambda e: asked.append(e) or True)
    await server.opened()
    ws.reconnect()
    await server.opened()
    ws.close()
    await ws.wait_closed()
    assert asked == []


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("end", ["end", "refused", "peer's close"])
@virtual
async def test_predicate_that_calls_close(server, end, answer):
    ws = server.websocket(should_reconnect_on_close=lambda e: (ws.close(), answer)[1])
    log = Log(ws)
    if end == "refused":
        server.plans = [Refuse()]
    elif end == "end":
        (await server.opened()).end()
    else:
        (await server.opened()).say_close(4000)
    await sleep(60_000)
    assert ws.ready_state == 3 and len(server.peers) == 1
    assert "giveup" not in log.names and "reconnecting" not in log.names
    assert log.names.count("close") == 1


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("end", ["end", "peer's close"])
@virtual
async def test_predicate_that_calls_reconnect(server, end, answer):
    ws = server.websocket(should_reconnect_on_close=lambda e: (ws.reconnect(), answer)[1])
    log = Log(ws)
    peer = await server.opened()
    if end == "end":
        peer.end()
    else:
        peer.say_close(4000)
    await server.opened()
    assert now() < 100 and "giveup" not in log.names
    assert log.names.count("close") == 1
