"""boards/circuitpython_*/code.py: the same as examples/sensor.py, except for lines of the board.
Each is run unchanged, with the settings of its sample.
"""

import ast
import re

import pytest

from circuitpython.runner import BOARDS
from e2e.devices import Device, next_of
from library import ROOT
from rooms.clients import asynchronous, join
from rooms.server_process import RoomServer

FOLDERS = {"pico_w": "circuitpython_pico_w", "esp32": "circuitpython_esp32_s3"}
PINS = {"pico_w": "LED", "esp32": "NEOPIXEL"}
# These may differ from the example.
_OWN = {"(HOST, ROOM, NAME)", "read", "main"}


@pytest.fixture(params=BOARDS)
def board(request):
    return request.param


def text_of(board, name):
    return (ROOT / "boards" / FOLDERS[board] / name).read_text(encoding="utf-8")


def definitions(source):
    """{name: source} of the functions and assignments of a file, and the statements of main()."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = ast.unparse(node)
            if node.name == "main":
                statements = [ast.unparse(statement) for statement in node.body]
        elif isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = ast.unparse(node)
    return found, statements


def test_it_is_the_sensor_of_the_examples_but_for_the_boards_own_lines(board):
    example, theirs = definitions((ROOT / "examples/sensor.py").read_text(encoding="utf-8"))
    code, mine = definitions(text_of(board, "code.py"))
    assert [n for n in example.keys() - _OWN if example[n] != code.get(n)] == []
    assert [s for s in theirs if s not in mine and "PartySocket(" not in s] == []
    [call] = [s for s in mine if "PartySocket(" in s]
    assert call.startswith("socket = PartySocket(HOST, ROOM, query=query, hello=lambda: HELLO")


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


@asynchronous
async def test_it_joins_the_network_and_the_room_and_obeys(board, tmp_path):
    with RoomServer("--token", "right") as server:
        settings = text_of(board, "settings.sample.toml")
        settings = settings.replace("192.168.1.20:1999", f"127.0.0.1:{server.port}")
        settings = re.sub("# PARTY_TOKEN = .*", 'PARTY_TOKEN = "right"', settings)
        settings = re.sub("# (PARTY_NAME|PARTY_WATCHDOG_S) = ", r"\1 = ", settings)
        async with join(server, "home", token="right", role="dashboard") as dashboard:
            with start(board, tmp_path, settings) as device:
                reading = await next_of(dashboard, "reading")
                assert reading["device"] == "sensor-1"
                assert reading["values"]["cpu_temperature"] == 25
                # While it is joined.
                reading = await next_of(dashboard, "reading")
                assert reading["values"].get("rssi") == (-61 if board == "esp32" else None)
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
