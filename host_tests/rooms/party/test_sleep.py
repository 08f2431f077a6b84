"""A room of the party server that sleeps and wakes: it loses nothing, and its members notice
nothing.

Each story has its own room. They share one sleep of the servers, which begins after 10 s without
a message. All rooms sleep when their files are closed.
"""

import asyncio
import functools
import os
import time

import needs
from rooms.clients import (
    get,
    http,
    join,
    path_of,
    post,
    reading,
    refusal,
    state_of,
    until_all_left,
)
from rooms.contract.outbox import batch, come, entry, one, until_done
from rooms.contract.servers import make
from rooms.contract.test_layout import layout
from rooms.contract.test_presence import STORIES
from rooms.contract.test_shares import HOUSE, revoke, share, signed
from rooms.receiver import Receiver

from .stored import batches

# Only a failure takes this long.
ASLEEP_WITHIN_S = 60.0
COUNT = 200


async def test_a_room_that_has_slept_goes_on_as_if_it_had_not(tmp_path):
    needs.need("/proc", os.path.isdir("/proc/self/fd"), "Linux has it")
    tokens = {"token": HOUSE, "read_token": "w4tch"}
    with (
        Receiver(tmp_path) as receiver,
        make("party_server", tmp_path / "open", max_clients=COUNT, rate=1000) as server,
        make("party_server", tmp_path / "closed", **tokens) as closed,
        make("party_server", tmp_path / "stopped", **tokens) as stopped,
        make("party_server", tmp_path / "alerts", alert_targets=targets_of(receiver)) as alerts,
    ):
        stories = [(server, story) for story in (*OWN_STORIES, *STORIES.values())]
        stories.append((closed, who_only_reads_still_does))
        stories.append((closed, who_came_by_a_link_is_known_and_the_layout_is_there))
        stories.append((stopped, a_stop_finds_who_is_asleep))
        stories.append((alerts, functools.partial(an_alarm_wakes_it_and_sends, receiver)))
        async with join(server, "pinged") as client:
            sleep = Sleep((server, closed, stopped, alerts), client, len(stories))
            runs = [story(at, f"room{n}", sleep.over) for n, (at, story) in enumerate(stories)]
            await asyncio.gather(*map(until_all_left, runs))
        assert "Error" not in server.stderr + closed.stderr + stopped.stderr + alerts.stderr


class Sleep:
    """Waits until `parties` stories are ready, and then until every room sleeps."""

    def __init__(self, servers, client, parties):
        self._servers = servers
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
            # Neither kind of ping wakes a room.
            assert not self._open_rooms()
            self._slept.set()
        await self._slept.wait()

    async def _until_asleep(self):
        while self._open_rooms():
            await asyncio.sleep(0.1)

    def _open_rooms(self):
        """The files of rooms that workerd has open. Each room that is awake has one."""
        names = set()
        for folder in (f"/proc/{server.pid}/fd" for server in self._servers):
            for number in os.listdir(folder):
                try:
                    names.add(os.readlink(f"{folder}/{number}"))
                except OSError:
                    # It was closed meanwhile.
                    pass
        return {name for name in names if name.endswith(".sqlite") and "/metadata." not in name}


async def two_hundred_are_all_there(server, room, pause):
    roles = ["device"] * 100 + ["dashboard"] * 50 + [""] * 50
    clients = [await join(server, room, role=role, pk=f"{n}") for n, role in enumerate(roles)]
    await clients[-1].send("before")
    for client in clients[:-1]:
        while await client.raw() != "before":
            pass
    await pause()
    await clients[0].send("after")
    for client in clients[1:]:
        # The devices came within a second, so they were told together.
        while "presence" in (heard := await client.raw()):
            assert "offline" not in heard
        assert heard == "after"
    state = state_of(server, room)
    assert state["clients"] == {"device": 100, "dashboard": 50, "other": 50}
    assert all(device["online"] for device in state["devices"])
    # As before the sleep.
    assert (await refusal(server, room))[0] == 503
    await clients[-1].send({"type": "command", "device": "57", "name": "on"})
    assert (await clients[57].next())["name"] == "on"


async def what_was_kept_is_there(server, room, pause):
    device = await join(server, room, role="device", name="d")
    watcher = await join(server, room)
    await device.send({"type": "hello", "name": "North"})
    for n in range(3):
        await device.send({"type": "reading", "values": {"t": n, "1": n, "s": "x"}})
    for _ in range(3):
        await watcher.next("reading")
    [old] = state_of(server, room)["devices"]
    await pause()
    # The first one wakes the room. The order must stay the same.
    for n in range(3, 13):
        await device.send(reading(t=n))
    for n in range(3, 13):
        assert (await watcher.next())["values"] == {"t": n}
    [now] = state_of(server, room)["devices"]
    assert now["about"] == old["about"] == {"name": "North"}
    assert now["last"] == {**old["last"], "t": 12}
    assert now["history"]["t"][:-10] == old["history"]["t"]


async def chunks_are_there(server, room, pause):
    device = await come(server, room)
    now = int(time.time() * 1000)
    values = {"t": 1, "door": True}
    readings = [(now - (1000 - n) * 1000, {**values, "t": n}) for n in range(1000)]
    await device.send_all(batches(readings))
    await until_done(device, 1000)

    def kept():
        raw = http(server, path_of(room, "format=json"))[1]["points"]
        hours = http(server, path_of(room, "format=json&tier=hours"))[1]["points"]
        return raw, hours

    before = kept()
    assert len(before[0]) == 1001 and sum(point["count"] for point in before[1]) == 1000
    await pause()
    assert kept() == before
    # The room still knows until when the door was open.
    await device.send(one(1001, 1000, at=now - 5000, values={"door": False}))
    await until_done(device, 1001)
    [state] = state_of(server, room)["devices"]
    assert [value for _, value in state["changes"]["door"]] == [True, False, True]


async def numbered_readings_go_on(server, room, pause):
    watcher = await join(server, room)
    device = await come(server, room)
    await device.send_all([{"type": "reading", "live": True, "values": {"t": 9}}, one(1, 0)])
    await until_done(device, 1)
    await pause()
    await device.send_all([one(1, 0), batch(1, entry(2), entry(3, values={}))])
    assert [n for n, _ in await until_done(device, 3)] == [3]
    assert len((await watcher.next("batch"))["readings"]) == 1
    [state] = state_of(server, room)["devices"]
    # The room still knows that the connection has sent a live value.
    assert state["last"] == {"t": 9}
    assert [values for _, values in state["undated"]] == [{"t": 1}, {"t": 2}]


async def who_hears_commands_alone_still_does(server, room, pause):
    quiet = await join(server, room, hears="commands")
    devices = [await join(server, room, role="device", name=f"d{n}") for n in range(10)]
    for n, device in enumerate(devices[1:], 1):
        await quiet.send({"type": "command", "device": f"d{n}", "name": "on"})
        await device.next("command")
    await pause()
    for device in devices:
        await device.send_all([reading(t=1), {"type": "result", "name": "on", "ok": True}])
        await device.send({"type": "command", "device": "nobody", "name": "end"})
        await device.next("result", device="nobody")
    heard = [(await quiet.next())["device"] for _ in range(8)]
    # The latest eight devices.
    assert heard == [f"d{n}" for n in range(2, 10)]


async def half_a_post_is_answered_and_keeps_no_room_awake(server, room, pause):
    head = get(path_of(room), "Content-Length: 9").replace(b"GET", b"POST", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + b"abc")
    await pause()
    answer = await asyncio.wait_for(reader.readuntil(b"seconds"), ASLEEP_WITHIN_S)
    assert answer.startswith(b"HTTP/1.1 408 ")
    writer.close()


async def who_only_reads_still_does(closed, room, pause):
    reader = await join(closed, room, token="w4tch")
    await pause()
    await reader.send("chat")
    assert "only reads" in (await reader.next())["error"]


async def who_came_by_a_link_is_known_and_the_layout_is_there(closed, room, pause):
    link, another = share(closed, room), share(closed, room)
    # The sleep begins later than that.
    what = f"main/{room}/{another['id']}/{int(time.time() * 1000) + 9000}"
    links = (link["token"], another["token"], signed(what, HOUSE))
    revoked, other, expired = [await join(closed, room, token=token) for token in links]
    writer = await join(closed, room, token=HOUSE)
    await writer.send(layout(0, {"n": 1}))
    assert await writer.next() == layout(1, {"n": 1})
    await pause()
    revoke(closed, room, link["id"])
    assert await revoked.told() == (1008, "the share link was revoked")
    await writer.send("after")
    assert await expired.told() == (1008, "the share link has expired")
    assert await other.raw() == "after"
    assert state_of(closed, room, f"token={HOUSE}")["layout"] == {"version": 1, "layout": {"n": 1}}


async def a_stop_finds_who_is_asleep(stopped, room, pause):
    clients = [
        await join(stopped, name, role=role, token=HOUSE)
        for name in (room, "other")
        for role in ("device", "dashboard")
    ]
    await pause()
    answer = http(stopped, "/stop?away=20&token=" + HOUSE, b"")
    assert answer[:2] == (200, {"ok": True, "rooms": 2, "clients": 4})
    for client in clients:
        assert await client.told() == (1001, "the server stops; retry-after=20; spread=1")
    [device] = state_of(stopped, room, "token=" + HOUSE)["devices"]
    assert device["online"] is False


def targets_of(receiver):
    # The second try comes 15 to 30 s after the first.
    return {"phone": {"kind": "ntfy", "url": receiver.url("/topic"), "every": 15}}


async def an_alarm_wakes_it_and_sends(receiver, alerts, room, pause):
    receiver.kill()
    dashboard = await join(alerts, room, role="dashboard")
    rule = {"id": "hot", "device": "d", "name": "t", "kind": "above", "limit": 30}
    rules = [{**rule, "targets": ["phone"]}]
    await dashboard.send({"type": "alerts", "version": 0, "rules": rules})
    await asyncio.to_thread(post, alerts, room, "d", t=31)
    await dashboard.next("alert")
    while "error" not in (told := await dashboard.next("alerts"))["targets"][0]:
        pass
    await pause()
    receiver.start()
    await receiver.until(len, "/topic")
    told = await dashboard.next("alerts")
    assert told["state"] == {"hot": told["state"]["hot"]} and "waiting" not in told["targets"][0]


OWN_STORIES = [
    chunks_are_there,
    half_a_post_is_answered_and_keeps_no_room_awake,
    numbered_readings_go_on,
    two_hundred_are_all_there,
    what_was_kept_is_there,
    who_hears_commands_alone_still_does,
]
