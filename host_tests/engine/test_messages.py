"""What goes through: send and its queue, recv and iteration, handlers, providers, options."""

import asyncio
import sys
import warnings

import pytest

from engine.virtual import (
    Accept,
    Log,
    Refuse,
    Server,
    now,
    play,
    settle,
    sleep,
    text_frame,
    virtual,
)

# send and the queue.


@virtual
async def test_send_refuses_what_it_cannot_send(server):
    ws = server.websocket(queue_bytes=64)
    for bad in (1, None, ["x"], memoryview(bytes(8)).cast("I")):
        with pytest.raises(TypeError):
            ws.send(bad)
    with pytest.raises(ValueError):
        ws.send(bytes(64))
    with pytest.raises(ValueError):
        ws.send("\ud800")
    assert ws.send(bytes(58)) is False


@virtual
async def test_drop_oldest(server):
    server.plans = [Refuse()]
    ws = server.websocket(queue_bytes=100, overflow="drop-oldest")
    log = Log(ws)
    for i in range(20):
        assert ws.send(b"%02d" % i * 10) is False
    assert log == []  # never inside send
    await settle()
    assert log.of("discard") == [("discard", 17)]
    assert ws.stats()["discarded"] == 17
    peer = await server.opened()
    assert peer.messages == [b"%02d" % i * 10 for i in (17, 18, 19)]


@virtual
async def test_drop_newest(server):
    server.plans = [Refuse()]
    ws = server.websocket(queue_bytes=100, overflow="drop-newest")
    log = Log(ws)
    for i in range(20):
        ws.send(b"%02d" % i * 10)
    await settle()
    assert log.of("discard") == [("discard", 17)]
    peer = await server.opened()
    assert peer.messages == [b"%02d" % i * 10 for i in (0, 1, 2)]


@virtual
async def test_overflow_error(server):
    from partysocket import QueueFull

    server.plans = [Refuse()]
    ws = server.websocket(queue_bytes=100, overflow="error")
    for i in range(3):
        ws.send(b"%02d" % i * 10)
    with pytest.raises(QueueFull):
        ws.send(bytes(20))
    assert ws.stats()["discarded"] == 0 and ws.buffered_amount == 60
    assert ws.drain_queued_messages() == [b"%02d" % i * 10 for i in range(3)]


@pytest.mark.parametrize("most,kept", [(0, []), (1, ["4"]), (3, ["2", "3", "4"])])
@virtual
async def test_max_enqueued_messages(server, most, kept):
    server.plans = [Refuse()]
    ws = server.websocket(max_enqueued_messages=most)
    for i in range(5):
        ws.send(str(i))
    assert ws.stats()["discarded"] == 5 - most
    peer = await server.opened()
    assert peer.messages == kept
    assert all(ws.send("open") for _ in range(10))  # it bounds only what waits offline


@virtual
async def test_send_says_true_only_while_open(server):
    ws = server.websocket()
    assert ws.send("1") is False
    peer = await server.opened()
    assert ws.send("2") is True
    peer.window = 0
    peer.say_close()
    await sleep(1)
    assert ws.send("3") is False


@virtual
async def test_overflow_while_open_and_stuck(server):
    ws = server.websocket(queue_bytes=100, overflow="drop-newest")
    peer = await server.opened()
    peer.window = 0
    assert [ws.send(bytes(40)), ws.send(bytes(40)), ws.send(bytes(40))] == [True, True, False]
    await sleep(1)


@pytest.mark.parametrize("taken", range(0, 60))
@virtual
async def test_a_partial_write_at_the_moment_of_death(server, taken):
    ws = server.websocket()
    peer = await server.opened()
    messages = [b"a" * 10, b"b" * 12, b"c" * 14]
    peer.window = taken
    for message in messages:
        ws.send(message)
    await sleep(1)
    peer.reset()
    await sleep(1)
    again = await server.opened()
    assert peer.messages + again.messages == messages


@virtual
async def test_messages_written_whole_before_a_death_are_counted_as_sent(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.window = 40
    for message in [b"a" * 10, b"b" * 12, b"c" * 14]:
        ws.send(message)
    await sleep(1)
    peer.reset()
    await server.opened()
    assert len(peer.messages) == 2
    assert ws.stats()["sent"] == 3


@virtual
async def test_drain_gives_back_what_was_queued(server):
    ws = server.websocket(start_closed=True)
    ws.send("a")
    ws.send(b"b")
    assert ws.buffered_amount == 2
    assert ws.drain_queued_messages() == ["a", b"b"]
    assert ws.drain_queued_messages() == [] and ws.buffered_amount == 0


@virtual
async def test_discards_just_before_close_are_told(server):
    server.plans = [Refuse()]
    ws = server.websocket(max_enqueued_messages=0)
    log = Log(ws)
    await sleep(10)
    ws.send("x")
    ws.close()
    await sleep(10)
    assert log.of("discard") == [("discard", 1)]


@virtual
async def test_sends_from_many_tasks_stay_whole(server):
    ws = server.websocket(queue_bytes=65536)
    peer = await server.opened()
    peer.most = 7

    async def sender(name):
        for i in range(20):
            ws.send(f"{name}{i}")
            await asyncio.sleep(0)

    await asyncio.gather(*[sender(chr(97 + i)) for i in range(20)])
    await sleep(10)
    for name in "abcdefghijklmnopqrst":
        assert [m for m in peer.messages if m[0] == name] == [name + str(i) for i in range(20)]


# recv and iteration.


@virtual
async def test_iteration_across_reconnects(server):
    ws = server.websocket()
    got = []

    async def read():
        async for data in ws:
            got.append(data)

    reader = asyncio.create_task(read())
    for i in range(3):
        peer = await server.opened()
        peer.text(f"{i}-a", f"{i}-b")
        await sleep(1)
        peer.end()
    await sleep(10)
    ws.close()
    await asyncio.wait_for(reader, 1)
    assert got == ["0-a", "0-b", "1-a", "1-b", "2-a", "2-b"]


@virtual
async def test_iteration_ends_with_giving_up_after_the_last_message(server):
    ws = server.websocket(max_retries=0)
    peer = await server.opened()
    peer.text("1")
    await sleep(1)
    peer.end()
    await sleep(1)
    assert [data async for data in ws] == ["1"]


@virtual
async def test_iteration_ends_at_once_with_close(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.text("1")
    await sleep(1)
    ws.close()
    assert [data async for data in ws] == []
    from partysocket import Error

    with pytest.raises(Error):
        await ws.recv()


@virtual
async def test_backpressure(server):
    ws = server.websocket(receive_bytes=128, ping_interval_ms=1000, ping_timeout_ms=1000)
    log = Log(ws, but=["message"])
    peer = await server.opened()
    peer.text("0")
    assert await ws.recv() == "0"
    peer.raw(b"".join(text_frame(f"{i}") for i in range(1, 1000)))
    await sleep(60_000)
    assert len(peer._inbox) > 2000  # it is not read
    assert log.names == ["open"]  # and the keepalive knows
    assert [await ws.recv() for _ in range(1, 1000)] == [str(i) for i in range(1, 1000)]
    assert ws.stats()["unread"] == 0


@virtual
async def test_a_device_that_only_sends_never_stalls(server):
    ws = server.websocket()
    peer = await server.opened()
    peer.text(*[str(i) for i in range(1000)])
    await sleep(1)
    assert ws.stats()["unread"] == 999
    assert await ws.recv() == "0"


@virtual
async def test_cancelling_recv_loses_nothing(server):
    ws = server.websocket()
    got = []
    peer = await server.opened()
    for i in range(500):
        if i % 3 == 0:
            asyncio.get_running_loop().call_later(
                i * 0.01 - now() / 1000 + 0.01, peer.text, str(i)
            )
        try:
            got.append(await asyncio.wait_for(ws.recv(), 0.01))
        except asyncio.TimeoutError:
            pass
    while len(got) < 167:
        got.append(await asyncio.wait_for(ws.recv(), 100))
    assert got == [str(i) for i in range(0, 500, 3)]
    await sleep(1)


@virtual
async def test_a_second_reader_is_refused(server):
    from partysocket import Error

    ws = server.websocket()
    first = asyncio.create_task(ws.recv())
    peer = await server.opened()
    with pytest.raises(Error):
        await ws.recv()
    peer.text("x")
    assert await first == "x"
    await sleep(1)


@virtual
async def test_a_message_that_waits_is_not_lost_with_the_connection(server):
    """The reader is behind, the link dies, the next one brings more."""
    ws = server.websocket()
    peer = await server.opened()
    peer.text("1")
    assert await ws.recv() == "1"
    peer.text("2")
    await sleep(1)
    ws.reconnect()
    peer = await server.opened()
    peer.text("3", "4")
    await sleep(1)
    assert [await asyncio.wait_for(ws.recv(), 1) for _ in range(3)] == ["2", "3", "4"]
    assert ws.stats()["unread"] == 0


@virtual
async def test_the_memoryview_of_recv_holds_until_the_next_recv(server):
    ws = server.websocket()
    ws.binary_type = "memoryview"
    peer = await server.opened()
    first = asyncio.create_task(ws.recv())
    await sleep(1)
    peer.binary(b"aaaa")
    await sleep(1)
    view = await first
    assert bytes(view) == b"aaaa"
    peer.binary(b"bbbb")
    peer.binary(b"cccc")
    await sleep(100)
    assert bytes(view) == b"aaaa"


@virtual
async def test_the_memoryview_that_waits_is_the_oldest(server):
    ws = server.websocket()
    ws.binary_type = "memoryview"
    peer = await server.opened()
    for data in (b"aaaa", b"bbbb", b"cccc"):
        peer.binary(data)
        await sleep(1)
    assert bytes(await ws.recv()) == b"aaaa"


@virtual
async def test_handlers_and_the_reader_both_hear(server):
    ws = server.websocket()
    log = Log(ws)
    reader = asyncio.create_task(ws.recv())
    peer = await server.opened()
    peer.text("x")
    assert await reader == "x" and log.data == ["x"]
    await sleep(1)


@virtual
async def test_waiting_inside_a_handler_is_refused(server):
    from partysocket import Error

    ws = server.websocket()
    refused = []

    async def handler(event):
        for wait in (ws.recv, ws.wait_open, ws.wait_closed):
            try:
                await wait()
            except Error:
                refused.append(wait.__name__)

    ws.onmessage = handler
    peer = await server.opened()
    peer.text("x")
    await sleep(10)
    assert refused == ["recv", "wait_open", "wait_closed"]


# Handlers.


@virtual
async def test_async_handlers_are_awaited_before_the_next_message(server):
    ws = server.websocket()
    trace = []

    async def first(event):
        trace.append("1+" + event.data)
        await sleep(100)
        trace.append("1-" + event.data)

    async def second(event):
        trace.append("2" + event.data)

    ws.onmessage = first
    ws.add_event_listener("message", second)
    peer = await server.opened()
    peer.text("a", "b")
    await sleep(1000)
    assert trace == ["1+a", "1-a", "2a", "1+b", "1-b", "2b"]


@virtual
async def test_the_open_handler_is_awaited_before_the_first_message(server):
    server.plan = Accept(tail=text_frame("x"))
    ws = server.websocket()
    trace = []

    async def onopen(event):
        await sleep(100)
        trace.append("open")

    ws.onopen = onopen
    ws.onmessage = lambda e: trace.append("message")
    await sleep(200)
    assert trace == ["open", "message"]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("name", ["open", "message", "error", "close", "reconnecting"])
@virtual
async def test_a_handler_that_raises_is_reported_and_harmless(server, name, is_async):
    told = []
    ws = server.websocket(debug_logger=told.append)

    def bad(event):
        raise KeyError("my mistake")

    async def bad_async(event):
        raise KeyError("my mistake")

    ws.add_event_listener(name, bad_async if is_async else bad)
    log = Log(ws)
    peer = await server.opened()
    peer.text("x")
    await sleep(1)
    peer.end()
    await server.opened()
    assert log.names == ["open", "message", "error", "close", "reconnecting", "open"]
    assert told and all("my mistake" in text and "Traceback" in text for text in told)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("name", ["open", "message", "error", "close", "reconnecting"])
@virtual
async def test_a_handler_that_raises_cancelled_error_is_harmless(server, name, is_async):
    """As one that awaits a task which somebody has cancelled, or asks for its result."""
    if sys.version_info < (3, 11) and is_async and name in ("open", "message"):
        pytest.xfail("3.10 can't tell it from a cancelled reader: the connection is made anew")
    ws = server.websocket()

    def bad(event):
        raise asyncio.CancelledError

    async def bad_async(event):
        raise asyncio.CancelledError

    ws.add_event_listener(name, bad_async if is_async else bad)
    log = Log(ws)
    peer = await server.opened()
    peer.text("x", "y")
    await sleep(1)
    peer.end()
    await server.opened()
    assert log.names == ["open", "message", "message", "error", "close", "reconnecting", "open"]


@virtual
async def test_a_debug_logger_that_raises_does_not_end_the_socket(server):
    def logger(text):
        raise OSError("the serial line is gone")

    ws = server.websocket(debug_logger=logger, debug=True)
    ws.onclose = lambda e: 1 / 0
    (await server.opened()).end()
    await server.opened()
    assert ws.ready_state == 1


@virtual
async def test_a_slow_close_handler_does_not_delay_the_next_dial(server):
    ws = server.websocket()

    async def slow(event):
        await sleep(100_000)

    ws.onclose = slow
    (await server.opened()).end()
    await server.opened()
    assert now() < 2000


@virtual
async def test_slots_run_before_listeners_and_once_is_once(server):
    ws = server.websocket()
    trace = []
    ws.add_event_listener("message", lambda e: trace.append("listener"))
    ws.add_event_listener("message", lambda e: trace.append("once"), once=True)
    ws.onmessage = lambda e: trace.append("slot")
    peer = await server.opened()
    peer.text("a", "b")
    await sleep(1)
    assert trace == ["slot", "listener", "once", "slot", "listener"]


@virtual
async def test_a_handler_still_running_at_reconnect_gets_no_second_message_beside_it(server):
    ws = server.websocket()
    running = []
    most = []

    async def handler(event):
        running.append(event.data)
        most.append(len(running))
        await sleep(500)
        running.remove(event.data)

    ws.onmessage = handler
    peer = await server.opened()
    peer.text("a")
    await sleep(10)
    ws.reconnect()
    peer = await server.opened()
    peer.text("b")
    await sleep(1000)
    assert most == [1, 1]


# Providers.


@pytest.mark.parametrize("kind", ["url", "headers", "protocols"])
@pytest.mark.parametrize("secure", [False, True])
@virtual
async def test_a_provider_that_fails_is_one_failed_attempt(server, kind, secure):
    calls = []

    def provider():
        calls.append(now())
        if len(calls) == 1:
            raise KeyError("no token yet")
        if len(calls) == 2:
            return 5
        return {"url": url, "headers": {"Authorization": "x"}, "protocols": None}[kind]

    url = "wss://server/" if secure else "ws://server/"
    given = {kind: provider}
    tls = {"ssl": _Context()} if secure else {}
    ws = server.websocket(given.pop("url", url), given.pop("protocols", None), **given, **tls)
    log = Log(ws)
    await server.opened()
    assert log.names == ["error", "reconnecting"] * 2 + ["open"]
    assert calls[0] == 0 and calls[1] == 1000
    assert ws.last_error[0] == "provider"
    assert ws.stats()["attempts"] == 3 and len(server.peers) == 1


class _Context:
    def wrap_socket(self, *args, **named):
        raise AssertionError


@pytest.mark.parametrize(
    "headers", [{"Host": "x"}, {"A": "b\r\nc"}, {"A": 5}, {"x-partykit-room": "x"}]
)
@pytest.mark.parametrize("secure", [False, True])
@virtual
async def test_headers_of_a_provider_that_cannot_be_sent(server, headers, secure):
    url = "wss://server/" if secure else "ws://server/"
    tls = {"ssl": _Context()} if secure else {}
    ws = server.websocket(url, headers=lambda: headers, **tls)
    log = Log(ws)
    await sleep(1)
    assert log.names == ["error", "reconnecting"]
    assert log[1] == ("reconnecting", 1000, 1)
    assert ws.last_error[0] == "provider"


@pytest.mark.parametrize(
    "headers", [{"Host": "x"}, {"A": "b\r\nc"}, {"A": 5}, {"x-partykit-room": "x"}]
)
def test_headers_that_are_the_upgrades_own_are_refused_at_once(headers):
    from partysocket import WebSocket

    with pytest.raises((ValueError, TypeError)):
        WebSocket("ws://server/", headers=headers, start_closed=True)


@virtual
async def test_a_provider_that_hangs_is_timed_out(server):
    async def hang():
        await asyncio.Event().wait()

    ws = server.websocket(hang, connection_timeout=3000)
    log = Log(ws)
    await sleep(3500)
    assert log == [("error", "TIMEOUT"), ("reconnecting", 1000, 1)] and log.times == [3000, 3000]
    assert ws.last_error == ("provider", "TIMEOUT")


@virtual
async def test_a_provider_that_raises_cancelled_error(server):
    calls = []

    async def url():
        calls.append(now())
        if len(calls) == 1:
            raise asyncio.CancelledError
        return "ws://server/"

    ws = server.websocket(url)
    log = Log(ws)
    await server.opened()
    assert log.names == ["error", "reconnecting", "open"]
    assert calls == [0, 1000]


@virtual
async def test_tokens_are_asked_for_anew(server):
    server.plans = [Refuse(), Accept(), Accept()]
    tokens = iter(range(100))

    async def headers():
        await sleep(10)
        return {"Authorization": f"Bearer {next(tokens)}"}

    server.websocket(headers=headers)
    assert (await server.opened()).header("Authorization") == "Bearer 1"
    server.last.end()
    assert (await server.opened()).header("Authorization") == "Bearer 2"


@pytest.mark.parametrize("where", ["url", "location", "header", "query"])
@virtual
async def test_tokens_are_never_logged(server, where):
    from partysocket import PartySocket

    told = []
    options = {"debug": True, "debug_logger": told.append}
    if where == "url":
        server.websocket(lambda: "example.com/?token=SECRET", **options)
    elif where == "header":
        server.websocket(headers=lambda: {"Authorization": "SECRET\n"}, **options)
    elif where == "location":
        answer = b"HTTP/1.1 302 Found\r\nLocation: /login?token=SECRET\r\n\r\n"
        server.plans = [Accept(answer=answer)]
        server.websocket("ws://server/?token=SECRET", **options)
    else:
        PartySocket("localhost", "r", query={"token": "SECRET"}, **server.options(**options))
    await sleep(3000)
    assert told and "SECRET" not in "".join(told)


# Options.

_WRONG = [
    ({"nonsense": 1}, TypeError),
    ({"min_reconnection_delay": -1}, ValueError),
    ({"min_reconnection_delay": 1.5}, TypeError),
    ({"min_reconnection_delay": (2, 1)}, ValueError),
    ({"min_reconnection_delay": (1, 2, 3)}, ValueError),
    ({"max_reconnection_delay": None}, TypeError),
    ({"max_reconnection_delay": (1, 2)}, TypeError),
    ({"connection_timeout": "4"}, TypeError),
    ({"max_retries": -1}, ValueError),
    ({"max_retries": True}, TypeError),
    ({"max_enqueued_messages": 1.0}, TypeError),
    ({"queue_bytes": 0}, ValueError),
    ({"queue_bytes": None}, TypeError),
    ({"overflow": "drop"}, ValueError),
    ({"overflow": 5}, TypeError),
    ({"jitter": None}, TypeError),
    ({"jitter": "some"}, ValueError),
    ({"debug": 1}, TypeError),
    ({"debug_logger": None}, TypeError),
    ({"should_reconnect_on_close": 1}, TypeError),
    ({"headers": []}, TypeError),
    ({"transport": 5}, TypeError),
    ({"reconnection_delay_grow_factor": "2"}, TypeError),
    ({"reconnection_delay_grow_factor": float("nan")}, ValueError),
    ({"start_closed": None}, TypeError),
]


@pytest.mark.parametrize("given,error", _WRONG, ids=[str(w[0]) for w in _WRONG])
def test_options_that_are_wrong_are_named(given, error):
    from partysocket import WebSocket

    with pytest.raises(error) as raised:
        WebSocket("ws://x/", **dict({"start_closed": True}, **given))
    assert next(iter(given)) in str(raised.value)


@pytest.mark.parametrize("url", [5, None, b"ws://x/", ["ws://x/"]])
def test_a_url_of_a_wrong_type_is_refused_at_once(url):
    from partysocket import WebSocket

    with pytest.raises(TypeError):
        WebSocket(url, start_closed=True)


def test_presets_are_whole():
    from partysocket import DEVICE, PARTYSOCKET, WebSocket

    for preset in (DEVICE, PARTYSOCKET):
        WebSocket("ws://x/", **dict(preset, start_closed=True))


@virtual
async def test_stats(server):
    ws = server.websocket()
    peer = await server.opened()
    ws.send("abc")
    peer.text("de")
    await sleep(1)
    stats = ws.stats()
    assert stats["attempts"] == stats["opens"] == stats["sent"] == stats["received"] == 1
    assert stats["drops"] == stats["discarded"] == stats["unread"] == 0
    assert stats["bytes_in"] == len(peer.accepting()) + 4
    assert stats["bytes_out"] == len(peer.request) + 9


@virtual
async def test_stats_has_uptime(server):
    ws = server.websocket()
    await server.opened()
    await sleep(5000)
    assert 5000 <= ws.stats()["uptime_ms"] <= 5002


# The end of the program.

_ENDS = [
    "constructed",
    "provider",
    "tcp",
    "http",
    "open",
    "closing",
    "handler",
    "two handlers",
    "recv",
    "back-off",
]


@pytest.mark.parametrize("where", _ENDS)
@virtual
async def test_a_main_task_that_just_ends_leaves_nothing(server, where):
    async def hang(event=None):
        await asyncio.Event().wait()

    if where == "tcp":
        server.plan = Accept(connect_ms=None)
    elif where == "http":
        server.plan = Accept(answer_ms=None)
    elif where == "back-off":
        server.plan = Refuse()
    ws = server.websocket(hang) if where == "provider" else server.websocket()
    if where == "constructed":
        return
    if "handler" in where:
        ws.onmessage = hang
    if where == "two handlers":
        ws.add_event_listener("message", hang)
    if where in ("provider", "tcp", "http", "back-off"):
        await sleep(100)
        return
    peer = await server.opened()
    peer.text("x")
    if where == "recv":
        await ws.recv()
        reader = asyncio.create_task(ws.recv())
        await sleep(1)
        assert not reader.done()
    if where == "closing":
        peer.auto_close = False
        ws.close()
    await sleep(10)


def test_a_main_task_that_ends_with_a_message_leaves_nothing():
    """What happens in the turn of the cancellation must not swallow it."""

    async def main(server, turns):
        ws = server.websocket()
        reader = asyncio.create_task(ws.recv())
        peer = await server.opened()
        peer.text("x")
        await reader
        for _ in range(turns):
            await asyncio.sleep(0)

    for turns in range(10):
        play(main, Server(), turns=turns)


def test_importing_makes_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        import partysocket

        assert partysocket.WebSocket
