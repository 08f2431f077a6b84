"""examples/wifi.py as it stands there but for the address, in real time, over a fake radio."""

from pathlib import Path

import pytest

from e2e.devices import Device
from strict_server import StrictServer

_ROOT = Path(__file__).parents[2]
_EXAMPLE = _ROOT / "examples/wifi.py"
_RADIO = """
import sys
sys.path.insert(0, {folder!r})
import fake_wlan
from partysocket.net import platform
network = fake_wlan.Network("esp32", platform.ticks_ms)
network.radio.air["another one"] = [fake_wlan.AT_ONCE]
network.radio.air["my network"] = [OSError("Wifi Internal Error")]
network.install()
"""


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_the_example_joins_the_second_network_then_the_room(interpreter, tmp_path):
    async def greet(connection):
        await connection.send("welcome")
        await connection.receive()

    with StrictServer(greet) as server:
        code = _EXAMPLE.read_text(encoding="utf-8")
        assert "192.168.1.20:1999" in code
        program = tmp_path / "program.py"
        program.write_text(
            _RADIO.format(folder=str(Path(__file__).parent))
            + code.replace("192.168.1.20:1999", server.address),
            encoding="utf-8",
        )
        with Device(interpreter, program, heap="1M") as device:
            device.wait_line("Wi-Fi: another one settling")
            device.wait_line("in the room")
            device.wait_line("welcome")
            device.wait_line("Wi-Fi: another one up -61")
        assert len(server.connections) == 1
