"""Names and attributes that traces do not show."""

import re

from api.world import in_loop
from partysocket import PartySocket, WebSocket

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_a_new_socket_has_the_states_and_no_handlers():
    ws = WebSocket("ws://server/", start_closed=True)
    for one in (WebSocket, PartySocket, ws):
        assert (one.CONNECTING, one.OPEN, one.CLOSING, one.CLOSED) == (0, 1, 2, 3)
    assert ws.onopen is ws.onmessage is ws.onclose is ws.onerror is None


def test_a_party_tells_where_it_goes():
    ws = PartySocket("http://localhost:1999/", "a b", party="side", path="p", start_closed=True)
    assert ws.room_url == "ws://localhost:1999/parties/side/a%20b/p"
    assert (ws.host, ws.name, ws.room) == ("localhost:1999", "side", "a b")
    assert (ws.path, ws.base_path) == ("/p", None)
    assert PartySocket("h", base_path="x", start_closed=True).path == ""


def test_the_id_is_a_uuid_and_stays():
    async def claim(world):
        first = world.party()
        other = PartySocket("localhost", "r", start_closed=True)
        assert re.fullmatch(UUID, first.id) and first.id != other.id
        for _ in range(3):
            peer = await world.next()
            assert peer.path() == "/parties/main/r?_pk=" + first.id
            first.reconnect()

    in_loop(claim)
