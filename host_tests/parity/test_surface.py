"""Names and attributes that no trace shows."""

import re

from api.world import in_loop
from partysocket import PartySocket, WebSocket


def closed():
    return WebSocket("ws://server/", start_closed=True)


def test_states_are_on_class_and_object():
    for one in (WebSocket, PartySocket, closed()):
        assert (one.CONNECTING, one.OPEN, one.CLOSING, one.CLOSED) == (0, 1, 2, 3)


def test_slots_are_empty_at_first():
    ws = closed()
    assert ws.onopen is ws.onmessage is ws.onclose is ws.onerror is None


def test_buffered_amount_is_bytes():
    ws = closed()
    for data, size in (("a€😀", 8), (b"\0\xff", 2), ("", 0)):
        before = ws.buffered_amount
        ws.send(data)
        assert ws.buffered_amount == before + size


def test_a_party_tells_where_it_goes():
    ws = PartySocket("http://localhost:1999/", "a b", party="side", path="p", start_closed=True)
    assert ws.room_url == "ws://localhost:1999/parties/side/a%20b/p"
    assert (ws.host, ws.name, ws.room) == ("localhost:1999", "side", "a b")
    assert (ws.path, ws.base_path) == ("/p", None)
    assert PartySocket("h", base_path="x", start_closed=True).path == ""


def test_the_id_is_a_uuid_and_stays():
    shape = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    async def claim(world):
        first = world.party()
        other = PartySocket("localhost", "r", start_closed=True)
        assert re.fullmatch(shape, first.id) and first.id != other.id
        for _ in range(3):
            peer = await world.next()
            assert peer.path() == "/parties/main/r?_pk=" + first.id
            first.reconnect()

    in_loop(claim)
