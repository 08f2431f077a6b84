"""Real devices on both servers: MicroPython, and the npm package's PartySocket under node."""

import asyncio

import pytest

from e2e.devices import Device
from needs import need
from party_server import ROOMS
from rooms.clients import join, state_of, until


def npm_device(server, room, name, *token):
    need("npm's partysocket", (ROOMS / "node_modules/partysocket").exists())
    host = server.url.removeprefix("http://")
    return Device("node", "host_tests/rooms/contract/npm_client.mjs", host, room, name, *token)


def sensor(interpreter, server):
    host = server.url.removeprefix("http://")
    return Device(interpreter, "examples/sensor.py", host, "home", "sensor-1")


def numbers(server):
    """The readings of sensor-1 that the room has stored."""
    [device] = state_of(server, "home")["devices"]
    return [value for _, value in device["history"]["n"]]


def points_of(state):
    """The points of the only device's `t`."""
    [device] = state["devices"]
    return device["history"]["t"]


@pytest.mark.parametrize("interpreter", ["micropython", "cpython", "pico_w"])
async def test_a_sensor_reads_obeys_and_comes_back_to_a_killed_server(start, interpreter):
    server = start()
    with sensor(interpreter, server) as device:
        async with join(server, "home", role="dashboard") as dashboard:
            await dashboard.next("reading", device="sensor-1")
            for value, ok in (("soon", False), (0.1, True)):
                command = {"type": "command", "device": "sensor-1", "name": "interval"}
                await dashboard.send({**command, "value": value})
                assert (await dashboard.next("result", name="interval"))["ok"] is ok
            await dashboard.send("plain talk in the room")
            await dashboard.send(b"\x00\xff")
            await dashboard.next("reading")
            await dashboard.next("reading")
        before = await asyncio.to_thread(numbers, server)
        server.restart()
        async with join(server, "home", role="dashboard") as dashboard:
            await dashboard.next("reading", device="sensor-1")
            kept = await asyncio.to_thread(numbers, server)
            device.kill()
            await dashboard.next("presence", device="sensor-1", online=False)
    assert kept[: len(before)] == before and len(kept) > len(before)


async def test_the_npm_package_is_a_device_like_any_other(start, room):
    server = start()
    dashboard = await join(server, room, role="dashboard")
    with npm_device(server, room, "web") as device:
        about = await dashboard.next("hello", device="web")
        assert about["name"] == "npm web"
        assert (await dashboard.next("reading"))["values"] == {"t": 21.5}
        await dashboard.send({"type": "command", "device": "web", "name": "x", "value": [1]})
        assert (await dashboard.next("result", device="web"))["value"] == [1]
        await dashboard.send("talk")
        await asyncio.to_thread(device.wait, "text", data="talk")
        server.restart()
        # It sends one with each connection, and may be back already.
        state = await until(server, room, lambda state: len(points_of(state)) > 1)
        assert state["devices"][0]["about"] == {"name": "npm web"}
        assert [value for _, value in points_of(state)] == [21.5, 21.5]
