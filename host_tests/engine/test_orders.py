"""close() and reconnect(): from every state, in handlers and providers, twice, one after the
other.
"""

import asyncio

import pytest

from engine.virtual import CLOSE, Accept, Log, Refuse, Server, now, play, settle, sleep, virtual


async def _never():
    await asyncio.Event().wait()


async def _bring(server, state, **options):
    """A socket in `state`."""
    if state == "provider":
        calls = []
        ws = server.websocket(
            lambda: calls.append(1) or (_never() if len(calls) == 1 else "ws://server/"), **options
        )
    elif state == "closed":
        ws = server.websocket(start_closed=True, **options)
    else:
        if state == "tcp":
            server.plans = [Accept(connect_ms=None)]
        elif state == "http":
            server.plans = [Accept(answer_ms=None)]
        elif state == "back-off":
            server.plans = [Refuse()]
        elif state == "first step":
            server.plans = [Accept(connect_ms=3)]
        options.setdefault("should_reconnect_on_close", lambda e: e.code != 4999)
        ws = server.websocket(**options)
    if state == "constructed":
        return ws
    if state == "dial begun":
        await asyncio.sleep(0)
        return ws
    if state in ("open", "peer closing", "reconnecting", "given up", "writer failed"):
        peer = await server.opened()
        if state == "peer closing":
            peer.window = 0
            peer.say_close(1001, "restart")
        elif state == "reconnecting":
            peer.auto_close = False
            ws.reconnect()
        elif state == "writer failed":
            peer.send_error = OSError(32, "EPIPE")
            ws.send("x")
        elif state == "given up":
            peer.say_close(4999)
            await ws.wait_closed()
    await sleep(10)
    return ws


_STATES = [
    "constructed",
    "dial begun",
    "provider",
    "tcp",
    "http",
    "back-off",
    "open",
    "peer closing",
    "writer failed",
    "reconnecting",
    "given up",
    "closed",
]
_WITH_CLOSE = ("tcp", "http", "open", "dial begun")


@pytest.mark.parametrize("state", _STATES)
@virtual
async def test_close_from(server, state):
    ws = await _bring(server, state)
    log = Log(ws)
    ws.close(4001, "bye")
    if state in ("tcp", "http", "open"):
        assert log == [("close", 4001, "bye", True)] and log.states == [3]
    elif state in ("constructed", "provider", "back-off", "reconnecting", "given up", "closed"):
        assert log == []
    assert ws.ready_state == 3 and ws.should_reconnect is False
    at = now()
    ws.close()  # twice is once
    await ws.wait_closed()
    assert now() - at <= 2000
    assert server.open_now == 0
    count = len(server.peers)
    await sleep(120_000)
    assert len(server.peers) == count and ws.ready_state == 3
    assert len(log) <= 2 and "reconnecting" not in log.names and "giveup" not in log.names
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("state", _STATES)
@virtual
async def test_reconnect_from(server, state):
    ws = await _bring(server, state)
    log = Log(ws)
    at = now()
    ws.reconnect(4002, "anew")
    if state in ("tcp", "http", "open"):
        assert log == [("close", 4002, "anew", True)]
    elif state in ("constructed", "provider", "back-off", "reconnecting", "given up", "closed"):
        assert log == []
    assert await ws.wait_open(2500)
    assert now() - at <= 2010
    if state not in ("peer closing", "reconnecting", "writer failed"):
        assert now() - at < 20
    assert "reconnecting" not in log.names
    await sleep(100_000)
    assert ws.ready_state == 1 and server.open_now == 1


@pytest.mark.parametrize("state", _STATES)
@virtual
async def test_close_then_reconnect_from(server, state):
    ws = await _bring(server, state)
    log = Log(ws)
    ws.close()
    ws.reconnect()
    assert ws.ready_state != 1
    assert await ws.wait_open(2500)
    assert log.names.count("close") <= 1 and log.names.count("open") == 1
    await sleep(100_000)
    assert ws.ready_state == 1


@pytest.mark.parametrize("state", _STATES)
@virtual
async def test_reconnect_then_close_from(server, state):
    ws = await _bring(server, state)
    log = Log(ws)
    ws.reconnect()
    ws.close()
    await ws.wait_closed()
    assert log.names.count("close") <= 1 and "open" not in log.names
    count = len(server.peers)
    await sleep(100_000)
    assert len(server.peers) == count


@pytest.mark.parametrize("after", ["the constructor", "the back-off"])
@pytest.mark.parametrize("order", ["close", "reconnect"])
def test_an_order_at_each_turn_of_the_loop_after(order, after):
    async def main(server, turns):
        server.plans = [Refuse()] if after == "the back-off" else []
        ws = server.websocket()
        if server.plans:
            await sleep(1000)
        for _ in range(turns):
            await asyncio.sleep(0)
        getattr(ws, order)()
        if order == "close":
            await asyncio.wait_for(ws.wait_closed(), 5)
        else:
            assert await ws.wait_open(5000)

    for turns in range(12):
        play(main, Server(), turns=turns)


_HANDLERS = ["open", "message", "error", "close", "reconnecting"]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("name", _HANDLERS)
@virtual
async def test_close_inside_a_handler(server, name, is_async):
    ws = server.websocket()
    log = Log(ws)
    done = []

    def act(event):
        done.append(event.type)
        ws.close()
        assert ws.ready_state == 3

    async def act_async(event):
        await asyncio.sleep(0)
        act(event)

    ws.add_event_listener(name, act_async if is_async else act, once=True)
    peer = await server.opened()
    peer.text("m")
    await sleep(1)
    peer.end()
    await sleep(10_000)
    assert done == [name]
    assert ws.ready_state == 3 and len(server.peers) == 1
    assert log.names.count("close") == 1
    await ws.wait_closed()


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("name", _HANDLERS)
@virtual
async def test_reconnect_inside_a_handler(server, name, is_async):
    ws = server.websocket()
    log = Log(ws)
    done = []

    def act(event):
        done.append(event.type)
        ws.reconnect()

    async def act_async(event):
        await asyncio.sleep(0)
        act(event)

    ws.add_event_listener(name, act_async if is_async else act, once=True)
    peer = await server.opened()
    peer.text("m")
    await sleep(1)
    peer.end()
    assert await ws.wait_open(2500)
    await sleep(10_000)
    assert done == [name] and ws.ready_state == 1
    assert log.names.count("open") == 2 and log.names.count("close") == 1


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("order", ["close", "reconnect"])
@virtual
async def test_an_order_inside_a_provider(server, order, is_async):
    calls = []

    def url():
        calls.append(now())
        if len(calls) == 1:
            getattr(ws, order)()
        return "ws://server/"

    async def url_async():
        await asyncio.sleep(0)
        return url()

    ws = server.websocket(url_async if is_async else url)
    await sleep(10_000)
    if order == "close":
        assert ws.ready_state == 3 and server.peers == [] and len(calls) == 1
        await ws.wait_closed()
    else:
        assert ws.ready_state == 1 and len(server.peers) == 1 and len(calls) == 2


# What goes out at the end, and how long it takes.


@virtual
async def test_the_ring_is_written_out_before_the_close(server):
    ws = server.websocket()
    peer = await server.opened()
    for i in range(100):
        ws.send(f"{i}")
    ws.close(3000, "done")
    assert ws.send("too late") is False
    await ws.wait_closed()
    assert peer.messages == [str(i) for i in range(100)]
    assert peer.close_codes == [3000] and peer.frames[-1][0] == CLOSE
    assert peer.frames[-1][1][2:] == b"done"
    assert ws.drain_queued_messages() == ["too late"]


@pytest.mark.parametrize("then", ["close", "reconnect"])
@virtual
async def test_2_s_for_a_peer_that_ignores_the_close(server, then):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_close = False
    at = now()
    getattr(ws, then)()
    if then == "close":
        await ws.wait_closed()
    else:
        assert await ws.wait_open(10000)
    assert now() - at in (2000, 2001) and peer.closed_at == at + 2000


@virtual
async def test_2_s_for_a_peer_that_reads_nothing(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.window = 5
    ws.send("abcdefgh")
    ws.send("second")
    at = now()
    ws.close()
    await ws.wait_closed()
    assert now() == at + 2000
    assert ws.drain_queued_messages() == ["abcdefgh", "second"]
    assert log.names == ["open", "close"]


@virtual
async def test_a_second_order_does_not_prolong_the_2_s(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.auto_close = False
    at = now()
    ws.reconnect()
    await sleep(1500)
    ws.reconnect()
    assert await ws.wait_open(10_000)
    assert now() - at <= 2001


@virtual
async def test_reconnect_while_the_reader_is_behind_takes_no_2_s(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.text("1")
    assert await ws.recv() == "1"
    peer.text("2", "3", "4")
    await sleep(1)
    at = now()
    ws.reconnect()
    assert await ws.wait_open(10_000)
    assert now() - at < 100


@virtual
async def test_no_message_comes_after_close(server):
    ws = server.websocket()
    got = []
    ws.onmessage = lambda e: (got.append(e.data), ws.close())
    peer = await server.opened()
    peer.text("1", "2", "3")
    await ws.wait_closed()
    assert got == ["1"]


@virtual
async def test_peers_close_crosses_ours(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.auto_close = False
    ws.close(4005)
    peer.say_close(1001)
    await ws.wait_closed()
    assert log[1:] == [("close", 4005, "", True)]
    assert peer.close_codes == [4005]


@virtual
async def test_a_clean_close_stays_clean_when_the_answer_cannot_be_written(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.say_close(1012, "restart")
    peer.send_error = OSError(32, "EPIPE")
    at = now()
    await sleep(3000)
    assert log[1:3] == [("close", 1012, "restart", True), ("reconnecting", 1000, 1)]
    assert log.times[1] == at


@virtual
async def test_a_clean_close_stays_clean_when_nobody_reads_the_answer(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.window = 0
    peer.say_close(1012, "restart")
    await sleep(2500)
    assert log[1:3] == [("close", 1012, "restart", True), ("reconnecting", 1000, 1)]


@virtual
async def test_the_peers_word_is_heard_after_our_write_failed(server):
    ws = server.websocket()
    log = Log(ws)
    peer = await server.opened()
    peer.send_error = OSError(32, "EPIPE")
    ws.send("x")
    await sleep(100)
    assert ws.ready_state == 2
    peer.text("last words")
    peer.say_close(4000, "kicked")
    await sleep(100)
    assert log.of("close") == [("close", 4000, "kicked", True)]
    assert log.data == ["last words"]


@pytest.mark.parametrize("bad", [0, 999, 1001, 2999, 5000, True, "1000"])
@virtual
async def test_codes_that_are_refused(server, bad):
    ws = server.websocket()
    await server.opened()
    with pytest.raises(ValueError):
        ws.close(bad)
    with pytest.raises(ValueError):
        ws.reconnect(bad, "")
    with pytest.raises(ValueError):
        ws.close(1000, "é" * 62)
    assert ws.ready_state == 1


def test_outside_a_loop():
    from partysocket import PartySocket, WebSocket

    with pytest.raises(RuntimeError, match="event loop"):
        WebSocket("ws://x/")
    ws = WebSocket("ws://x/", start_closed=True)
    assert ws.ready_state == 3 and ws.should_reconnect is False
    with pytest.raises(RuntimeError, match="event loop"):
        ws.reconnect()
    assert ws.send("x") is False
    ws.close()
    party = PartySocket(start_closed=True)
    with pytest.raises(ValueError):
        party.reconnect()


@virtual
async def test_start_closed_waits_for_reconnect(server):
    ws = server.websocket(start_closed=True)
    log = Log(ws)
    await sleep(10_000)
    assert server.peers == [] and ws.ready_state == 3 and ws.should_reconnect is False
    ws.reconnect()
    await server.opened()
    assert log == [("open", False)] and ws.should_reconnect is True


@virtual
async def test_async_with(server):
    async with server.websocket() as ws:
        assert await ws.wait_open(1000) is True
        ws.send("x")
    assert server.last.closed and server.last.messages == ["x"]
    assert len(asyncio.all_tasks()) == 1


@virtual
async def test_wait_open(server):
    server.plans = [Accept(connect_ms=500)]
    ws = server.websocket()
    assert await ws.wait_open(100) is False and now() == 100
    assert await ws.wait_open(1000) is True and now() in range(500, 506)
    ws.close()
    assert await ws.wait_open(1000) is False
    assert await ws.wait_open() is False


@virtual
async def test_wait_open_begun_in_the_turn_of_the_opening(server):
    server.plan = Accept(answer_ms=500)
    ws = server.websocket()
    took = []

    async def wait(turns):
        await sleep(500)
        for _ in range(turns):
            await asyncio.sleep(0)
        assert await ws.wait_open(20_000)
        took.append(now())

    await asyncio.gather(*[wait(turns) for turns in range(12)])
    assert max(took) <= 510


@virtual
async def test_settled_before_the_first_handler_runs(server):
    ws = server.websocket()
    seen = []
    ws.onerror = lambda e: seen.append((ws.retry_count, ws.ready_state, server.open_now))
    (await server.opened()).end()
    await settle()
    assert seen == [(1, 3, 0)]
