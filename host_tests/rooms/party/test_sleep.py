"""A room of the party server that sleeps, and wakes: it has lost nothing, and told nothing.

Each scenario has a room of its own; they share one sleep of the server, which begins after 10 s
without a message. When the files of all rooms are closed, all rooms sleep.
"""

import asyncio
import os

import needs
from rooms.clients import get, join, path_of, refusal, state_of, until_all_left
from rooms.contract.servers import make
from rooms.contract.test_presence import REPLACED

ASLEEP_WITHIN_S = 60.0  # only a failure takes as long
HOUSE, WATCH = "h0use", "w4tch"
TOKEN = f"token={HOUSE}"
COUNT = 200


async def test_a_room_that_has_slept_goes_on_as_if_it_had_not(tmp_path):
    needs.need("/proc", os.path.isdir("/proc/self/fd"), "Linux has it")
    settings = {"token": HOUSE, "read_token": WATCH, "max_clients": COUNT}
    with make("party_server", tmp_path, **settings) as server:
        async with join(server, "pinged", token=HOUSE) as client:
            sleep = Sleep(server, client, len(SCENARIOS))
            runs = [scenario(server, f"room{n}", sleep) for n, scenario in enumerate(SCENARIOS)]
            await asyncio.gather(*map(until_all_left, runs))
        assert "Error" not in server.stderr


class Sleep:
    """Waits until `parties` scenarios are ready, and then until every room sleeps."""

    def __init__(self, server, client, parties):
        self._server = server
        self._client = client
        self._parties = parties
        self._slept = asyncio.Event()

    async def over(self):
        self._parties -= 1
        if self._parties == 0:
            await asyncio.wait_for(self._until_asleep(), ASLEEP_WITHIN_S)
            await self._client.send("ping")
            assert await self._client.raw() == "pong"
            await asyncio.wait_for(await self._client.socket.ping(), ASLEEP_WITHIN_S)
            assert not open_rooms(self._server)  # pings of either kind wake nobody
            self._slept.set()
        await self._slept.wait()

    async def _until_asleep(self):
        while open_rooms(self._server):
            await asyncio.sleep(0.1)


def open_rooms(server):
    """The files of rooms that workerd has open: one a room that is awake."""
    folder = f"/proc/{server.pid}/fd"
    names = set()
    for number in os.listdir(folder):
        try:
            names.add(os.readlink(f"{folder}/{number}"))
        except OSError:
            pass  # closed meanwhile
    return {name for name in names if name.endswith(".sqlite") and "/metadata." not in name}


def enter(server, room, **query):
    return join(server, room, token=HOUSE, **query)


async def two_hundred_are_all_there(server, room, sleep):
    roles = [("device", f"d{n}") for n in range(100)] + [("dashboard", "x")] * 50
    roles += [("", "x")] * 50
    clients = []
    for role, name in roles:
        clients.append(await enter(server, room, role=role, name=name, pk=f"{len(clients)}"))
    await clients[-1].send("before")
    for client in clients[:-1]:
        while await client.raw() != "before":
            pass
    await sleep.over()
    await clients[0].send("after")
    assert [await client.raw() for client in clients[1:]] == ["after"] * (COUNT - 1)
    state = state_of(server, room, TOKEN)
    assert state["clients"] == {"device": 100, "dashboard": 50, "other": 50}
    assert all(device["online"] for device in state["devices"])
    assert (await refusal(server, room, token=HOUSE))[0] == 503  # as before it slept
    await clients[-1].send({"type": "command", "device": "d57", "name": "on"})
    assert (await clients[57].next())["name"] == "on"


async def what_was_kept_is_there(server, room, sleep):
    device = await enter(server, room, role="device", name="d")
    watcher = await enter(server, room)
    await device.send({"type": "hello", "name": "North"})
    for n in range(3):
        await device.send({"type": "reading", "values": {"t": n, "1": n, "s": "x"}})
    for _ in range(3):
        await watcher.next("reading")
    before = state_of(server, room, TOKEN)
    await sleep.over()
    for n in range(3, 13):  # the first one wakes the room, and none overtakes it
        await device.send({"type": "reading", "values": {"t": n}})
    for n in range(3, 13):
        assert (await watcher.next())["values"] == {"t": n}
    [now], [old] = state_of(server, room, TOKEN)["devices"], before["devices"]
    assert now["about"] == old["about"] == {"name": "North"}
    assert now["last"] == {**old["last"], "t": 12}
    assert now["history"]["t"][:-10] == old["history"]["t"]


async def who_leaves_a_sleeping_room_is_told_once(server, room, sleep):
    watcher = await enter(server, room)
    device = await enter(server, room, role="device", name="d")
    assert (await watcher.next("presence"))["online"] is True
    await sleep.over()
    device.vanish()
    assert (await watcher.next())["online"] is False
    await enter(server, room, role="device", name="d")
    assert (await watcher.next())["online"] is True


async def a_command_goes_to_the_newer_connection(server, room, sleep):
    old = await enter(server, room, role="device", name="d", pk="old")
    new = await enter(server, room, role="device", name="d", pk="new")
    other = await enter(server, room)
    await sleep.over()
    await other.send({"type": "command", "device": "d", "name": "on"})
    assert (await new.next())["name"] == "on"
    await old.socket.close()
    await new.send("still here")
    assert await other.raw() == "still here"  # and no presence before it


async def the_same_id_replaces_who_slept(server, room, sleep):
    watcher = await enter(server, room)
    old = await enter(server, room, role="device", name="d", pk="one")
    assert (await watcher.next())["online"] is True
    await sleep.over()
    new = await enter(server, room, role="device", name="d", pk="one")
    assert await old.told() == REPLACED
    await watcher.send("hello")
    assert await new.raw() == "hello"
    await new.send("here")
    assert await watcher.raw() == "here"


async def who_was_replaced_before_is_not_there_after(server, room, sleep):
    watcher = await enter(server, room)
    old = await enter(server, room, role="device", name="d", pk="one")
    assert (await watcher.next())["online"] is True
    old.stop_reading()  # half open: it does not answer its close
    new = await enter(server, room, role="device", name="d", pk="one")
    await new.send("here")
    assert await watcher.raw() == "here"
    await sleep.over()
    counts = state_of(server, room, TOKEN)["clients"]
    assert counts == {"device": 1, "dashboard": 0, "other": 1}
    await watcher.send({"type": "command", "device": "d", "name": "on"})
    assert (await new.next())["name"] == "on"
    old.vanish()
    await new.send("still here")
    assert await watcher.raw() == "still here"


async def who_only_reads_still_does(server, room, sleep):
    reader = await join(server, room, token=WATCH)
    await sleep.over()
    await reader.send("chat")
    assert "only reads" in (await reader.next())["error"]


async def half_a_post_is_answered_and_keeps_no_room_awake(server, room, sleep):
    head = get(path_of(room, TOKEN), "Content-Length: 9").replace(b"GET", b"POST", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + b"abc")
    await sleep.over()
    answer = await asyncio.wait_for(reader.readuntil(b"seconds"), ASLEEP_WITHIN_S)
    assert answer.startswith(b"HTTP/1.1 408 ")
    writer.close()


SCENARIOS = [
    half_a_post_is_answered_and_keeps_no_room_awake,
    two_hundred_are_all_there,
    what_was_kept_is_there,
    who_leaves_a_sleeping_room_is_told_once,
    a_command_goes_to_the_newer_connection,
    the_same_id_replaces_who_slept,
    who_was_replaced_before_is_not_there_after,
    who_only_reads_still_does,
]
