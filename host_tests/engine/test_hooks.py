"""The hooks: what a change of settings makes of the socket."""

import pytest

from engine.virtual import Accept, now, settle, sleep, virtual
from partysocket import Error, use_party_socket, use_web_socket


def party(server, **settings):
    given = {"host": "localhost", "room": "r", **server.options(**settings)}
    given.pop("debug_logger") if "debug_logger" not in settings else None
    return use_party_socket(**given)


@virtual
async def test_mounting_dials_and_unmounting_closes(server):
    heard = []
    async with party(
        server,
        on_open=lambda event: heard.append("open"),
        on_message=lambda event: heard.append(event.data),
        on_close=lambda event: heard.append(event.code),
    ) as hook:
        peer = await server.opened()
        peer.text("hi")
        await settle()
        assert hook.socket.ready_state == 1
    assert heard == ["open", "hi", 1000]
    assert peer.closed


@virtual
async def test_handlers_are_swapped_without_a_reconnect(server):
    heard = []
    async with party(server, on_message=lambda event: heard.append(("one", event.data))) as hook:
        peer = await server.opened()
        peer.text("a")
        await settle()
        hook.update(on_message=lambda event: heard.append(("two", event.data)))
        peer.text("b")
        await settle()
        hook.update(on_message=None)
        peer.text("c")
        await settle()
        assert await hook.socket.recv() == "c"
        assert len(server.peers) == 1
    assert heard == [("one", "a"), ("two", "b")]


@virtual
async def test_enabled_closes_and_opens_the_same_socket(server):
    async with party(server, enabled=False) as hook:
        await sleep(10_000)
        assert server.peers == [] and hook.socket.ready_state == 3
        socket = hook.socket
        hook.update(enabled=True)
        await server.opened()
        hook.update(enabled=False)
        assert socket.ready_state == 3
        hook.update(enabled=True)
        await server.opened()
        assert hook.socket is socket and len(server.peers) == 2


@virtual
async def test_the_same_settings_make_no_new_socket(server):
    async with party(server) as hook:
        await server.opened()
        socket = hook.socket
        hook.update(host="localhost", room="r", query=None)
        assert hook.socket is socket


@virtual
async def test_a_changed_setting_makes_a_new_socket_that_dials_when_the_old_has_let_go(server):
    closes = []
    async with party(server, on_close=lambda event: closes.append(event.target)) as hook:
        peer = await server.opened()
        old = hook.socket
        peer.auto_close = False  # the old one has to wait for it
        hook.update(room="other")
        assert hook.socket is not old and closes == [old]
        await sleep(1500)
        assert len(server.peers) == 1
        peer = await server.opened()
        assert now() == 2000
        assert "/parties/main/other?" in peer.request.decode()


@virtual
async def test_a_flood_of_changes_makes_one_dial_more(server):
    async with party(server) as hook:
        await server.opened()
        for i in range(20):
            hook.update(room=f"r{i}")
        peer = await server.opened()
        await sleep(10_000)
        assert len(server.peers) == 2
        assert "/parties/main/r19?" in peer.request.decode()


_PLACE = {"room": "other"}
_SAME = {"query": {"a": "b"}}


@pytest.mark.parametrize(
    "changes,transfer,arrives",
    [
        (_SAME, None, True),
        (_PLACE, None, False),
        (_SAME, False, False),
        (_PLACE, False, False),
        (_SAME, True, True),
        (_PLACE, True, True),
        ({"id": "another"}, None, True),
        ({"ping_interval_ms": 5000}, None, True),
    ],
)
@virtual
async def test_the_queue_is_handed_over_by_the_rule(server, changes, transfer, arrives):
    told = []
    server.plans = [Accept(connect_ms=None)]
    async with party(
        server, transfer_enqueued_messages=transfer, debug_logger=told.append
    ) as hook:
        await sleep(100)
        hook.socket.send("one")
        hook.socket.send(b"two")
        hook.update(**changes)
        peer = await server.opened()
        await settle()
        assert peer.messages == (["one", b"two"] if arrives else [])
        warned = [text for text in told if "discarded 2 buffered message(s)" in text]
        assert len(warned) == (not arrives)


@virtual
async def test_a_change_while_disabled_waits_for_enabled(server):
    async with party(server, enabled=False) as hook:
        hook.socket.send("kept")
        hook.update(query={"x": 1})
        await sleep(10_000)
        assert server.peers == []
        hook.update(enabled=True)
        peer = await server.opened()
        await settle()
        assert peer.messages == ["kept"]


@virtual
async def test_disabled_while_the_old_one_closes_stays_closed(server):
    async with party(server) as hook:
        peer = await server.opened()
        peer.auto_close = False
        hook.update(room="other")
        hook.update(enabled=False)
        await sleep(10_000)
        assert len(server.peers) == 1


@virtual
async def test_wrong_settings_change_nothing(server):
    async with party(server) as hook:
        await server.opened()
        socket = hook.socket
        for changes, error in (
            ({"on_open": 7}, TypeError),
            ({"enabled": "yes"}, TypeError),
            ({"path": "/x"}, ValueError),
            ({"nonsense": 1}, TypeError),
            ({"host": ""}, ValueError),
            ({"start_closed": True}, TypeError),
        ):
            with pytest.raises(error):
                hook.update(**changes)
            assert hook.socket is socket and socket.ready_state == 1
        await sleep(10_000)
        assert len(server.peers) == 1


@virtual
async def test_update_needs_a_mounted_hook(server):
    hook = party(server)
    with pytest.raises(Error, match="async with"):
        hook.update(room="x")


@virtual
async def test_a_web_socket_hook_changes_its_url(server):
    async with use_web_socket("ws://h/a", **server.options()) as hook:
        await server.opened()
        hook.update(url="ws://h/b")
        peer = await server.opened()
        assert peer.request.startswith(b"GET /b ")
