"""close() and reconnect(): in every state, in providers and predicates, twice, one after the
other; and what is still sent at the end.
"""

import asyncio

from simulation.clock import clock

from .world import HANGS, OPEN, REFUSE, Log, each, fails, raises


async def _bring(world, state):
    """Return a socket in `state`."""
    first = {
        "tcp": HANGS,
        "http": {"hangs": "http"},
        "back-off": REFUSE,
        "dial begun": {"connects": 3},
    }.get(state, OPEN)
    world.plans = [first, OPEN]
    calls = []

    async def never():
        await clock.sleep(1 << 28)

    def url():
        calls.append(1)
        return never() if state == "provider" and len(calls) == 1 else "ws://server/"

    ws = world.websocket(
        url,
        start_closed=state == "at rest",
        should_reconnect_on_close=lambda event: event.code != 4999,
    )
    if state == "dial begun":
        await clock.sleep(0)
    if state in ("just made", "dial begun"):
        return ws
    if state in ("open", "peer closing", "writer failed", "reconnecting", "given up"):
        peer = await world.next()
        if state == "peer closing":
            peer.window = 0
            peer.say_close(1001, "restart")
        elif state == "reconnecting":
            peer.plan.auto_close = False
            ws.reconnect()
        elif state == "writer failed":
            peer.send_error = OSError(32, "EPIPE")
            ws.send("x")
        elif state == "given up":
            peer.say_close(4999)
            await ws.wait_closed()
    await clock.sleep(10)
    return ws


# In these states an order leads to a close event.
_WITH_CLOSE = ("tcp", "http", "open")
# In these it does not.
_WITHOUT = ("just made", "provider", "back-off", "reconnecting", "given up", "at rest")
# In these the peer may have closed first.
_UNKNOWN = ("dial begun", "peer closing", "writer failed")
_STATES = _WITH_CLOSE + _WITHOUT + _UNKNOWN
_TWO = ("close", "reconnect")
_ORDERS = (
    ["close"],
    ["close", "close"],
    ["reconnect"],
    ["close", "reconnect"],
    ["reconnect", "close"],
)


@each(*[(state, orders) for state in _STATES for orders in _ORDERS])
async def claim_orders_are_obeyed_from_every_state(world, state, orders):
    ws = await _bring(world, state)
    log = Log(ws)
    at = clock.now()
    getattr(ws, orders[0])(4001, "bye")
    if state in _WITH_CLOSE:
        assert log == [("close", 4001, "bye", True)]
    elif state in _WITHOUT:
        assert log == []
    for order in orders[1:]:
        getattr(ws, order)()
    assert ws.should_reconnect is (orders[-1] == "reconnect")
    assert ws.ready_state == (3 if orders[-1] == "close" else ws.ready_state) != 1
    if orders[-1] == "reconnect":
        assert await ws.wait_open(2500)
        if state not in _UNKNOWN + ("reconnecting",):
            assert clock.now() - at < 20
        assert log.names().count("open") == 1 and ws.retry_count == 0
    else:
        await ws.wait_closed()
        assert clock.now() - at <= 2000 and ws.ready_state == 3 and not world.open_now
        assert not clock.own_tasks()
        assert "open" not in log.names()
    if state == "open":
        assert world.peers[0].close_seen[1:] == [4001, "bye"]
    dials = len(world.peers)
    await clock.sleep(100_000)
    assert len(world.peers) == dials and world.open_now == (orders[-1] == "reconnect")
    assert log.names().count("close") <= 1
    assert "reconnecting" not in log.names() and "giveup" not in log.names()


@each(*[(order, plans) for order in _TWO for plans in ([OPEN], [REFUSE, OPEN])])
async def claim_orders_are_obeyed_at_each_turn_of_the_loop(world, order, plans):
    for turns in range(12):
        world.forget()
        world.plans = plans
        ws = world.websocket()
        if len(plans) > 1:
            await clock.sleep(1005)
        for _ in range(turns):
            await clock.sleep(0)
        getattr(ws, order)()
        if order == "reconnect":
            assert await ws.wait_open(5000)
            ws.close()
        at = clock.now()
        await ws.wait_closed()
        assert clock.now() - at < 2000


@each(
    *[
        (order, answer, end)
        for order in _TWO
        for answer in (True, False)
        for end in ("refused", "lost", "closed")
    ]
)
async def claim_orders_inside_the_predicate_decide_whatever_it_says(world, order, answer, end):
    def predicate(event):
        getattr(ws, order)()
        return answer

    world.plans = [REFUSE if end == "refused" else OPEN, OPEN]
    ws = world.websocket(should_reconnect_on_close=predicate)
    log = Log(ws)
    if end != "refused":
        peer = await world.next()
        peer.end() if end == "lost" else peer.say_close(4000)
    await clock.sleep(60_000)
    assert ws.ready_state == (3 if order == "close" else 1)
    assert len(world.peers) == (1 if order == "close" else 2)
    assert log.names().count("close") == 1
    assert "giveup" not in log.names() and "reconnecting" not in log.names()


@each(MemoryError(), OSError(12, "ENOMEM"), ValueError("odd"))
async def claim_an_end_is_told_though_the_transports_close_raises(world, error):
    world.plans = [{"accept": 1, "fails": ("close", error)}, OPEN]
    ws, peer, log = await world.open()
    peer.reset()
    await clock.sleep(10)
    assert log.names() == ["open", "error", "close", "reconnecting"]
    assert log.events[1].error is peer.error and ws.ready_state == 3
    await world.next()
    assert log[-1] == ("open", True)


@each(*[(state, order) for state in ("lost", "open", "closing") for order in _TWO])
async def claim_orders_work_after_a_close_that_raised(world, state, order):
    world.plans = [{"accept": 1, "fails": ("close", MemoryError())}, OPEN]
    ws, peer, _ = await world.open()
    if state == "lost":
        peer.reset()
        await clock.sleep(100)
    elif state == "closing":
        ws.reconnect()
    getattr(ws, order)()
    # Longer than a close may take.
    await clock.sleep(3000)
    assert ws.ready_state == (3 if order == "close" else 1)
    ws.reconnect()
    assert await ws.wait_open(5000)


async def claim_ready_state_is_not_closed_before_the_end_is_settled(world):
    ws, peer, log = await world.open()
    peer.reset()
    while ws.ready_state != 3:
        await asyncio.sleep(0)
    assert log.names() == ["open", "error", "close", "reconnecting"]


async def claim_a_second_order_does_not_prolong_the_2_s(world):
    ws, peer, _ = await world.open()
    peer.plan.auto_close = False
    at = clock.now()
    ws.reconnect()
    await clock.sleep(1500)
    ws.reconnect()
    assert await ws.wait_open(10_000) and clock.now() - at <= 2005


async def claim_a_reader_that_is_behind_holds_no_reconnect_up(world):
    ws, peer, _ = await world.open()
    peer.text("1")
    assert await ws.recv() == "1"
    peer.text("2", "3", "4")
    await clock.sleep(1)
    ws.reconnect()
    at = clock.now()
    await world.next()
    assert clock.now() - at < 100
    # Messages that were received are not lost with the connection.
    peer = world.peer
    peer.text("5", "6")
    await clock.sleep(1)
    for text in ("2", "5", "6"):
        assert await ws.recv() == text
    assert ws.stats()["unread"] == 0


async def claim_no_message_comes_after_close(world):
    from partysocket import Error

    ws, peer, _ = await world.open()
    got = []
    ws.onmessage = lambda event: (got.append(event.data), ws.reconnect())
    peer.text("1", "2", "3")
    peer = await world.next()
    ws.onmessage = lambda event: (got.append(event.data), ws.close())
    peer.text("4", "5", "6")
    await ws.wait_closed()
    assert got == ["1", "4"]
    await fails(Error, ws.recv())


async def claim_what_nobody_takes_within_2_s_comes_back(world):
    ws, peer, log = await world.open()
    peer.window = 5
    ws.send("abcdefgh")
    ws.send("second")
    at = clock.now()
    ws.close()
    assert ws.send("too late") is False
    await ws.wait_closed()
    assert clock.now() == at + 2000 and log.names() == ["open", "close"]
    assert ws.drain_queued_messages() == ["abcdefgh", "second", "too late"]


async def claim_closes_may_cross(world):
    ws, peer, log = await world.open()
    peer.plan.auto_close = False
    ws.close(4005)
    peer.say_close(1001)
    await ws.wait_closed()
    assert log[1:] == [("close", 4005, "", True)] and peer.close_codes() == [4005]


async def claim_pings_after_our_close_do_not_hide_the_peers_answer(world):
    ws, peer, _ = await world.open()
    peer.plan.auto_close = False
    ws.close()
    await clock.sleep(1)
    assert peer.close_codes() == [1000]
    for i in range(3):
        peer.ping(b"%d" % i)
    peer.say_close(1000)
    at = clock.now()
    await ws.wait_closed()
    assert clock.now() - at < 100


@each(
    # The state while the answer is sent; 2 while it may still go out.
    ("cannot be written", 3),
    ("is not read at first", 2),
    ("is never read", 2),
)
async def claim_a_clean_close_is_clean_though_its_answer_does_not_arrive(world, how, state):
    ws, peer, log = await world.open()
    at = clock.now()
    if state == 2:
        peer.window = 0
    else:
        peer.send_error = OSError(32, "EPIPE")
    peer.say_close(1012, "restart")
    await clock.sleep(10)
    assert ws.ready_state == state
    if state == 2:
        assert ws.send("it waits") is False
    if how == "is not read at first":
        peer.open_window()
        await clock.sleep(1)
        assert ws.ready_state == 3 and peer.close_codes() == [1012]
    await clock.sleep(2500)
    assert log[1:3] == [("close", 1012, "restart", True), ("reconnecting", 1000, 1)], log
    assert log.times[1] - at <= (2000 if how == "is never read" else 10)


async def claim_the_peers_last_words_are_heard_after_our_write_failed(world):
    ws, peer, log = await world.open()
    peer.send_error = OSError(32, "EPIPE")
    ws.send("x")
    await clock.sleep(100)
    assert ws.ready_state == 2
    peer.text("last words")
    peer.say_close(4000, "kicked")
    await clock.sleep(100)
    assert log.of("close") == [("close", 4000, "kicked", True)] and log.data() == ["last words"]


def outside_a_socket_at_rest_may_be_closed_and_sent_to():
    from partysocket import WebSocket

    ws = WebSocket("ws://x/", start_closed=True)
    assert (ws.ready_state, ws.should_reconnect) == (3, False)
    assert ws.send("x") is False
    ws.close()
    raises(RuntimeError, ws.reconnect)


async def claim_who_waits_in_the_turn_of_the_opening_is_woken(world):
    world.plans = [{"accept": 500}]
    ws = world.websocket()
    took = []

    async def wait(turns):
        await clock.sleep(500)
        for _ in range(turns):
            await clock.sleep(0)
        assert await ws.wait_open(20_000)
        took.append(clock.now())

    waits = [asyncio.create_task(wait(turns)) for turns in range(12)]
    for one in waits:
        await one
    assert max(took) <= 510
