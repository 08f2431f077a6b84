"""boards/circuitpython_*/code.py: examples/sensor.py but for the board's own lines; each is run as
it stands, with the settings of its sample.
"""

import ast
import asyncio
import re

import pytest

from circuitpython.runner import BOARDS
from e2e.devices import WAIT_S, Device
from library import ROOT
from rooms.clients import asynchronous, join
from rooms.server_process import RoomServer

FOLDERS = {"pico_w": "circuitpython_pico_w", "esp32": "circuitpython_esp32_s3"}
_OWN = {"(HOST, ROOM, NAME)", "read", "main"}  # may differ from the example's


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(tree):
    """{name: source} of the functions and the assignments of a file."""
    found = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = ast.unparse(node)
    return found


def statements(tree, function):
    [node] = [n for n in tree.body if getattr(n, "name", None) == function]
    return [ast.unparse(statement) for statement in node.body]


@pytest.mark.parametrize("board", BOARDS)
def test_it_is_the_sensor_of_the_examples_but_for_the_boards_own_lines(board):
    example = parsed(ROOT / "examples/sensor.py")
    code = parsed(ROOT / "boards" / FOLDERS[board] / "code.py")
    wanted, there = definitions(example), definitions(code)
    assert {n: there.get(n) for n in wanted if n not in _OWN} == {
        n: source for n, source in wanted.items() if n not in _OWN
    }
    mine = statements(code, "main")
    assert [
        s for s in statements(example, "main") if s not in mine and "PartySocket(" not in s
    ] == []
    [call] = [s for s in mine if "PartySocket(" in s]
    assert call.startswith("socket = PartySocket(HOST, ROOM, query=query, hello=lambda: HELLO")


@pytest.mark.parametrize("board", BOARDS)
def test_the_sample_has_the_settings_that_are_read(board):
    folder = ROOT / "boards" / FOLDERS[board]
    sample = (folder / "settings.sample.toml").read_text(encoding="utf-8")
    code = (folder / "code.py").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?(PARTY_\w+) = ", sample, re.M))
    assert named == set(re.findall(r'getenv\("(\w+)"\)', code))
    for name in ("CIRCUITPY_WIFI_SSID", "CIRCUITPY_WIFI_PASSWORD"):
        assert re.search(rf'^{name} = "', sample, re.M)
    assert "settings.toml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("board", BOARDS)
@asynchronous
async def test_it_joins_the_network_and_the_room_and_obeys(board, tmp_path):
    folder = ROOT / "boards" / FOLDERS[board]
    sample = (folder / "settings.sample.toml").read_text(encoding="utf-8")
    with RoomServer("--token", "right") as server:
        settings = sample.replace("192.168.1.20:1999", f"127.0.0.1:{server.port}")
        settings = settings.replace('# PARTY_NAME = "sensor-1"', 'PARTY_NAME = "sensor-1"')
        settings = re.sub("# PARTY_TOKEN = .*", 'PARTY_TOKEN = "right"', settings)
        settings = settings.replace("# PARTY_WATCHDOG_S", "PARTY_WATCHDOG_S")
        (tmp_path / "settings.toml").write_text(settings)
        async with join(server, "home", token="right", role="dashboard") as dashboard:
            with Device(board, folder / "code.py", cwd=tmp_path, heap="512K") as device:

                async def next_of(type, **fields):
                    while True:
                        message = await dashboard.next(type)
                        if fields.items() <= message.items():
                            return message

                reading = await asyncio.wait_for(next_of("reading"), WAIT_S)
                assert reading["device"] == "sensor-1"
                assert reading["values"]["cpu_temperature"] == 25
                reading = await asyncio.wait_for(next_of("reading"), WAIT_S)  # while it is joined
                assert reading["values"].get("rssi") == (-61 if board == "esp32" else None)
                device.wait_line("wifi joined my network")
                device.wait_line("in the room")
                command = {"type": "command", "device": "sensor-1", "name": "led", "value": True}
                await dashboard.send(command)
                result = await asyncio.wait_for(next_of("result", name="led"), WAIT_S)
                assert result["ok"] is True
                pin = "LED" if board == "pico_w" else "NEOPIXEL"
                device.wait_line(f"pin {pin} True")


def test_without_a_host_it_says_what_to_set(tmp_path):
    (tmp_path / "settings.toml").write_text('CIRCUITPY_WIFI_SSID = "my network"\n')
    code = ROOT / "boards" / FOLDERS["pico_w"] / "code.py"
    with Device("pico_w", code, cwd=tmp_path) as device:
        device.wait_end()
        device.wait_output()
        assert "settings.toml has no PARTY_HOST" in device.lines[-1]
