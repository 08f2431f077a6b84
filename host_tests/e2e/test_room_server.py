"""Devices and the room server, where it is its own: the rest is in rooms/contract."""

import asyncio
import socket

from rooms.clients import asynchronous, http, join
from rooms.server_process import RoomServer

from .devices import WAIT_S, Device, next_of


def sensor(interpreter, server):
    where = (f"127.0.0.1:{server.port}", "home", "sensor-1")
    return Device(interpreter, "examples/sensor.py", *where)


@asynchronous
async def test_a_device_that_hangs_is_shown_offline_by_the_heartbeat(interpreter):
    with RoomServer("--heartbeat", "0.5") as server:
        async with join(server, "home", role="dashboard") as dashboard:
            with sensor(interpreter, server) as device:
                await next_of(dashboard, "reading")
                device.pause()
                await next_of(dashboard, "presence", device="sensor-1", online=False)


@asynchronous
async def test_a_device_waits_for_a_server_that_is_not_there_yet_and_loses_nothing(
    tmp_path, interpreter
):
    with RoomServer("--db", tmp_path / "rooms.db") as server:
        server.kill()
        with sensor(interpreter, server):
            await asyncio.to_thread(_until_refused_once, server)
            server.start()
            async with join(server, "home", role="dashboard") as dashboard:
                await next_of(dashboard, "reading", device="sensor-1")
            [device] = http(server, "/parties/main/home")[1]["devices"]
            assert device["history"]["n"][0][1] == 1


def _until_refused_once(server):
    """Be the server for a moment: take the device's first dial, and drop it."""
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        listener.settimeout(WAIT_S)
        listener.accept()[0].close()
