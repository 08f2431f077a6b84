"""update_properties and the hooks: what changes and when. A call that fails changes nothing."""

import asyncio

from core.wire import PING
from simulation.clock import clock

from .world import HANGS, OPEN, Log, each, raises


async def claim_address_and_query_apply_from_the_next_dial_and_add_up(world):
    ws = world.party("one", path="p", query={"a": "1"})
    peer = await world.next()
    first = ws.id
    assert peer.path() == "/parties/main/one/p?_pk=%s&a=1" % first
    url = ws.url
    ws.update_properties(room="two", party="side")
    assert ws.url == url and (ws.room, ws.name) == ("two", "side")
    assert ws.room_url == "ws://localhost/parties/side/two/p"
    await clock.sleep(1000)
    assert len(world.peers) == 1
    ws.update_properties(prefix="rooms/of")
    ws.update_properties(host="127.0.0.1:8787", query={"q": "x"})
    ws.update_properties(path="deep", protocols=["a", "b"], headers={"Authorization": "Bearer x"})
    ws.reconnect()
    peer = await world.next()
    assert peer.path() == "/rooms/of/side/two/deep?_pk=%s&q=x" % first
    assert peer.target[:2] == ("127.0.0.1", 8787)
    assert peer.header("Sec-WebSocket-Protocol") == "a, b"
    assert peer.header("Authorization") == "Bearer x"
    ws.update_properties(base_path="else/where", path=None, query=None, id="given")
    ws.reconnect()
    peer = await world.next()
    assert peer.path() == "/else/where?_pk=given"


async def claim_options_apply_from_their_next_use(world):
    from partysocket import QueueFull

    ws = world.party(queue_bytes=64)
    log = Log(ws)
    peer = await world.next()
    await clock.sleep(60_000)
    assert peer.got(PING) == []
    ws.update_properties(ping_interval_ms=1000, min_reconnection_delay=7000)
    await clock.sleep(1500)
    assert peer.got(PING)
    peer.reset()
    await clock.quiet()
    assert log[-1] == ("reconnecting", 7000, 1)
    peer = await world.next()
    ws.update_properties(max_message_bytes=10, overflow="error")
    ws.send(bytes(50))
    raises(QueueFull, ws.send, bytes(50))
    peer.text("x" * 11)
    await clock.quiet()
    assert peer.close_codes() == [1009]


@each(
    ({"min_uptime": 1, "queue_bytes": 100}, ValueError, "queue_bytes"),
    ({"room": "new", "receive_bytes": 1}, ValueError, "receive_bytes"),
    ({"room": "new", "transport": print}, ValueError, "transport"),
    ({"room": "new", "start_closed": False}, ValueError, "start_closed"),
    ({"room": "new", "nonsense": 1}, TypeError, "nonsense"),
    ({"max_retries": 0, "ping_interval_ms": -1}, ValueError, "ping_interval_ms"),
    ({"query": {"a": 1}, "path": "/slash"}, ValueError, "slash"),
    ({"room": "new", "protocol": "http"}, ValueError, "protocol"),
    ({"room": "new", "query": 7}, TypeError, "query"),
    ({"id": 5}, TypeError, "id"),
    ({"room": "new", "protocols": 7}, TypeError, "protocols"),
    ({"max_message_bytes": 1, "room": "a\r\nb"}, ValueError, "control character"),
)
async def claim_what_is_wrong_changes_nothing(world, changes, error, text):
    ws = world.party("one", id="me", start_closed=True)
    assert text in str(raises(error, ws.update_properties, **changes))
    assert ws.room_url == "ws://localhost/parties/main/one" and ws.room == "one"
    ws.reconnect()
    peer = await world.next()
    assert peer.path() == "/parties/main/one?_pk=me" and peer.header("Cookie") is None
    # The options have not changed either: a message is delivered, and a loss is not the end.
    peer.text("ok")
    assert await ws.recv() == "ok"
    peer.reset()
    await world.next()


async def claim_a_whole_preset_may_be_given(world):
    from partysocket import PARTYSOCKET

    ws = world.party(start_closed=True)
    same = ("transport", "start_closed", "queue_bytes", "receive_bytes")
    preset = {name: value for name, value in PARTYSOCKET.items() if name not in same}
    ws.update_properties(**dict(preset, min_reconnection_delay=1000))
    # The same value is not a change.
    ws.update_properties(queue_bytes=PARTYSOCKET["queue_bytes"])
    log = Log(ws)
    world.plans = [{"refuse": 1, "status": 404}]
    ws.reconnect()
    await clock.sleep(10)
    # By the rule "always".
    assert log.delays() == [1000]


async def claim_reconnect_without_a_place_says_what_it_needs(world):
    ws = world.party(start_closed=True)
    ws.update_properties(host="")
    assert "needs a host" in str(raises(ValueError, ws.reconnect))
    ws.update_properties(host="localhost", room=None)
    assert "needs a room" in str(raises(ValueError, ws.reconnect))


# Hooks.


def _hook(world, **settings):
    from partysocket import use_party_socket

    return use_party_socket(host="localhost", room="r", **world.options(settings))


async def claim_a_hook_hears_from_mount_to_unmount(world):
    heard = []
    async with _hook(
        world,
        on_open=lambda event: heard.append("open"),
        on_message=lambda event: heard.append("one " + event.data),
        on_close=lambda event: heard.append(event.code),
    ) as hook:
        peer = await world.next()
        peer.text("a")
        await clock.quiet()
        # Handlers are replaced, and the same settings make no new socket.
        socket = hook.socket
        hook.update(on_message=lambda event: heard.append("two " + event.data))
        hook.update(host="localhost", room="r", query=None)
        peer.text("b")
        await clock.quiet()
        # recv() gets the messages now.
        hook.update(on_message=None)
        peer.text("c")
        assert await socket.recv() == "c"
        assert hook.socket is socket
    assert heard == ["open", "one a", "two b", 1000]
    assert peer.is_closed and len(world.peers) == 1 and socket.ready_state == 3


async def claim_a_hook_that_is_not_enabled_rests(world):
    async with _hook(world, enabled=False) as hook:
        hook.socket.send("kept")
        hook.update(query={"x": 1})
        await clock.sleep(10_000)
        assert world.peers == [] and hook.socket.ready_state == 3
        hook.update(enabled=True)
        peer = await world.next()
        assert peer.messages() == ["kept"]
        socket = hook.socket
        hook.update(enabled=False)
        await clock.sleep(100)
        assert socket.ready_state == 3
        hook.update(enabled=True)
        peer = await world.next()
        assert hook.socket is socket and len(world.peers) == 2
        # If it is disabled while an old socket closes, it stays closed.
        peer.plan.auto_close = False
        hook.update(room="other")
        hook.update(enabled=False)
        await clock.sleep(10_000)
        assert len(world.peers) == 2


async def claim_a_changed_setting_makes_a_socket_that_dials_when_the_old_has_let_go(world):
    closes = []
    async with _hook(world, on_close=lambda event: closes.append(event.target)) as hook:
        peer = await world.next()
        old = hook.socket
        # The new socket has to wait for the old one.
        peer.plan.auto_close = False
        at = clock.now()
        hook.update(room="other")
        assert hook.socket is not old and closes == [old]
        peer = await world.next()
        assert len(world.peers) == 2 and 2000 <= peer.at - at <= 2005
        assert peer.path().startswith("/parties/main/other?")
        # Many changes make only one more dial.
        for i in range(20):
            hook.update(room="r%d" % i)
        peer = await world.next()
        await clock.sleep(10_000)
        assert len(world.peers) == 3 and peer.path().startswith("/parties/main/r19?")


@each(
    *[
        (changes, pause_ms)
        for changes in (
            [{"enabled": False}, {"room": "other"}, {"enabled": True}],
            [{"enabled": False, "room": "other"}, {"enabled": True}],
            [{"room": "other"}, {"enabled": False}, {"enabled": True}],
        )
        for pause_ms in (0, 100)
    ]
)
async def claim_a_hook_disabled_changed_and_enabled_again_is_not_closed(world, changes, pause_ms):
    # The old connection takes time to close, and the new socket waits for it.
    world.plans = [{"accept": 1, "answersClose": 501, "greets": ["hi"]}]
    async with _hook(world) as hook:
        await world.next()
        for change in changes:
            await clock.sleep(pause_ms)
            hook.update(**change)
        # This waits as well.
        reading = asyncio.create_task(hook.socket.recv())
        assert hook.socket.send("kept") is False and not world.told
        assert await reading == "hi"
        assert world.peer.messages() == ["kept"] and len(world.peers) == 2
        assert world.peer.path().startswith("/parties/main/other?")


_ROOM, _QUERY = {"room": "other"}, {"query": {"a": "b"}}


@each(
    (_QUERY, None, True),
    (_ROOM, None, False),
    (_QUERY, False, False),
    (_ROOM, False, False),
    (_QUERY, True, True),
    (_ROOM, True, True),
    ({"id": "another"}, None, True),
    ({"ping_interval_ms": 5000}, None, True),
)
async def claim_a_hooks_queue_is_handed_over_by_the_rule(world, changes, transfer, arrives):
    world.plans = [HANGS, OPEN]
    async with _hook(world, transfer_enqueued_messages=transfer) as hook:
        await clock.sleep(100)
        hook.socket.send("one")
        hook.socket.send(b"two")
        hook.update(**changes)
        peer = await world.next()
        assert peer.messages() == (["one", b"two"] if arrives else [])
        told = "".join(world.told)
        # The npm package has the same words.
        words = "discarded 2 buffered message(s) while replacing the socket"
        assert (words in told) is ("transfer_enqueued_messages" in told) is not arrives
        del world.told[:]
        # No message waits.
        hook.update(room="yet another")
        assert not world.told


async def claim_wrong_settings_of_a_hook_change_nothing(world):
    from partysocket import Error

    async with _hook(world) as hook:
        await world.next()
        socket = hook.socket
        for changes, error in (
            ({"on_open": 7}, TypeError),
            ({"enabled": "yes"}, TypeError),
            ({"path": "/x"}, ValueError),
            ({"nonsense": 1}, TypeError),
            ({"host": ""}, ValueError),
            ({"start_closed": True}, TypeError),
        ):
            raises(error, hook.update, **changes)
            assert hook.socket is socket and socket.ready_state == 1
        await clock.sleep(10_000)
        assert len(world.peers) == 1
    error = raises(Error, _hook(world).update, room="x")
    assert "async with" in str(error)


async def claim_a_web_socket_hook_changes_its_url(world):
    from partysocket import use_web_socket

    async with use_web_socket("ws://h/a", **world.options({})) as hook:
        await world.next()
        hook.update(url="ws://h/b")
        peer = await world.next()
        assert peer.path() == "/b"


# The flight recorder.


async def claim_a_recorder_keeps_the_last_events_with_their_times_and_causes(world):
    from partysocket.recorder import Recorder

    world.plans = [{"refuse": 500}, OPEN]
    recorder = Recorder(world.websocket())
    peer = await world.next()
    await clock.sleep(60_000)
    peer.say_close(4000, "moved")
    await world.next()
    cause = recorder.entries()[0][2]
    assert cause.startswith("tcp: [Errno 111] ")
    assert recorder.entries() == [
        (0, "error", cause),
        (0, "close", "1006"),
        (0, "reconnecting", "in 1000 ms, retry 1"),
        (1, "open", "first"),
        (61, "close", "4000 moved"),
        (61, "reconnecting", "in 2000 ms, retry 2"),
        (63, "open", "again"),
    ]
    assert str(recorder).split("\n")[3] == "1 s open first"


async def claim_a_recorder_takes_no_more_room_than_it_has(world):
    from partysocket.recorder import Recorder

    world.plans = [{"fails": ("step", OSError(113, "x" * 500))}]
    recorder = Recorder(world.websocket(), size=4)
    await clock.sleep(3_600_000)
    entries = recorder.entries()
    assert len(entries) == 4 and entries[-1][1] == "reconnecting"
    assert max([len(entry[2]) for entry in entries]) <= 48
    times = [entry[0] for entry in entries]
    assert times == sorted(times)
    recorder.stop()
    await clock.sleep(3_600_000)
    assert recorder.entries() == entries
    for size in (0, -1, 1.5, True, None):
        assert "size" in str(raises(ValueError, Recorder, None, size))


async def claim_a_recorder_is_greeting_enough(world):
    from partysocket.recorder import Recorder

    boxes = []
    ws = world.websocket(hello=lambda: boxes[0].text() or None)
    boxes.append(Recorder(ws))
    peer = await world.next()
    assert peer.messages() == []
    peer.reset()
    peer = await world.next()
    assert peer.messages()[0].startswith("0 s open first\n0 s error websocket: ")
