"""What takes PartyServer 10 s and more: rooms that fall asleep."""

import asyncio
import json

from watched import Watched, a_room, state_of

_IDLE_S = 12  # a room sleeps after 10 s in which nothing comes
_MASK = b"\0\0\0\0"


async def fact_a_sleeping_room_is_woken_by_text_on_the_same_connection(address):
    room = a_room()
    async with Watched(address, room=room, party="hib") as socket:
        assert json.loads(await socket.text())["type"] == "hello"
        before = await starts(address, room)
        await asyncio.sleep(_IDLE_S)
        await socket.echo()
        assert await starts(address, room) == before + 1
        assert socket.told().count("open") == 1 and socket.ws.ready_state == 1


async def fact_no_ping_wakes_a_sleeping_room(address):
    """Woken by them, it would sleep and start once more until it is asked at the end."""
    room = a_room()
    async with Watched(address, room=room, party="hib") as socket:
        await socket.text()
        before = await starts(address, room)
        await asyncio.sleep(_IDLE_S)
        socket.ws.send("ping")
        assert await socket.text() == "pong"
        assert await socket.ws.flush(30_000) is True
        await asyncio.sleep(_IDLE_S)
        assert await starts(address, room) == before + 1
        assert socket.ws.ready_state == 1


async def fact_with_hibernation_a_close_without_a_code_ends_in_a_fin_after_10_s(address):
    async with Watched(address, party="hib") as socket:
        await socket.text()
        socket.wire.send(memoryview(b"\x88\x80" + _MASK))
        close = await socket.next("close")
        assert (close.code, close.was_clean) == (1006, False)
        assert socket.wires[0].ended and socket.wires[0].close_frame() is None


async def starts(address, room):
    return (await state_of(address, room, "hib"))["starts"]
