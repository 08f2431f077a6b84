from contextlib import ExitStack

import pytest

from mqtt.brokers import Mosquitto
from rooms.contract.servers import make
from rooms.server_process import RoomServer


@pytest.fixture
def broker(tmp_path):
    with Mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def server():
    with RoomServer("--rate", "100000") as running:
        yield running


@pytest.fixture
def start():
    """Start room servers with options. They end with the test."""
    with ExitStack() as running:
        yield lambda *arguments: running.enter_context(RoomServer(*arguments))


@pytest.fixture(params=["room_server", "party_server"])
def either(request, tmp_path):
    """A server of each kind, for two devices."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    with make(request.param, folder, max_devices=2) as running:
        yield running
