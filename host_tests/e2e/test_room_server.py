"""Devices in rooms of the room server, where it is its own: the rest is in rooms/contract."""

import asyncio
import socket

import pytest

from rooms.clients import asynchronous, http, join
from rooms.server_process import RoomServer

from .devices import WAIT_S, Device, next_of, talker


@pytest.fixture
def server(tmp_path):
    with RoomServer("--db", tmp_path / "rooms.db") as server:
        yield server


def sensor(interpreter, server, name="sensor-1"):
    return Device(interpreter, "examples/sensor.py", f"127.0.0.1:{server.port}", "home", name)


@asynchronous
async def test_a_device_that_hangs_is_shown_offline_by_the_heartbeat(interpreter):
    with RoomServer("--heartbeat", "0.5") as server:
        async with join(server, "home", role="dashboard") as dashboard:
            with sensor(interpreter, server) as device:
                await next_of(dashboard, "reading")
                device.pause()
                await next_of(dashboard, "presence", device="sensor-1", online=False)


@asynchronous
async def test_a_device_waits_for_a_server_that_is_not_there_yet(server, interpreter):
    server.kill()
    with sensor(interpreter, server):
        await asyncio.to_thread(_until_refused_once, server)
        server.start()
        async with join(server, "home", role="dashboard") as dashboard:
            await next_of(dashboard, "reading", device="sensor-1")
        [device] = http(server, "/parties/main/home")[1]["devices"]
        assert device["history"]["n"][0][1] == 1  # none was lost


def _until_refused_once(server):
    """Be the server for a moment: take the device's first dial, and drop it."""
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        listener.settimeout(WAIT_S)
        listener.accept()[0].close()


def test_a_wrong_token_is_told_and_not_hammered_and_the_right_one_is_let_in(interpreter):
    def device(token):
        options = {"headers": {"Authorization": "Bearer " + token}}
        return talker(interpreter, host=f"127.0.0.1:{server.port}", room="r", options=options)

    with RoomServer("--token", "right") as server:
        with device("wrong") as refused:
            assert refused.wait("error", phase="http")["message"] == "the server answered 401"
            assert refused.wait("reconnecting")["ms"] >= 240000
        with device("right") as let_in:
            let_in.wait("open")


def test_sigterm_tells_devices_1001_and_they_come_back(server, interpreter):
    with talker(interpreter, host=f"127.0.0.1:{server.port}", room="r") as device:
        device.wait("open")
        assert server.stop() == 0
        device.wait("close", code=1001, clean=True)
        server.start()
        device.wait("open", reconnected=True)
