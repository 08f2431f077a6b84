"""MicroPython devices running examples/sensor.py, seen on the page, in rooms of both servers."""

import pytest

from rooms.contract.servers import KINDS

from .looking import answer, card, control, points, tile, value, wait_points

pytestmark = pytest.mark.parametrize("kind", KINDS, scope="module")


def wait_reading(page, device, least):
    """Wait for the device's reading number `least`, or a later one."""
    page.wait_for_function(
        """([selector, least]) =>
            Number(document.querySelector(selector)?.textContent) >= least""",
        arg=[f"{tile(device, 'n')} .reading bdi", least],
    )


def test_a_device_shows_itself_its_readings_and_its_history(server, run_sensor, open_page):
    run_sensor(server)
    page = open_page(server)
    wait_reading(page, "sensor-1", 2)
    assert page.inner_text(f"{card('sensor-1')} .name") == "sensor-1"
    assert page.inner_text(f"{card('sensor-1')} .presence") == "online"
    vitals = page.inner_text(f"{card('sensor-1')} .vitals")
    assert "KiB free" in vitals and "0 reconnects" in vitals
    page.wait_for_selector(f"{control('sensor-1', 'interval')} output >> text=/^2\\ss$/")
    wait_points(page, 2)
    grown = points(page)
    wait_points(page, grown + 1)
    later = open_page(server)  # history is there at once
    wait_points(later, grown + 1)


def test_declared_controls_reach_the_device_and_show_what_it_says(server, run_sensor, open_page):
    run_sensor(server)
    page = open_page(server)
    led = f"{control('sensor-1', 'led')} [role=switch]"
    assert page.get_attribute(led, "aria-checked") == "false"
    page.click(led)
    page.wait_for_selector(answer("sensor-1", "LED: ok, true"))
    page.wait_for_selector(f"{led}[aria-checked=true]")
    slider = f"{control('sensor-1', 'interval')} input"
    page.focus(slider)
    page.keyboard.press("Home")
    page.wait_for_selector(answer("sensor-1", "interval: ok, 0.5"))
    page.wait_for_selector(f"{control('sensor-1', 'interval')} output >> text=0.5 s")
    later = open_page(server)  # the device told everybody
    later.wait_for_selector(f"{led}[aria-checked=true]")
    assert later.input_value(slider) == "0.5"


@pytest.mark.expects_refusals
def test_a_killed_server_is_said_and_all_comes_back_by_itself(own_server, run_sensor, open_page):
    run_sensor(own_server)
    page = open_page(own_server)
    page.evaluate("window.untouched = true")
    wait_reading(page, "sensor-1", 1)
    own_server.kill()
    page.wait_for_selector("#gone:not([hidden])")
    page.wait_for_selector("#status[data-state=closed]")
    before = page.inner_text(value("sensor-1", "load"))  # the picture stays
    assert before
    assert page.is_disabled(f"{control('sensor-1', 'led')} button")
    own_server.start()
    page.wait_for_selector("#status[data-state=open]")
    page.wait_for_selector("#gone", state="hidden")
    page.wait_for_selector(f"{card('sensor-1')}[data-presence=online]")
    wait_reading(page, "sensor-1", 2)
    page.click(f"{control('sensor-1', 'led')} button")
    page.wait_for_selector(answer("sensor-1", "LED: ok, true"))
    assert page.evaluate("window.untouched") is True
