"""boards/circuitpython_*/code.py: each is run as it stands, with the settings of its sample."""

import re

import pytest

from circuitpython.runner import BOARDS
from e2e.devices import Device, next_of
from library import ROOT
from rooms.clients import join
from rooms.server_process import RoomServer

FOLDERS = {"pico_w": "circuitpython_pico_w", "esp32": "circuitpython_esp32_s3"}
PINS = {"pico_w": "LED", "esp32": "NEOPIXEL"}


@pytest.fixture(params=BOARDS)
def board(request):
    return request.param


def text_of(board, name):
    return (ROOT / "boards" / FOLDERS[board] / name).read_text(encoding="utf-8")


def test_the_sample_has_the_settings_that_are_read(board):
    sample = text_of(board, "settings.sample.toml")
    named = set(re.findall(r"^(?:# )?(PARTY_\w+) = ", sample, re.M))
    assert named == set(re.findall(r'getenv\("(\w+)"\)', text_of(board, "code.py")))
    for name in ("CIRCUITPY_WIFI_SSID", "CIRCUITPY_WIFI_PASSWORD"):
        assert re.search(rf'^{name} = "', sample, re.M)
    assert "settings.toml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def start(board, tmp_path, settings):
    (tmp_path / "settings.toml").write_text(settings)
    program = ROOT / "boards" / FOLDERS[board] / "code.py"
    return Device(board, program, cwd=tmp_path, heap="512K")


async def test_it_joins_the_network_and_the_room_and_obeys(board, tmp_path):
    with RoomServer("--token", "right") as server:
        settings = text_of(board, "settings.sample.toml")
        settings = settings.replace("192.168.1.20:1999", f"127.0.0.1:{server.port}")
        settings = re.sub("# PARTY_TOKEN = .*", 'PARTY_TOKEN = "right"', settings)
        settings = re.sub("# (PARTY_NAME|PARTY_WATCHDOG_S) = ", r"\1 = ", settings)
        async with join(server, "home", token="right", role="dashboard") as dashboard:
            with start(board, tmp_path, settings) as device:
                found = {}
                while not {"chip_temperature", "free_memory"} <= found.keys():
                    reading = await next_of(dashboard, "reading")
                    assert reading["device"] == "sensor-1"
                    found.update(reading["values"])
                assert found["chip_temperature"] == 25
                assert found.get("rssi") == (-61 if board == "esp32" else None)
                device.wait_line("wifi joined my network")
                device.wait_line("in the room")
                command = {"type": "command", "device": "sensor-1", "name": "led", "value": True}
                await dashboard.send(command)
                assert (await next_of(dashboard, "result", name="led"))["ok"] is True
                device.wait_line(f"pin {PINS[board]} True")


def test_without_a_host_it_says_what_to_set(tmp_path):
    with start("pico_w", tmp_path, 'CIRCUITPY_WIFI_SSID = "my network"\n') as device:
        device.wait_output()
        assert "settings.toml has no PARTY_HOST" in device.lines[-1]
