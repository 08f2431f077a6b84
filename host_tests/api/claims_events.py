"""Events, their order and their content; stats; and secrets that are never reported."""

from core.wire import BINARY, CLOSE, TEXT, frame
from simulation.clock import clock

from .world import OPEN, REFUSE, each, raises

_STATS = (
    "attempts opens drops sent received bytes_in bytes_out discarded unread rtt_ms uptime_ms "
    "last_error"
).split()


@each((b"\x0f\xa0bye", 4000, "bye"), (b"", 1005, ""), (b"\x03\xe8\xc3\xa4", 1000, "ä"))
async def claim_the_peers_close_is_told_as_it_was(world, payload, code, reason):
    ws, peer, log = await world.open(debug=True)
    peer.sent_close = code
    peer.say(frame(CLOSE, payload))
    await clock.sleep(10)
    # It is answered once, with the same code.
    assert peer.close_codes() == [1000 if code == 1005 else code]
    assert log[1:] == [("close", code, reason, True), ("reconnecting", 1000, 1)], log
    assert log.events[1].error is None and log.events[1].target is ws
    await world.next()
    assert log[-1] == ("open", True)
    (told,) = [line for line in world.told if "ended" in line]
    assert told == "partysocket: ended in phase websocket: %d. Next dial in 1 s." % code


@each(("close",), ("close", 4001, "bye"), ("reconnect",))
async def claim_debug_tells_a_clean_close_as_one(world, order, *given):
    ws, _, _ = await world.open(debug=True)
    getattr(ws, order)(*given)
    await clock.sleep(2500)
    (told,) = [line for line in world.told if "ended" in line]
    assert told == "partysocket: ended as the application wanted"


@each(
    # A reset.
    (None, 1006),
    # A FIN.
    (b"", 1006),
    (frame(3), 1002),
    (frame(TEXT, b"\xff"), 1007),
    (frame(BINARY, bytes(200)), 1009),
)
async def claim_a_lost_connection_is_an_error_and_then_a_close(world, data, code):
    from partysocket import ProtocolError

    ws, peer, log = await world.open(max_message_bytes=100)
    peer.reset() if data is None else peer.say(data)
    await clock.sleep(10)
    assert log.names() == ["open", "error", "close", "reconnecting"], log
    assert log[2] == ("close", code, "", False)
    error = log.events[1].error
    assert log.events[2].error is error and log.events[1].message == str(error)
    assert ws.last_error == ("websocket", str(error)) and ws.stats()["drops"] == 1
    if code == 1006:
        assert isinstance(error, OSError)
    else:
        assert isinstance(error, ProtocolError) and error.code == code
        assert peer.close_codes() == [code]


async def claim_events_may_be_kept(world):
    _, peer, log = await world.open()
    peer.text("a", "b", "c")
    peer.binary(b"\xff")
    await clock.sleep(10)
    assert [event.data for event in log.events[1:]] == ["a", "b", "c", b"\xff"]
    assert isinstance(log.events[4].data, bytes)


async def claim_close_codes_and_reasons_are_checked(world):
    ws, peer, _ = await world.open()
    for order in (ws.close, ws.reconnect):
        for code in (0, 999, 1001, 2999, 5000, "1000", True, 1000.0):
            raises(ValueError, order, code)
        for reason in ("x" * 124, "ä" * 62, b"x"):
            raises(ValueError, order, 1000, reason)
    assert ws.ready_state == 1
    ws.close(4999, "ä" * 61 + "x")
    await ws.wait_closed()
    assert peer.close_seen[1:] == [4999, "ä" * 61 + "x"]


async def claim_leaving_the_context_closes_and_the_queue_goes_out_before(world):
    texts = ["message %d" % i for i in range(20)]
    async with world.websocket() as ws:
        assert ws.ready_state == 0
        peer = await world.next()
        for text in texts:
            assert ws.send(text) is True
    assert ws.ready_state == 3 and not world.open_now
    assert peer.messages() == texts and peer.got_close


async def claim_stats_count(world):
    world.plans = [REFUSE, OPEN]
    ws = world.websocket()
    ws.send("ä")
    await world.next()
    world.peer.text("abc")
    await clock.sleep(100)
    stats = ws.stats()
    assert sorted(stats) == sorted(_STATS)
    assert (stats["attempts"], stats["opens"], stats["drops"]) == (2, 1, 0)
    assert (stats["sent"], stats["received"]) == (1, 1)
    assert stats["bytes_out"] == world.peer.taken and stats["bytes_in"] == world.peer.given
    assert stats["discarded"] == stats["unread"] == 0 and 100 <= stats["uptime_ms"] <= 105
    assert stats["last_error"] == ws.last_error and ws.last_error[0] == "tcp"


_LOCATION = b"HTTP/1.1 302 Found\r\nLocation: /login?token=SECRET\r\n\r\n"
_SECRETS = (
    ("ws://user:SECRET@server/?SECRET#SECRET", None, OPEN),
    ("ws://server/?token=SECRET", {"Authorization": "SECRET"}, REFUSE),
    ("ws://server/?token=SECRET", None, {"refuse": 1, "status": 403}),
    ("ws://server/?token=SECRET", None, {"answer": _LOCATION}),
    (lambda: "example.com/?token=SECRET", None, OPEN),
    ("ws://server/", lambda: {"Authorization": "SECRET\n"}, OPEN),
    # A room with the token in its query.
    (None, None, OPEN),
)


@each(*_SECRETS)
async def claim_no_token_is_ever_told(world, url, headers, plan):
    world.plans = [plan]
    if url is None:
        world.party(query={"token": "SECRET"}, debug=True)
    else:
        world.websocket(url, debug=True, headers=headers)
    await clock.sleep(3000)
    assert world.told and "SECRET" not in "".join(world.told)
