"""update_properties: what changes, from when, and that nothing changes by halves."""

import pytest

from engine.virtual import PING, Log, settle, sleep, virtual
from partysocket import PARTYSOCKET, PartySocket


def party(server, **settings):
    options = server.options(**settings)
    return PartySocket("localhost", "one", **options)


def target(peer):
    return peer.request.decode().split(" ")[1]


@virtual
async def test_address_and_query_apply_from_the_next_dial(server):
    ws = party(server, id="me", path="p", query={"a": "1"})
    peer = await server.opened()
    assert target(peer) == "/parties/main/one/p?_pk=me&a=1"
    url = ws.url
    ws.update_properties(room="two", party="side")
    assert ws.url == url and ws.room == "two" and ws.name == "side"
    assert ws.room_url == "ws://localhost/parties/side/two/p"
    await sleep(1000)
    assert len(server.peers) == 1
    ws.reconnect()
    peer = await server.opened()
    assert target(peer) == "/parties/side/two/p?_pk=me&a=1"


@virtual
async def test_changes_add_up_and_the_id_stays(server):
    ws = party(server)
    peer = await server.opened()
    first = ws.id
    ws.update_properties(query={"q": "x"})
    ws.update_properties(prefix="rooms/of")
    ws.update_properties(host="127.0.0.1:8787")
    ws.update_properties(path="deep")
    ws.reconnect()
    peer = await server.opened()
    assert target(peer) == f"/rooms/of/main/one/deep?_pk={first}&q=x"
    assert peer.target[:2] == ("127.0.0.1", 8787)
    ws.update_properties(base_path="else/where", path=None, query=None, id="given")
    ws.reconnect()
    assert target(await server.opened()) == "/else/where/deep?_pk=given".replace("/deep", "")


@virtual
async def test_options_apply_from_their_next_use(server):
    ws = party(server, ping_interval_ms=0)
    log = Log(ws)
    peer = await server.opened()
    await sleep(60_000)
    assert peer.count(PING) == 0
    ws.update_properties(ping_interval_ms=1000, min_reconnection_delay=7000)
    await sleep(1500)
    assert peer.count(PING) >= 1
    peer.reset()
    await settle()
    assert log[-1] == ("reconnecting", 7000, 1)
    peer = await server.opened()
    ws.update_properties(max_message_bytes=10)
    peer.text("x" * 11)
    await settle()
    assert peer.close_codes == [1009]


@virtual
async def test_protocols_and_headers_apply_from_the_next_dial(server):
    ws = party(server)
    await server.opened()
    ws.update_properties(protocols=["a", "b"], headers={"Authorization": "Bearer x"})
    ws.reconnect()
    peer = await server.opened()
    assert peer.header("Sec-WebSocket-Protocol") == "a, b"
    assert peer.header("Authorization") == "Bearer x"


_WRONG = [
    ({"room": "new", "queue_bytes": 100}, ValueError, "queue_bytes"),
    ({"room": "new", "receive_bytes": 1}, ValueError, "receive_bytes"),
    ({"room": "new", "transport": print}, ValueError, "transport"),
    ({"room": "new", "start_closed": False}, ValueError, "start_closed"),
    ({"room": "new", "nonsense": 1}, TypeError, "nonsense"),
    ({"room": "new", "ping_interval_ms": -1}, ValueError, "ping_interval_ms"),
    ({"room": "new", "path": "/slash"}, ValueError, "slash"),
    ({"query": {"a": 1}, "path": "/slash"}, ValueError, "slash"),
    ({"room": "new", "protocol": "http"}, ValueError, "protocol"),
    ({"room": "new", "query": 7}, TypeError, "query"),
    ({"room": "new", "protocols": 7}, TypeError, "protocols"),
    ({"room": "a\r\nb"}, ValueError, "control character"),
    ({"min_reconnection_delay": 1, "room": "a\nb"}, ValueError, "control character"),
]


@pytest.mark.parametrize("changes,error,text", _WRONG)
@virtual
async def test_what_is_wrong_changes_nothing(server, changes, error, text):
    ws = party(server, id="me", start_closed=True)
    before = dict(ws._options)
    with pytest.raises(error, match=text):
        ws.update_properties(**changes)
    assert ws._options == before
    assert ws.room_url == "ws://localhost/parties/main/one" and ws.room == "one"
    ws.reconnect()
    assert target(await server.opened()) == "/parties/main/one?_pk=me"


@virtual
async def test_a_whole_preset_may_be_given(server):
    ws = party(server, start_closed=True)
    same = ("transport", "start_closed", "queue_bytes", "receive_bytes")
    ws.update_properties(**{k: v for k, v in PARTYSOCKET.items() if k not in same})
    assert ws._options["retry_rules"] == "always"
    ws.update_properties(queue_bytes=ws._options["queue_bytes"])  # as it is: no change


@virtual
async def test_reconnect_without_a_host_says_so(server):
    ws = party(server, start_closed=True)
    ws.update_properties(host="")
    with pytest.raises(ValueError, match="needs a host"):
        ws.reconnect()
    ws.update_properties(host="localhost", room=None)
    with pytest.raises(ValueError, match="needs a room"):
        ws.reconnect()
