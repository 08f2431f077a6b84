"""Presence: devices that come, go, come back while the old connection is half open, or come twice.

The stories have a pause in which nothing happens. In party/test_sleep.py the rooms of the party
server sleep in it.
"""

import asyncio
import functools

import pytest

from rooms.clients import join, state_of, until

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
