"""Who is here: devices that come, go, come back half open, or come twice."""

import asyncio

import pytest

from e2e.relay import Relay
from rooms.clients import WAIT_S, join, state_of, until

REPLACED = (1008, "replaced by a newer connection with the same id")


@pytest.mark.parametrize("first_to_go", [0, 1], ids=["the older", "the newer"])
async def test_a_device_is_online_from_its_first_connection_to_its_last(server, room, first_to_go):
    watcher = await join(server, room)
    kitchen = {"role": "device", "name": "kitchen"}
    both = [await join(server, room, pk=pk, **kitchen) for pk in ("1", "2")]
    came = await watcher.next()
    at = came.pop("at")
    assert at > 1.6e12
    assert came == {"type": "presence", "device": "kitchen", "online": True}
    assert state_of(server, room)["clients"] == {"device": 2, "dashboard": 0, "other": 1}
    await both.pop(first_to_go).socket.close()
    await until(server, room, lambda state: state["clients"]["device"] == 1)
    await both[0].send("still here")
    assert await watcher.raw() == "still here"  # and no presence before it
    await both[0].socket.close()
    left = await watcher.next()
    assert left["online"] is False and left["at"] >= at
    [device] = state_of(server, room)["devices"]
    assert (device["online"], device["at"]) == (False, left["at"])


async def test_a_device_that_only_came_and_went_is_remembered_over_a_restart(start, room):
    server = start()
    async with join(server, room) as watcher:
        async with join(server, room, role="device", name="kitchen"):
            assert (await watcher.next())["online"] is True
        left = await watcher.next()
    server.restart()
    [device] = state_of(server, room)["devices"]
    assert (device["device"], device["online"]) == ("kitchen", False)
    assert (device["at"], device["last"], device["history"]) == (left["at"], {}, {})


async def test_a_device_that_the_server_closes_is_told_offline_once(server, room):
    watcher = await join(server, room)
    device = await join(server, room, role="device")
    assert (await watcher.next())["online"] is True
    await device.send("x" * 16385)
    assert (await device.told())[0] == 1009
    assert (await watcher.next())["online"] is False
    await until(server, room, lambda state: state["clients"]["device"] == 0)
    for n in range(3):  # also when its end has come, too
        async with join(server, room) as other:
            await other.send(f"{n}")
            assert await watcher.raw() == f"{n}"


async def test_the_same_id_replaces_without_waiting_for_the_old_connection(server, room):
    watcher = await join(server, room)
    old = await join(server, room, role="device", name="kitchen", pk="one")
    assert (await watcher.next())["online"] is True
    old.stop_reading()  # it vanished: it will not answer its close
    new = await join(server, room, role="device", name="kitchen", pk="one")
    await watcher.send("hello")
    assert await new.raw() == "hello"
    await new.send("here")
    assert await watcher.raw() == "here"  # and no presence before it
    counts = state_of(server, room)["clients"]
    assert counts == {"device": 1, "dashboard": 0, "other": 1}
    await old.send("a word from the past")
    old.socket.transport.resume_reading()
    assert await old.told() == REPLACED
    await watcher.send("again")
    assert await new.raw() == "again"
    await new.send("end")
    assert await watcher.raw() == "end"


async def test_a_half_open_device_that_is_back_hears_on_when_its_old_connection_ends(server, room):
    with Relay(f"127.0.0.1:{server.port}") as relay:
        relay.ws_url = lambda *args: server.ws_url(*args).replace(f":{server.port}", _port(relay))
        board = {"role": "device", "name": "kitchen", "pk": "board"}
        async with join(server, room) as watcher, join(relay, room, **board) as old:
            assert (await watcher.next())["online"] is True
            relay.lose_client()  # the server knows nothing of it
            await asyncio.wait_for(old.socket.wait_closed(), WAIT_S)
            async with join(server, room, **board) as new:
                await watcher.send("before")
                assert await new.raw() == "before"
                relay.lose_server(0)  # now it does
                await watcher.send({"type": "command", "device": "kitchen", "name": "on"})
                assert (await new.next())["name"] == "on"
                state = await until(server, room, lambda state: state["clients"]["device"] == 1)
                assert state["devices"][0]["online"] is True
                await new.send("end")
                assert await watcher.raw() == "end"
            assert (await watcher.next())["online"] is False


def _port(relay):
    return relay.address[relay.address.rindex(":") :]


async def test_of_two_who_fight_for_one_id_the_newest_stays_and_nobody_is_deaf(server, room):
    watcher = await join(server, room)
    olds = []
    for n in range(10):
        context = join(server, room, role="device", name=f"d{n % 2}", pk="one")
        olds.append((context, await context.__aenter__()))
    for _, old in olds[:-1]:
        assert await old.told() == REPLACED
    counts = state_of(server, room)["clients"]
    assert counts == {"device": 1, "dashboard": 0, "other": 1}
    newest = olds[-1][1]
    await watcher.send("can you hear me")
    while await newest.raw() != "can you hear me":
        pass
    online = {d["device"]: d["online"] for d in state_of(server, room)["devices"]}
    assert online == {"d0": False, "d1": True}
    for context, _ in olds:
        await context.__aexit__(None, None, None)
