"""lamp.py, unchanged, on MicroPython's unix port with a real room server."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

HERE = Path(__file__).resolve().parent
PARTYSOCKET = Path(os.getenv("PARTYSOCKET", HERE.parents[1])).resolve()  # a clone of it
HEAP = "192K"  # of a board; objects are twice as large here
WAIT_S = 20  # only a failure takes so long


@pytest.fixture
def host():
    # Port 0 is any free one.
    command = [sys.executable, "-m", "room_server", "--port", "0", "--memory"]
    with subprocess.Popen(command, cwd=PARTYSOCKET / "tools", stdout=subprocess.PIPE) as server:
        yield re.search(r"http://(\S+)/", server.stdout.readline().decode())[1]
        server.kill()


@pytest.fixture
def lamp(host):
    path = f"{HERE / 'fakes'}:{PARTYSOCKET / 'lib'}:.frozen"
    command = ["micropython", "-X", f"heapsize={HEAP}", HERE / "lamp.py", host]
    env = {**os.environ, "MICROPYPATH": path}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as device:
        yield device.stdout
        device.kill()


async def heard(room, **fields):
    """The next message in the room that has these fields."""
    while True:
        message = json.loads(await asyncio.wait_for(room.recv(), WAIT_S))
        if fields.items() <= message.items():
            return message


@pytest.mark.parametrize("value, ok", [(True, True), (False, True), ("bright", False)])
def test_the_room_switches_the_lamp(host, lamp, value, ok):
    async def switch():
        async with connect(f"ws://{host}/parties/main/home?role=dashboard") as room:
            if not (await heard(room, type="snapshot"))["clients"]["device"]:
                await heard(room, type="presence", online=True)
            await room.send("something that is not for the lamp")
            command = {"type": "command", "device": "lamp-1", "name": "lamp", "value": value}
            await room.send(json.dumps(command))
            return (await heard(room, type="result"))["ok"]

    assert asyncio.run(switch()) is ok
    if ok:
        assert lamp.readline().decode() == f"pin 2 is {int(value)}\n"
