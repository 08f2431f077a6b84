"""What PartyServer does on an open connection, and how it ends one."""

import asyncio
import json

from watched import Watched, a_room, state_of, until

BOTH = ("main", "hib")
_MASK = b"\0\0\0\0"  # what it masks stays as it is
_LIMIT = 1 << 25


async def fact_our_close_comes_back_with_its_code_and_reason(address):
    for party in BOTH:
        for code, reason in ((1000, ""), (3000, "bye"), (4999, "ä" * 61 + "x")):
            socket = Watched(address, party=party)
            await socket.next("open")
            await socket.echo()
            socket.ws.close(code, reason)
            await socket.ws.wait_closed()
            assert socket.wire.close_frame() == (code, reason), (party, code)


async def fact_the_rooms_close_is_told_and_answered(address):
    for party in BOTH:
        for code in (1000, 1001, 4000):
            async with Watched(address, party=party) as socket:
                socket.ws.send("close:%d:why" % code)
                close = await socket.next("close")
                assert (close.code, close.reason, close.was_clean) == (code, "why", True)


async def fact_after_its_close_the_room_waits_for_ours(address):
    for party in BOTH:
        async with Watched(address, party=party) as socket:
            await socket.text()
            wire = socket.wire
            text = b"close:4000:why"
            wire.send(memoryview(b"\x81" + bytes([0x80 | len(text)]) + _MASK + text))
            wire.mute = True

            async def has_closed(wire=wire):
                return wire.close_frame() == (4000, "why")

            await until(has_closed, "the Close comes")
            await state_of(address, a_room(), party)  # a round to the server
            assert wire.recv_into(memoryview(bytearray(9))) is None and not wire.ended
            wire.mute = False
            assert (await socket.next("close")).was_clean


async def fact_a_code_that_no_close_can_have_throws_in_the_room_and_is_not_seen(address):
    for code in (1005, 999):
        async with Watched(address) as socket:
            socket.ws.send("close:%d" % code)
            await socket.echo()
            assert socket.told().count("open") == 1 and socket.wire.close_frame() is None


async def fact_a_close_without_a_code_is_not_answered(address):
    """That is why ours always has one. The room has taken it: the connection is gone there."""
    await asyncio.gather(*[_close_without_a_code(address, party) for party in BOTH])


async def _close_without_a_code(address, party):
    room = a_room()
    async with Watched(address, room=room, party=party) as socket:
        await socket.text()
        wire = socket.wire
        assert wire.send(memoryview(b"\x88\x80" + _MASK)) == 6

        async def is_gone():
            return (await state_of(address, room, party))["connections"] == 0

        await until(is_gone, "the room lets go of it")
        assert wire.close_frame() is None and not wire.ended
        assert socket.ws.ready_state == 1


async def fact_an_exception_in_onmessage_is_not_seen(address):
    for party in BOTH:
        async with Watched(address, party=party) as socket:
            socket.ws.send("throw")
            await socket.echo()
            assert socket.told().count("open") == 1 and "close" not in socket.told()


async def fact_an_aborted_room_ends_tcp_without_a_close(address):
    for party in BOTH:
        async with Watched(address, party=party) as socket:
            await socket.text()
            socket.ws.send("abort")
            close = await socket.next("close")
            assert (close.code, close.was_clean) == (1006, False)
            wire = socket.wires[0]
            assert wire.ended and wire.close_frame() is None
            assert (await socket.next("open")).reconnected


async def fact_a_ping_is_answered_by_the_runtime(address):
    for party in BOTH:
        room = a_room()
        async with Watched(address, room=room, party=party) as socket:
            await socket.next("open")
            socket.ws.send("kept")
            assert await socket.ws.flush(30_000) is True
            assert socket.ws.stats()["rtt_ms"] is not None
            assert (10, b"1") in socket.wire.frames()
            assert (await state_of(address, room, party))["messages"] == 1


async def fact_only_the_exact_text_is_answered_without_the_room(address):
    room = a_room()
    async with Watched(address, room=room, party="hib") as socket:
        await socket.text()
        for text in ("ping", "Ping", "ping "):
            socket.ws.send(text)
        assert await socket.text() == "pong"
        await socket.echo()
        assert (await state_of(address, room, "hib"))["messages"] == 2
    async with Watched(address, room=room, party="main") as socket:
        await socket.text()
        socket.ws.send("ping")
        await socket.echo()
        assert (await state_of(address, room, "main"))["messages"] == 1


async def fact_big_messages_are_taken_up_to_32_mib(address):
    async with Watched(address) as socket:
        await socket.text()
        got = []
        socket.ws.add_event_listener("chunk", lambda event: got.append(len(event.data)))
        assert await socket.ws.send_chunks(_pieces(_LIMIT)) is True
        await socket.echo()
        assert sum(got) == _LIMIT  # it came back
        await socket.ws.send_chunks(_pieces(_LIMIT + 1))
        close = await socket.next("close")
        # The server may have gone before all was written: then its word is lost to a RST.
        assert close.code == 1006 or close.reason == "Message is too large: 1 > 0", close.reason


async def end_by(address, party, frame):
    """Send these bytes on an open connection, and return the close that follows."""
    async with Watched(address, party=party) as socket:
        await socket.text()
        assert socket.wire.send(memoryview(frame)) == len(frame)
        return await socket.next("close")


async def fact_one_byte_more_is_a_1009_at_its_header(address):
    for party in BOTH:
        header = b"\x82\xff" + (_LIMIT + 1).to_bytes(8, "big") + _MASK
        close = await end_by(address, party, header)
        reason = "Message is too large: 33554433 > 33554432"
        assert (close.code, close.reason) == (1009, reason)


def _pieces(size):
    piece = bytes(1 << 16)
    while size:
        n = min(size, len(piece))
        yield piece[:n]
        size -= n


async def fact_what_a_room_sends_has_no_limit(address):
    async with Watched(address) as socket:
        await socket.text()
        got = []
        socket.ws.add_event_listener("chunk", lambda event: got.append(len(event.data)))
        socket.ws.send("big:%d" % (_LIMIT + 1))
        await socket.echo()
        assert sum(got) == _LIMIT + 1
    async with Watched(address) as socket:  # so we have one of our own
        socket.ws.send("big:16385")
        close = await socket.next("close")
        assert close.code == 1009 and not close.was_clean


async def fact_what_is_no_frame_is_a_1002(address):
    for party in BOTH:
        for frame in (b"\x83\x80" + _MASK, b"\x80\x80" + _MASK):
            close = await end_by(address, party, frame)
            assert close.code == 1002 and close.was_clean


async def fact_one_id_twice_is_one_too_few_in_memory_and_two_that_hear_when_it_hibernates(address):
    """In memory the end of the older connection takes the newer one out of the room."""
    for party, hears in (("main", False), ("hib", True)):
        room = a_room()
        place = {"room": room, "party": party}
        old = Watched(address, id="one", **place)
        await old.text()
        async with Watched(address, id="one", **place) as new:
            hello = json.loads(await new.text())
            assert hello["connections"] == (2 if hears else 1)
            old.ws.close()
            await old.ws.wait_closed()

            async def is_known(count=1 if hears else 0, room=room, party=party):
                return (await state_of(address, room, party))["connections"] == count

            await until(is_known, "the room hears of the end")
            async with Watched(address, **place) as speaker:
                speaker.ws.send("to all")
                await speaker.echo()
                await new.echo()  # what the room said to it before has come
                data = [event.data for event in new.events if event.type == "message"]
                assert ("to all" in data) is hears, (party, data)
