"""Presence: devices that come, go, come back while the old connection is half open, or come
twice; and what it costs when many come at once. When exactly something is told is in
rooms/test_presence.py.

The stories have a pause in which nothing happens. In party/test_sleep.py the rooms of the party
server sleep in it.
"""

import asyncio
import functools
import json
import time

import pytest

from rooms.clients import changes_of, join, join_many, state_of, until
from rooms.presences import MOST_BYTES, is_in_form

REPLACED = (1008, "replaced by a newer connection with the same id")
KITCHEN = {"role": "device", "name": "kitchen"}


async def one_connection_of_two_goes(first_to_go, server, room, pause):
    """A device is online while it has a connection. Commands go to the newest one."""
    watcher = await join(server, room)
    both = [await join(server, room, pk=pk, **KITCHEN) for pk in ("1", "2")]
    came = await watcher.next()
    at = came.pop("at")
    assert at > 1.6e12
    assert came == {"type": "presence", "device": "kitchen", "online": True}
    assert state_of(server, room)["clients"] == {"device": 2, "dashboard": 0, "other": 1}
    await pause()
    await watcher.send({"type": "command", "device": "kitchen", "name": "on"})
    await watcher.send("end")
    assert (await both[1].next())["name"] == "on"
    assert await both[0].raw() == "end"
    await both.pop(first_to_go).socket.close()
    await until(server, room, lambda state: state["clients"]["device"] == 1)
    await both[0].send("still here")
    # There is no presence before it.
    assert await watcher.raw() == "still here"
    await both[0].socket.close()
    left = await watcher.next()
    assert left["online"] is False and left["at"] >= at
    [device] = state_of(server, room)["devices"]
    assert (device["online"], device["at"]) == (False, left["at"])


async def the_same_id_replaces_a_half_open_connection(is_pause_first, server, room, pause):
    watcher = await join(server, room)
    old = await join(server, room, pk="one", **KITCHEN)
    assert (await watcher.next())["online"] is True
    if is_pause_first:
        await pause()
    # It vanishes, so it will not answer its close.
    old.stop_reading()
    new = await join(server, room, pk="one", **KITCHEN)
    await watcher.send("hello")
    assert await new.raw() == "hello"
    await new.send("here")
    # There is no presence before it.
    assert await watcher.raw() == "here"
    if not is_pause_first:
        await pause()
    counts = state_of(server, room)["clients"]
    assert counts == {"device": 1, "dashboard": 0, "other": 1}
    await old.send("a word from the past")
    old.socket.transport.resume_reading()
    assert await old.told() == REPLACED
    await watcher.send({"type": "command", "device": "kitchen", "name": "on"})
    assert (await new.next())["name"] == "on"
    await new.send("end")
    assert await watcher.raw() == "end"


async def a_device_that_vanishes_is_told_once(server, room, pause):
    watcher = await join(server, room)
    device = await join(server, room, **KITCHEN)
    assert (await watcher.next())["online"] is True
    await pause()
    device.vanish()
    assert (await watcher.next())["online"] is False
    await join(server, room, **KITCHEN)
    assert (await watcher.next())["online"] is True


STORIES = {
    "the older goes": functools.partial(one_connection_of_two_goes, 0),
    "the newer goes": functools.partial(one_connection_of_two_goes, 1),
    "replaced": functools.partial(the_same_id_replaces_a_half_open_connection, False),
    "replaced after the pause": functools.partial(
        the_same_id_replaces_a_half_open_connection, True
    ),
    "vanished": a_device_that_vanishes_is_told_once,
}


@pytest.mark.parametrize("story", STORIES)
async def test_who_is_here(server, room, story):
    await STORIES[story](server, room, lambda: asyncio.sleep(0))


async def come_all(server, room, names, **query):
    """Join one device for each name, all at once."""
    devices = [join(server, room, role="device", name=name, **query) for name in names]

    async def enter(device):
        return await device

    return await asyncio.gather(*map(enter, devices))


async def told_of(client, names):
    """Return the messages until the client was told that all these devices came."""
    texts, missing = [], set(names)
    while missing:
        texts.append(await client.raw())
        message = json.loads(texts[-1])
        if message["type"] == "presence":
            assert is_in_form(message) and len(texts[-1].encode()) <= MOST_BYTES
            came = [device for device, online in changes_of(message) if online]
            assert missing.issuperset(came)
            missing.difference_update(came)
    return texts


@pytest.mark.parametrize("name", ["d", "😀" * 60], ids=["short", "long"])
async def test_those_that_come_at_once_are_told_together_each_once(server, room, name):
    watchers = await join_many(server, room, 2)
    names = [f"{name}{n}" for n in range(40)]
    begun = time.monotonic()
    devices = await come_all(server, room, names)
    for watcher in watchers:
        texts = await told_of(watcher, names)
        assert len(texts) <= 2 + time.monotonic() - begun
    for device in devices:
        device.vanish()
    await until(server, room, lambda state: not state["clients"]["device"])
    # There is no presence of those that came after they are told to have gone.
    left = set(names)
    while left:
        message = await watchers[0].next()
        assert is_in_form(message)
        gone = changes_of(message)
        assert left.issuperset(device for device, _ in gone) and not any(on for _, on in gone)
        left.difference_update(device for device, _ in gone)


async def test_who_came_and_went_in_between_is_not_told_to_have_gone_alone(server, room):
    watcher = await join(server, room)
    await join(server, room, role="device", name="first")
    for n in range(5):
        async with join(server, room, role="device", name=f"brief{n}"):
            pass
    await join(server, room, role="device", name="last")
    online, changes = set(), []
    while ("last", True) not in changes:
        changes = changes_of(await watcher.next("presence"))
        # On a slow computer, some are told to have come first.
        assert online.issuperset(device for device, is_online in changes if not is_online)
        online.update(device for device, is_online in changes if is_online)


async def test_who_comes_in_between_is_told_what_its_snapshot_does_not_show(server, room):
    watcher = await join(server, room)
    first = await join(server, room, role="device", name="first")
    second = await join(server, room, role="device", name="second")
    dashboard = await join(server, room, role="dashboard")
    states = (await dashboard.next("snapshot"))["devices"]
    assert {state["device"]: state["online"] for state in states} == {
        "first": True,
        "second": True,
    }
    second.vanish()
    await dashboard.presence("second", False)
    first.vanish()
    await watcher.presence("first", False)


async def test_a_room_that_comes_back_costs_each_device_at_most_20_messages(start, room):
    """All messages to all clients are counted. With 2,000 devices: see rooms/test_presence.py."""
    server = start(rate=100000)
    names = [f"sensor-{n}" for n in range(100)]
    quiet = {"hears": "commands"}
    for device in await come_all(server, room, names, **quiet):
        await device.send({"type": "hello", "name": "before"})
    await until(server, room, lambda state: all(one["about"] for one in state["devices"]))
    server.restart()
    dashboards = await join_many(server, room, 10, role="dashboard")
    devices = await come_all(server, room, names, **quiet)
    for device in devices:
        await device.send({"type": "hello", "name": "D"})
    counts = []
    for dashboard in dashboards:
        texts = await told_of(dashboard, names)
        hellos = sum('"hello"' in text for text in texts)
        counts.append(len(texts))
        while hellos < len(names):
            assert (await dashboard.next())["type"] == "hello"
            hellos += 1
            counts[-1] += 1
    for device in devices:
        await device.send({"type": "command", "device": "nobody", "name": "end"})
        # There is nothing before its answer.
        assert (await device.next())["device"] == "nobody"
    each = sum(counts) / len(names)
    print(f"{each:.2f} messages for each device")
    # A snapshot and the hellos alone are 10.1.
    assert 10.1 < each <= 20
