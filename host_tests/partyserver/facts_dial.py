"""What PartyServer answers to a dial."""

import json

from watched import Watched, a_room

from partysocket import HandshakeError

BOTH = ("main", "hib")


async def refused(address, target, **more):
    """The error that a dial of `target` ends with, and the wire."""
    async with Watched(address, target=target, **more) as socket:
        event = await socket.next("error")
        assert isinstance(event.error, HandshakeError), event.message
        return event.error, socket.wires[0]


async def setup_throws(address, word, **place):
    """Join a room whose setup throws: an open, the error's text, and a Close."""
    async with Watched(address, **place) as socket:
        assert (await socket.next("open")).reconnected is False
        assert word in json.loads(await socket.text())["error"]
        close = await socket.next("close")
        reason = "Uncaught exception during session setup"
        assert (close.code, close.reason, close.was_clean) == (1011, reason, True)
        for count in (1, 2):  # it was no success
            assert (await socket.next("reconnecting")).retry_count == count


async def fact_an_unknown_party_or_one_in_another_case_is_a_400(address):
    for target in ("/parties/nope/r", "/parties/Main/r", "/parties/MAIN/r"):
        error, wire = await refused(address, target)
        assert error.status == 400 and wire.got.endswith(b"\r\n\r\nInvalid request"), target


async def fact_what_is_no_route_is_the_workers_own_404(address):
    for target in ("/parties/main", "/parties/main/", "/party/r", "/", "/parties//r"):
        error, _ = await refused(address, target)
        assert error.status == 404, target


async def fact_onbeforeconnect_refuses_with_any_status(address):
    for status in (401, 403, 429, 503, 302):
        error, wire = await refused(address, "/parties/main/r?refuse=%d" % status)
        assert (error.status, error.retry_after) == (status, 7)
        assert status != 302 or "/login" in str(error)
        assert b"101" not in wire.head()


async def fact_another_version_is_a_426(address):
    forge = (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12")
    error, wire = await refused(address, "/parties/main/r", forge=forge)
    assert error.status == 426 and b"Sec-WebSocket-Version: 13" in wire.head()


async def fact_the_101_names_no_extension_and_no_subprotocol(address):
    for party in BOTH:
        async with Watched(address, party=party, protocols=["a", "b"]) as socket:
            await socket.next("open")
            assert b"\r\nSec-WebSocket-Protocol: a, b\r\n" in socket.wire.request
            assert socket.ws.protocol == ""
            names = [line.split(b":")[0].lower() for line in socket.wire.head().split(b"\r\n")[1:]]
            assert sorted(names) == [b"connection", b"sec-websocket-accept", b"upgrade"], names


async def fact_a_greeting_of_onconnect_is_not_lost(address):
    """It may share a segment with the 101: onConnect is awaited before that goes out."""
    for party in BOTH:
        for _ in range(10):
            async with Watched(address, party=party, id="me") as socket:
                assert json.loads(await socket.text())["id"] == "me"


async def fact_a_room_whose_setup_throws_opens_says_so_and_closes_with_1011(address):
    for party in BOTH:
        await setup_throws(address, "asked to fail", party=party, query={"fail": "1"})


async def fact_onconnect_is_awaited_before_the_101(address):
    options = {"query": {"hang": "1"}, "connection_timeout": 300}
    async with Watched(address, **options) as socket:
        assert (await socket.next("error")).message == "TIMEOUT"
        assert socket.ws.last_error[0] == "http" and socket.wires[0].got == b""


async def fact_onconnect_may_close(address):
    for party in BOTH:
        async with Watched(address, party=party, query={"bye": "4321"}) as socket:
            await socket.next("open")
            close = await socket.next("close")
            assert (close.code, close.reason, close.was_clean) == (4321, "asked to", True)


async def fact_a_room_is_named_as_it_is_encoded(address):
    for room, name in (("a b", "a%20b"), ("a%20b", "a%20b"), ("%41", "%41"), ("ä", "%C3%A4")):
        async with Watched(address, room=room) as socket:
            assert json.loads(await socket.text())["room"] == name


async def fact_what_follows_the_room_is_not_its_name(address):
    room = a_room()
    async with Watched(address, room=room, path="extra/more") as one:
        assert json.loads(await one.text())["room"] == room
        async with Watched(address, room=room) as other:
            assert json.loads(await other.text())["connections"] == 2


async def fact_names_of_more_than_256_characters_are_rooms_up_to_1024(address):
    for size in (257, 1024):
        async with Watched(address, room="x" * size) as socket:
            assert json.loads(await socket.text())["room"] == "x" * size
    await setup_throws(address, "", room="x" * 1025)


async def fact_an_id_has_256_characters_at_most(address):
    for party in BOTH:
        async with Watched(address, party=party, id="p" * 256) as socket:
            assert json.loads(await socket.text())["id"] == "p" * 256
        await setup_throws(address, "256", party=party, id="p" * 257)


async def fact_without_an_id_the_server_makes_one(address):
    async with Watched(address, target="/parties/main/" + a_room()) as socket:
        assert len(json.loads(await socket.text())["id"]) == 21
