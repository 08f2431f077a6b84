"""What PartyServer answers to a dial, what it does on an open connection, and how it ends one.

Each fact is checked in both parties: "main", whose rooms stay in memory, and "hib", whose rooms
hibernate.
"""

import asyncio
import json

from watched import Watched, a_room, state_of

from partysocket import HandshakeError

# A mask that changes nothing.
_MASK = b"\0\0\0\0"
_LIMIT = 1 << 25


async def refused(address, target, **more):
    """Dial `target`. Return the error, and the wire."""
    async with Watched(address, target=target, **more) as socket:
        event = await socket.next("error")
        assert isinstance(event.error, HandshakeError), event.message
        return event.error, socket.wires[0]


async def setup_throws(address, word, **place):
    """Join a room whose setup throws. There must be an open, the error's text, and a Close."""
    async with Watched(address, **place) as socket:
        assert (await socket.next("open")).reconnected is False
        assert word in json.loads(await socket.text())["error"]
        await socket.ends(1011, "Uncaught exception during session setup")
        # The open did not count as a success.
        for count in (1, 2):
            assert (await socket.next("reconnecting")).retry_count == count


async def fact_what_names_no_room_is_a_400_or_a_404(address, party):
    for target in ("/parties/nope/r", "/parties/Main/r", "/parties/HIB/r"):
        error, wire = await refused(address, target)
        assert error.status == 400 and wire.got.endswith(b"\r\n\r\nInvalid request"), target
    for target in ("/parties/main", "/parties/main/", "/party/r", "/", "/parties//r"):
        assert (await refused(address, target))[0].status == 404, target


async def fact_onbeforeconnect_refuses_with_any_status(address, party):
    for status in (401, 403, 429, 503, 302):
        error, wire = await refused(address, "/parties/%s/r?refuse=%d" % (party, status))
        assert (error.status, error.retry_after) == (status, 7)
        assert status != 302 or "/login" in str(error)
        assert b"101" not in wire.head()


async def fact_another_version_is_a_426(address, party):
    forge = (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12")
    error, wire = await refused(address, "/parties/%s/r" % party, forge=forge)
    assert error.status == 426 and b"Sec-WebSocket-Version: 13" in wire.head()


async def fact_the_101_names_no_extension_and_no_subprotocol(address, party):
    async with Watched(address, party=party, protocols=["a", "b"]) as socket:
        await socket.next("open")
        assert b"\r\nSec-WebSocket-Protocol: a, b\r\n" in socket.wire.request
        assert socket.ws.protocol == ""
        names = [line.split(b":")[0].lower() for line in socket.wire.head().split(b"\r\n")[1:]]
        assert sorted(names) == [b"connection", b"sec-websocket-accept", b"upgrade"], names


async def fact_onconnect_is_awaited_before_the_101(address, party):
    options = {"query": {"hang": "1"}, "connection_timeout": 300}
    async with Watched(address, party=party, **options) as socket:
        assert (await socket.next("error")).message == "TIMEOUT"
        assert socket.ws.last_error[0] == "http" and socket.wires[0].got == b""


async def fact_onconnect_may_greet_close_or_throw(address, party):
    # The greeting may come in one segment with the 101.
    for _ in range(10):
        async with Watched(address, party=party, id="me") as socket:
            assert json.loads(await socket.text())["id"] == "me"
    async with Watched(address, party=party, query={"bye": "4321"}) as socket:
        await socket.next("open")
        await socket.ends(4321, "asked to")
    await setup_throws(address, "asked to fail", party=party, query={"fail": "1"})


async def fact_a_room_is_named_as_it_is_encoded_by_up_to_1024_characters(address, party):
    names = {"a b": "a%20b", "a%20b": "a%20b", "%41": "%41", "ä": "%C3%A4"}
    names.update({"x" * size: "x" * size for size in (257, 1024)})
    for room, name in names.items():
        async with Watched(address, party=party, room=room) as socket:
            assert json.loads(await socket.text())["room"] == name
    await setup_throws(address, "", party=party, room="x" * 1025)
    room = a_room()
    async with Watched(address, party=party, room=room, path="extra/more") as one:
        assert json.loads(await one.text())["room"] == room
        async with Watched(address, party=party, room=room) as other:
            assert json.loads(await other.text())["connections"] == 2


async def fact_an_id_has_up_to_256_characters_and_the_server_makes_one_if_need_be(address, party):
    async with Watched(address, party=party, id="p" * 256) as socket:
        assert json.loads(await socket.text())["id"] == "p" * 256
    await setup_throws(address, "256", party=party, id="p" * 257)
    async with Watched(address, target="/parties/%s/%s" % (party, a_room())) as socket:
        assert len(json.loads(await socket.text())["id"]) == 21


async def fact_our_close_comes_back_with_its_code_and_reason(address, party):
    for code, reason in ((1000, ""), (3000, "bye"), (4999, "ä" * 61 + "x")):
        socket = Watched(address, party=party)
        await socket.next("open")
        await socket.echo()
        socket.ws.close(code, reason)
        await socket.ws.wait_closed()
        assert socket.wire.close_frame() == (code, reason), code


async def fact_the_rooms_close_is_told_and_answered(address, party):
    for code in (1000, 1001, 4000):
        async with Watched(address, party=party) as socket:
            socket.ws.send("close:%d:why" % code)
            await socket.ends(code, "why")


async def fact_after_its_close_the_room_waits_for_ours(address, party):
    async with Watched(address, party=party) as socket:
        await socket.text()
        wire = socket.wire
        text = b"close:4000:why"
        wire.send(memoryview(b"\x81" + bytes([0x80 | len(text)]) + _MASK + text))
        wire.mute = True
        while wire.close_frame() != (4000, "why"):
            await asyncio.sleep(0.02)
        # A request to the server and its answer.
        await state_of(address, a_room(), party)
        assert wire.recv_into(memoryview(bytearray(9))) is None and not wire.ended
        wire.mute = False
        await socket.ends(4000, "why")


async def fact_what_throws_in_onmessage_is_not_seen(address, party):
    for text in ("throw", "close:1005", "close:999"):
        async with Watched(address, party=party) as socket:
            socket.ws.send(text)
            await socket.echo()
            assert socket.told().count("open") == 1 and socket.wire.close_frame() is None


async def fact_a_close_without_a_code_is_not_answered(address, party):
    """So our client always sends a code. The room has handled it: the connection is gone there."""
    room = a_room()
    async with Watched(address, room=room, party=party) as socket:
        await socket.text()
        wire = socket.wire
        assert wire.send(memoryview(b"\x88\x80" + _MASK)) == 6
        while (await state_of(address, room, party))["connections"]:
            pass
        assert wire.close_frame() is None and not wire.ended
        assert socket.ws.ready_state == 1
        # After 10 s it ends TCP.
        if party == "hib":
            await socket.ends(1006)
            assert wire.ended and wire.close_frame() is None


async def fact_an_aborted_room_ends_tcp_without_a_close(address, party):
    async with Watched(address, party=party) as socket:
        await socket.text()
        socket.ws.send("abort")
        await socket.ends(1006)
        wire = socket.wires[0]
        assert wire.ended and wire.close_frame() is None
        assert (await socket.next("open")).reconnected


async def fact_a_ping_and_the_text_ping_are_answered_without_the_room(address, party):
    room = a_room()
    async with Watched(address, room=room, party=party) as socket:
        await socket.text()
        socket.ws.send("kept")
        assert await socket.ws.flush(30_000) is True
        assert socket.ws.stats()["rtt_ms"] is not None
        assert (10, b"1") in socket.wire.frames()
        for text in ("ping", "Ping", "ping "):
            socket.ws.send(text)
        assert party == "main" or await socket.text() == "pong"
        await socket.echo()
        kept = 3 if party == "hib" else 4
        assert (await state_of(address, room, party))["messages"] == kept


async def fact_a_message_may_have_32_mib_and_from_the_room_any_length(address, party):
    if party == "hib":
        # It takes long, so it runs in one party only.
        return
    async with Watched(address) as socket:
        await socket.text()
        got = []
        socket.ws.add_event_listener("chunk", lambda event: got.append(len(event.data)))
        assert await socket.ws.send_chunks(_pieces(_LIMIT)) is True
        await socket.echo()
        # Everything came back.
        assert sum(got) == _LIMIT
        socket.ws.send("big:%d" % (_LIMIT + 1))
        await socket.echo()
        assert sum(got) == 2 * _LIMIT + 1
        await socket.ws.send_chunks(_pieces(_LIMIT + 1))
        close = await socket.next("close")
        # The server may end before everything is written. Then a RST loses its reason.
        assert close.code == 1006 or close.reason == "Message is too large: 1 > 0", close.reason
    # The server may send any length, but our own limit applies.
    async with Watched(address) as socket:
        socket.ws.send("big:16385")
        close = await socket.next("close")
        assert close.code == 1009 and not close.was_clean


def _pieces(size):
    piece = bytes(1 << 16)
    while size:
        n = min(size, len(piece))
        yield piece[:n]
        size -= n


async def fact_a_frame_that_may_not_be_is_a_1002_and_a_byte_too_much_a_1009(address, party):
    announced = b"\x82\xff" + (_LIMIT + 1).to_bytes(8, "big")
    for head, code, reason in (
        (b"\x83\x80", 1002, None),
        (b"\x80\x80", 1002, None),
        (announced, 1009, "Message is too large: 33554433 > 33554432"),
    ):
        async with Watched(address, party=party) as socket:
            await socket.text()
            frame = head + _MASK
            assert socket.wire.send(memoryview(frame)) == len(frame)
            await socket.ends(code, reason)


async def fact_one_id_twice_is_one_too_few_in_memory_and_two_that_hear_when_it_hibernates(
    address, party
):
    """In memory, the end of the older connection removes the newer one from the room."""
    hears = party == "hib"
    place = {"room": a_room(), "party": party}
    old = Watched(address, id="one", **place)
    await old.text()
    async with Watched(address, id="one", **place) as new:
        assert json.loads(await new.text())["connections"] == (2 if hears else 1)
        old.ws.close()
        await old.ws.wait_closed()
        while (await state_of(address, **place))["connections"] != hears:
            # The room does not know about the end yet.
            pass
        async with Watched(address, **place) as speaker:
            speaker.ws.send("to all")
            await speaker.echo()
            # Now every earlier message of the room has come.
            await new.echo()
            data = [event.data for event in new.events if event.type == "message"]
            assert ("to all" in data) is hears, (party, data)
