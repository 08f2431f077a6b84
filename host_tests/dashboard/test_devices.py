"""MicroPython devices that run examples/sensor.py, on the page, in rooms of both servers."""

import re

import pytest

from e2e.devices import Device
from library import ROOT
from rooms.contract.servers import KINDS

from .looking import answer, card, control, points, tile, value, wait_points

pytestmark = pytest.mark.parametrize("kind", KINDS, scope="module")

LED = f"{control('sensor-1', 'led')} [role=switch]"
INTERVAL = control("sensor-1", "interval")


def sensor(server, room):
    address = f"127.0.0.1:{server.port}"
    return Device("micropython", "examples/sensor.py", address, room, "sensor-1")


def test_the_readmes_first_program_shows_its_value(server, open_page, tmp_path):
    first = re.search("```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[1]
    assert len(first.splitlines()) <= 10
    program = tmp_path / "first.py"
    program.write_text(first.replace("localhost:1999", f"127.0.0.1:{server.port}"), "utf-8")
    page = open_page(server, "?room=home")
    with Device("micropython", program):
        page.wait_for_selector(f"{tile('porch', 'temperature')} >> text=/21[.]5\\s°C/")
        assert page.inner_text(f"{card('porch')} .presence") == "online"


def wait_reading(page, least):
    """Wait for the device's reading number `least`, or a later one."""
    page.wait_for_function(
        """([selector, least]) =>
            Number(document.querySelector(selector)?.textContent) >= least""",
        arg=[f"{tile('sensor-1', 'n')} .reading bdi", least],
    )


def test_a_device_shows_itself_and_its_history_and_obeys_its_controls(server, room, open_page):
    with sensor(server, room):
        page = open_page(server)
        wait_reading(page, 2)
        assert page.inner_text(f"{card('sensor-1')} .name") == "sensor-1"
        assert page.inner_text(f"{card('sensor-1')} .presence") == "online"
        vitals = page.inner_text(f"{card('sensor-1')} .vitals")
        assert "KiB free" in vitals and "0 reconnects" in vitals
        page.wait_for_selector(f"{INTERVAL} output >> text=/^2\\ss$/")
        wait_points(page, 2)
        grown = points(page) + 1
        wait_points(page, grown)
        assert page.get_attribute(LED, "aria-checked") == "false"
        page.click(LED)
        page.wait_for_selector(answer("sensor-1", "LED: ok"))
        page.wait_for_selector(f"{LED}[aria-checked=true]")
        page.focus(f"{INTERVAL} input")
        page.keyboard.press("Home")
        page.wait_for_selector(answer("sensor-1", "interval: ok"))
        page.wait_for_selector(f"{INTERVAL} output >> text=0.5 s")
        # It has the history at once, and knows the state that the device sent to everyone.
        later = open_page(server)
        wait_points(later, grown)
        later.wait_for_selector(f"{LED}[aria-checked=true]")
        assert later.input_value(f"{INTERVAL} input") == "0.5"


@pytest.mark.expects_refusals
def test_a_killed_server_is_said_and_all_comes_back_by_itself(own_server, room, open_page):
    with sensor(own_server, room):
        page = open_page(own_server)
        page.evaluate("window.untouched = true")
        wait_reading(page, 1)
        own_server.kill()
        page.wait_for_selector("#gone:not([hidden])")
        page.wait_for_selector("#status[data-state=closed]")
        # The values stay on the page.
        assert page.inner_text(value("sensor-1", "n"))
        assert page.is_disabled(LED)
        own_server.start()
        page.wait_for_selector("#status[data-state=open]")
        page.wait_for_selector("#gone", state="hidden")
        page.wait_for_selector(f"{card('sensor-1')}[data-presence=online]")
        wait_reading(page, 2)
        page.click(LED)
        page.wait_for_selector(answer("sensor-1", "LED: ok"))
        assert page.evaluate("window.untouched") is True
