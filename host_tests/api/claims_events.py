"""Events, in which order and with what; reading, waiting, flushing; methods and their errors."""

import asyncio

from simulation.clock import clock
from simulation.peer import BINARY, CLOSE, PING, TEXT, frame

from .world import OPEN, REFUSE, Log, World, raises

_STATS = (
    "attempts opens drops sent received bytes_in bytes_out discarded unread rtt_ms uptime_ms "
    "last_error"
).split()


async def claim_the_peers_close_is_told_as_it_was(world):
    for payload, code, reason in (
        (b"\x0f\xa0bye", 4000, "bye"),
        (b"", 1005, ""),
        (b"\x03\xe8\xc3\xa4", 1000, "ä"),
    ):
        network = World([OPEN])
        ws = network.websocket()
        log = Log(ws)
        peer = await network.opened()
        peer.sent_close = code
        peer.say(frame(CLOSE, payload))
        await clock.sleep(10)
        assert log[1:] == [("close", code, reason, True), ("reconnecting", 1000, 1)], log
        assert log.events[1].error is None and log.events[1].target is ws
        await network.opened(2)
        assert log[-1] == ("open", True)
        await network.end()


async def claim_a_lost_connection_is_an_error_and_then_a_close(world):
    for data, code in (
        (None, 1006),
        (frame(3), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(BINARY, bytes(200)), 1009),
    ):
        network = World([OPEN])
        ws = network.websocket(max_message_bytes=100)
        log = Log(ws)
        peer = await network.opened()
        if data is None:
            peer.reset(OSError(104, "lost"))
        else:
            peer.say(data)
        await clock.sleep(10)
        assert log.names() == ["open", "error", "close", "reconnecting"], log
        assert log[2] == ("close", code, "", False)
        error = log.events[1].error
        assert log.events[2].error is error and log.events[1].message == str(error)
        assert ws.last_error == ("websocket", str(error))
        await network.end()


async def claim_the_next_dial_is_settled_before_the_first_handler(world):
    world.plans = [OPEN]
    ws = world.websocket()
    seen = []
    for type in ("error", "close", "reconnecting"):
        ws.add_event_listener(type, lambda event: seen.append((ws.retry_count, ws.ready_state)))
    (await world.opened()).reset(OSError(104, "lost"))
    await clock.sleep(10)
    assert seen == [(1, 3)] * 3


async def claim_slots_run_before_listeners_and_each_hears_once(world):
    world.plans = [OPEN]
    ws = world.websocket()
    heard = []

    class Listener:
        def handle_event(self, event):
            heard.append("object")

    listener = Listener()

    def plain(event):
        heard.append("plain")

    for _ in range(2):
        ws.add_event_listener("message", listener)
        ws.add_event_listener("message", plain)
    ws.add_event_listener("message", lambda event: heard.append("once"), once=True)
    ws.onmessage = lambda event: heard.append("slot")
    await world.opened()
    world.say("1")
    world.say("2")
    await clock.sleep(10)
    assert heard == ["slot", "object", "plain", "once", "slot", "object", "plain"]
    ws.remove_event_listener("message", listener)
    ws.remove_event_listener("message", heard)  # unknown: ignored
    raises(TypeError, ws.add_event_listener, "message", 5)


async def claim_events_may_be_kept(world):
    world.plans = [OPEN]
    ws = world.websocket()
    kept = []
    ws.onmessage = kept.append
    await world.opened()
    for text in "abc":
        world.say(text)
    world.peer.say(frame(BINARY, b"\xff"))
    await clock.sleep(10)
    assert [event.data for event in kept] == ["a", "b", "c", b"\xff"]
    assert isinstance(kept[3].data, bytes)


async def claim_a_handler_that_raises_is_reported_with_its_traceback(world):
    world.plans = [OPEN]
    ws = world.websocket()

    def broken(event):
        raise KeyError("of the application")

    ws.onopen = broken
    await world.opened()
    assert len(world.told) == 1
    assert "broken" in world.told[0] and "of the application" in world.told[0]


async def claim_close_is_told_inside_the_call(world):
    for order in ("close", "reconnect"):
        for state in ("open", "dialing", "waiting", "at rest"):
            plan = {"open": OPEN, "dialing": {"accept": 100}, "waiting": REFUSE}.get(state, OPEN)
            network = World([plan, OPEN])
            ws = network.websocket(start_closed=state == "at rest")
            await clock.sleep(20)
            log = Log(ws)
            getattr(ws, order)(4001, "why")
            had = state in ("open", "dialing")
            assert log == ([("close", 4001, "why", True)] if had else []), (order, state, log)
            assert (ws.ready_state == 3) is (order == "close" or state != "open")
            await clock.sleep(100)
            assert log.names()[had:] == ([] if order == "close" else ["open"]), (order, state)
            if state == "open":
                assert network.peers[0].close_seen[1:] == [4001, "why"]
            await network.end()


async def claim_close_codes_and_reasons_are_checked(world):
    world.plans = [OPEN]
    ws = world.websocket()
    await world.opened()
    for order in (ws.close, ws.reconnect):
        for code in (0, 999, 1001, 1005, 2999, 5000, "1000", True, 1000.0):
            raises(ValueError, order, code)
        for reason in ("x" * 124, "ä" * 62, b"x"):
            raises(ValueError, order, 1000, reason)
    assert ws.ready_state == 1
    ws.close(4999, "ä" * 61 + "x")
    await ws.wait_closed()
    assert world.peer.close_seen[1:] == [4999, "ä" * 61 + "x"]


async def claim_the_queue_goes_out_before_the_close(world):
    world.plans = [OPEN]
    ws = world.websocket()
    await world.opened()
    for i in range(20):
        assert ws.send("message %d" % i) is True
    ws.close()
    await ws.wait_closed()
    assert world.texts() == ["message %d" % i for i in range(20)]
    assert world.peer.got_close


async def claim_a_deaf_peer_is_left_after_2_s(world):
    world.plans = [{"accept": 1, "answersClose": None}]
    for order in ("close", "reconnect"):
        network = World(world.plans)
        ws = network.websocket()
        peer = await network.opened()
        at = clock.now()
        getattr(ws, order)()
        await clock.sleep(3000)
        assert peer.closed_at - at == 2000
        assert (len(network.peers) == 2) is (order == "reconnect")
        await network.end()


async def claim_send_takes_text_and_bytes_and_says_what_becomes_of_them(world):
    world.plans = [{"accept": 50}]
    ws = world.websocket(queue_bytes=256)
    for data in ("ä", b"\0", bytearray(b"\1"), memoryview(b"\2")):
        assert ws.send(data) is False
    assert ws.buffered_amount == 5
    for wrong in (5, None, ["x"], {}):
        raises(TypeError, ws.send, wrong)
    raises(ValueError, ws.send, "x" * 300)
    await world.opened()
    assert ws.buffered_amount == 0
    assert ws.send("") is True
    await clock.sleep(10)
    assert world.texts() == ["ä", {"hex": "00"}, {"hex": "01"}, {"hex": "02"}, ""]
    kept = bytearray(b"before")
    ws.send(kept)
    kept[:] = b"after!"
    await clock.sleep(10)
    assert world.texts()[-1] == {"hex": "6265666f7265"}


async def claim_a_full_queue_does_what_overflow_says(world):
    from partysocket import QueueFull

    kept = {
        "drop-oldest": ["message 2", "message 3"],
        "drop-newest": ["message 0", "message 1"],
        "error": ["message 0", "message 1"],
    }
    for overflow, expected in kept.items():
        network = World([{"accept": 50}])
        ws = network.websocket(queue_bytes=32, overflow=overflow)
        log = Log(ws, ("discard",))
        for i in range(4):
            if overflow == "error" and i > 1:
                raises(QueueFull, ws.send, "message %d" % i)
            else:
                assert ws.send("message %d" % i) is False
        assert log == []  # never inside send()
        await network.opened()
        assert network.texts() == expected, overflow
        lost = 0 if overflow == "error" else 2
        assert ws.stats()["discarded"] == lost and log == [("discard", 2)][: lost // 2]
        await network.end()


async def claim_max_enqueued_messages_counts_only_while_not_open(world):
    for most, kept in ((0, []), (2, ["c", "d"]), (None, ["a", "b", "c", "d"])):
        network = World([{"accept": 50}])
        ws = network.websocket(max_enqueued_messages=most)
        for text in "abcd":
            ws.send(text)
        await network.opened()
        for text in "xyz":
            assert ws.send(text) is True
        await clock.sleep(10)
        assert network.texts() == kept + ["x", "y", "z"]
        await network.end()


async def claim_what_waits_can_be_taken_back(world):
    ws = world.websocket(start_closed=True)
    ws.send("a")
    ws.send(b"\1")
    assert ws.drain_queued_messages() == ["a", b"\1"]
    assert ws.drain_queued_messages() == [] and ws.buffered_amount == 0
    ws.reconnect()
    await world.opened()
    assert world.texts() == []


async def claim_messages_are_read_across_reconnects_until_the_end(world):
    world.plans = [{"accept": 1, "greets": ["1"], "then": [50, "rst"]}] * 3
    ws = world.websocket()
    got = []

    async def read():
        async for message in ws:
            got.append(message)
        got.append("end")

    task = clock.spawn(read())
    await world.opened(3)
    ws.close()
    await clock.sleep(1)
    assert got == ["1", "1", "1", "end"] and task.done()
    from partysocket import Error

    try:
        await ws.recv()
    except Error:
        return
    raise AssertionError("recv() after the end")


async def claim_after_giving_up_the_last_message_is_read_first(world):
    world.plans = [{"accept": 1, "greets": ["1"], "then": [50, "rst"]}]
    ws = world.websocket(max_retries=0)
    await clock.sleep(1000)
    assert await _all_of(ws) == ["1"]


async def _all_of(ws):
    messages = []
    async for message in ws:
        messages.append(message)
    return messages


async def claim_one_reader_at_a_time(world):
    from partysocket import Error

    world.plans = [OPEN]
    ws = world.websocket()
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    try:
        await ws.recv()
        raise AssertionError("two readers")
    except Error:
        pass
    world.say("x")
    assert await first == "x"


async def claim_one_message_waits_and_the_rest_stays_in_the_socket(world):
    world.plans = [OPEN]
    ws = world.websocket(receive_bytes=128, ping_interval_ms=1000, ping_timeout_ms=1000)
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    texts = ["%d %s" % (i, "x" * 60) for i in range(20)]
    for text in texts:
        world.say(text)
    await clock.sleep(60_000)  # nobody reads: the keepalive knows
    assert ws.ready_state == 1 and world.peer._inbox
    assert await first == texts[0]
    for text in texts[1:]:
        assert await ws.recv() == text


async def claim_a_device_that_only_sends_never_stalls(world):
    world.plans = [OPEN]
    ws = world.websocket()
    await world.opened()
    for i in range(10):
        world.say("%d" % i)
    await clock.sleep(10)
    assert ws.stats()["unread"] == 9 and ws.stats()["received"] == 10
    assert await ws.recv() == "0"


async def claim_messages_go_to_handlers_and_to_a_reader_that_was_there(world):
    world.plans = [OPEN]
    ws = world.websocket()
    heard = []
    ws.onmessage = lambda event: heard.append(event.data)
    await world.opened()
    world.say("a")
    await clock.sleep(10)
    reader = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    world.say("b")
    assert await reader == "b" and heard == ["a", "b"]


async def claim_a_view_is_lent_until_the_next_recv(world):
    world.plans = [OPEN]
    ws = world.websocket(receive_bytes=128)
    ws.binary_type = "memoryview"
    raises(ValueError, setattr, ws, "binary_type", "blob")
    await world.opened()
    first = asyncio.create_task(ws.recv())
    await clock.sleep(1)
    payloads = [bytes([i]) * 100 for i in range(10)]
    for payload in payloads:
        world.peer.say(frame(BINARY, payload))
    view = await first
    assert isinstance(view, memoryview)
    for payload in payloads[1:]:
        await clock.sleep(10)
        assert bytes(view) == payloads[0]
        payloads[0] = payload
        view = await ws.recv()


async def claim_waits_end_in_time_and_with_the_end(world):
    world.plans = [{"accept": 500}]
    ws = world.websocket()
    at = clock.now()
    assert await ws.wait_open(100) is False and clock.now() - at == 100
    assert await ws.wait_open() is True
    assert await ws.wait_open(0) is True
    assert await ws.flush(1000) is True
    ws.close()
    ws.send("too late")
    assert await ws.wait_open() is False and await ws.flush() is False
    await ws.wait_closed()
    assert not world.open_now


async def claim_flush_is_true_once_the_peer_has_it_all(world):
    world.plans = [OPEN]
    ws = world.websocket()  # keepalive is off
    ws.send("offline")
    assert await ws.flush(5000) is True
    assert world.texts() == ["offline"]
    world.peer.mute = True
    ws.send("lost")
    assert await ws.flush(1000) is False
    waits = asyncio.create_task(ws.flush())
    await clock.sleep(1)
    world.peer.reset(OSError(104, "lost"))
    assert await waits is False
    await world.opened(2)
    assert await ws.flush(5000) is True


async def claim_what_is_unconfirmed_is_sent_again(world):
    world.plans = [OPEN]
    ws = world.websocket(resend="unconfirmed")
    await world.opened()
    world.peer.mute = True
    ws.send("one")
    await clock.sleep(10)
    world.peer.reset(OSError(104, "lost"))
    await world.opened(2)
    assert [data for _, data in world.peers[0].sent] == ["one"] and world.texts() == ["one"]
    assert await ws.flush(1000) is True
    world.peer.reset(OSError(104, "lost"))
    await world.opened(3)
    assert world.texts() == []


async def claim_leaving_the_context_closes(world):
    world.plans = [OPEN]
    async with world.websocket() as ws:
        assert ws.ready_state == 0
        await world.opened()
    assert ws.ready_state == 3 and not world.open_now and world.peer.got_close


async def claim_silence_is_found_by_a_ping(world):
    world.plans = [OPEN]
    ws = world.websocket(ping_interval_ms=1000, ping_timeout_ms=500)
    log = Log(ws, ("error", "close"))
    peer = await world.opened()
    await clock.sleep(20_000)
    assert ws.ready_state == 1 and ws.stats()["rtt_ms"] is not None
    peer.mute = True
    await clock.sleep(2000)
    assert log.names() == ["error", "close"] and log[1][1:] == (1006, "", False)
    await world.opened(2)
    world.peer.pings.append(b"?")
    world.peer.say(frame(PING, b"?"))
    await clock.sleep(10)
    assert not world.peer.pings  # answered


async def claim_hello_goes_before_the_queue_and_the_open_event(world):
    world.plans = [OPEN]
    order = []

    async def hello():
        order.append("hello")
        return "who I am"

    ws = world.websocket(hello=hello)
    ws.onopen = lambda event: order.append("open")
    ws.send("queued")
    await world.opened()
    assert world.texts() == ["who I am", "queued"] and order == ["hello", "open"]


async def claim_a_hello_that_fails_or_hangs_fails_the_dial(world):
    async def hangs():
        await clock.sleep(1 << 28)

    def raises():
        raise RuntimeError("no hello")

    for hello, message in ((hangs, "TIMEOUT"), (raises, "no hello")):
        network = World([OPEN])
        ws = network.websocket(hello=hello, connection_timeout=1000)
        log = Log(ws)
        await clock.sleep(1500)
        assert log[:2] == [("error", message), ("close", 1006, "", False)], log
        assert ws.last_error[0] == "provider"
        await network.end()


async def claim_the_watchdog_is_fed_each_second_but_not_when_late(world):
    for plans in ([OPEN], [REFUSE], [{"hangs": True}]):
        network = World(plans)
        fed = []
        network.websocket(watchdog=lambda fed=fed: fed.append(clock.now()))
        await clock.sleep(60_000)
        gaps = [b - a for a, b in zip(fed, fed[1:])]
        assert max(gaps) <= 1000, gaps
        await network.end()


async def claim_stats_count(world):
    world.plans = [REFUSE, OPEN]
    ws = world.websocket()
    ws.send("ä")
    await world.opened(2)
    world.say("abc")
    await clock.sleep(100)
    stats = ws.stats()
    assert sorted(stats) == sorted(_STATS)
    assert (stats["attempts"], stats["opens"], stats["drops"]) == (2, 1, 0)
    assert (stats["sent"], stats["received"]) == (1, 1)
    assert stats["bytes_out"] > 8 and stats["bytes_in"] > 5 and stats["uptime_ms"] >= 100
    assert stats["last_error"] == ws.last_error and ws.last_error[0] == "tcp"


async def claim_properties_add_up(world):
    world.plans = [OPEN]
    ws = world.party("one", id="me", query={"a": "1"})
    await world.opened()
    ws.update_properties(room="two")
    ws.update_properties(query={"b": "2"}, max_retries=3)
    assert (ws.room, ws.id) == ("two", "me") and "/parties/main/two" in ws.room_url
    assert "/one?" in ws.url  # until the next dial
    ws.reconnect()
    peer = await world.opened(2)
    assert peer.request.startswith(b"GET /parties/main/two?_pk=me&b=2 ")
    for name, value in (
        ("queue_bytes", 100),
        ("receive_bytes", 200),
        ("transport", lambda: None),
        ("start_closed", True),
    ):
        assert name in str(raises(ValueError, ws.update_properties, **{name: value}))
    raises(TypeError, ws.update_properties, nonsense=1)
    raises(TypeError, ws.update_properties, room="three", min_uptime="x")
    raises(TypeError, ws.update_properties, id=5)
    assert ws.room == "two" and ws.id == "me"


async def claim_hooks_mount_swap_handlers_and_unmount(world):
    from partysocket import use_party_socket, use_web_socket

    world.plans = [{"accept": 1, "greets": ["hi"]}]
    options = world.options({})
    heard = []
    places = (
        (use_party_socket, {"host": "localhost", "room": "r"}),
        (use_web_socket, {"url": "ws://server/path"}),
    )
    for use, place in places:
        del heard[:], world.peers[:]
        place.update(options)
        async with use(
            on_message=lambda event: heard.append(("one", event.data)), **place
        ) as hook:
            socket = hook.socket
            await world.opened()
            hook.update(on_message=lambda event: heard.append(("two", event.data)))
            world.say("again")
            await clock.sleep(10)
            assert heard == [("one", "hi"), ("two", "again")] and hook.socket is socket
            hook.update(enabled=False)
            await clock.sleep(100)
            assert socket.ready_state == 3
            hook.update(enabled=True)
            await world.opened(2)
            assert hook.socket is socket and len(world.peers) == 2
            hook.update(max_retries=5)
            assert hook.socket is not socket
            await world.opened(3)
            assert heard[-1] == ("two", "hi")
        assert not world.open_now and hook.socket.ready_state == 3
