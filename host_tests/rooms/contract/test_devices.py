"""Real devices on both servers: MicroPython, and the npm package's PartySocket under node."""

import asyncio

import pytest

from e2e.devices import Device, talker
from needs import need
from party_server import ROOMS
from rooms.clients import WAIT_S, join, state_of


def npm_device(server, room, name):
    need("npm's partysocket", (ROOMS / "node_modules/partysocket").exists())
    host = server.url.removeprefix("http://")
    return Device("node", "host_tests/rooms/contract/npm_client.mjs", host, room, name)


async def next_of(client, type, **fields):
    """The next room message of a type with these fields; a device may need its back-off first."""

    async def find():
        while True:
            message = await client.next(type)
            if fields.items() <= message.items():
                return message

    return await asyncio.wait_for(find(), 3 * WAIT_S)


def sensor(interpreter, server, name="sensor-1"):
    host = server.url.removeprefix("http://")
    return Device(interpreter, "examples/sensor.py", host, "home", name)


def numbers(server):
    """The readings of sensor-1 that the room has kept."""
    [device] = state_of(server, "home")["devices"]
    return [value for _, value in device["history"]["n"]]


@pytest.mark.parametrize("interpreter", ["micropython", "cpython", "pico_w"])
async def test_a_sensor_reads_obeys_and_comes_back_to_a_killed_server(start, interpreter):
    server = start()
    with sensor(interpreter, server):
        async with join(server, "home", role="dashboard") as dashboard:
            await next_of(dashboard, "reading", device="sensor-1")
            for value, ok in (("soon", False), (0.1, True)):
                command = {"type": "command", "device": "sensor-1", "name": "interval"}
                await dashboard.send({**command, "value": value})
                assert (await next_of(dashboard, "result", name="interval"))["ok"] is ok
            await dashboard.send("plain talk in the room")
            await dashboard.send(b"\x00\xff")
            await next_of(dashboard, "reading")
            await next_of(dashboard, "reading")
        before = await asyncio.to_thread(numbers, server)
        server.restart()
        async with join(server, "home", role="dashboard") as dashboard:
            await next_of(dashboard, "reading", device="sensor-1")
            kept = await asyncio.to_thread(numbers, server)
    assert kept[: len(before)] == before and len(kept) > len(before)


async def test_a_killed_device_is_shown_offline_and_once_when_it_is_back(server):
    dashboard = await join(server, "home", role="dashboard")
    for _ in range(2):
        with sensor("micropython", server, "sensor-9") as device:
            await next_of(dashboard, "presence", device="sensor-9", online=True)
            await next_of(dashboard, "reading", device="sensor-9")
            async with join(server, "home", role="dashboard") as later:
                devices = (await later.next("snapshot"))["devices"]
                assert [d["online"] for d in devices if d["device"] == "sensor-9"] == [True]
            device.kill()
            await next_of(dashboard, "presence", device="sensor-9", online=False)


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
async def test_a_device_is_replaced_by_its_own_id_and_told_so(server, room, interpreter):
    host = server.url.removeprefix("http://")
    with talker(interpreter, host=host, room=room, options={"id": "me"}) as device:
        await asyncio.to_thread(device.wait, "open")
        async with join(server, room, pk="me"):
            told = await asyncio.to_thread(device.wait, "close")
            assert (told["code"], told["clean"]) == (1008, True)
            # It was told "no": it waits for minutes.
            assert (await asyncio.to_thread(device.wait, "reconnecting"))["ms"] > 30000


async def test_the_npm_package_is_a_device_like_any_other(start, room):
    server = start()
    dashboard = await join(server, room, role="dashboard")
    with npm_device(server, room, "web") as device:
        about = await next_of(dashboard, "hello", device="web")
        assert about["name"] == "npm web"
        assert (await next_of(dashboard, "reading"))["values"] == {"t": 21.5}
        await dashboard.send({"type": "command", "device": "web", "name": "x", "value": [1]})
        assert (await next_of(dashboard, "result", device="web"))["value"] == [1]
        await dashboard.send("talk")
        await asyncio.to_thread(device.wait, "text", data="talk")
        server.restart()
        async with join(server, room, role="dashboard") as later:
            await next_of(later, "reading", device="web")
            state = state_of(server, room)
            [entry] = state["devices"]
            assert entry["about"] == {"name": "npm web"}
            assert [value for _, value in entry["history"]["t"]] == [21.5, 21.5]
