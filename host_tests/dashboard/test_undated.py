"""Readings whose time is not known: in a list on the device's card, and not in the chart."""

import pytest

from rooms.contract.servers import KINDS

from .judging import judge
from .log import EPOCH, Log, now
from .looking import HOSTILE, RENDER_ALL, card, overflow, value, wait_points

LIST = f"{card('porch')} .undated"


@pytest.fixture
def porch(server, join):
    log = Log(join(server, "porch", epoch=EPOCH))
    log.device.hello(units={"temperature": "°C"})
    return log


def rows(page):
    cells = page.locator(f"{LIST} td").all_text_contents()
    return [text.replace("\u00a0", " ") for text in cells]


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_what_has_no_time_is_listed_and_not_drawn(server, porch, open_page):
    # The device's clock was not set.
    porch.device.send(type="reading", at=5, values={"temperature": 20})
    page = open_page(server)
    page.wait_for_selector(value("porch", "temperature", "20 °C"))
    page.wait_for_selector(f"{LIST} summary >> text=/^1 reading, time not known$/")
    page.click(f"{LIST} summary")
    page.wait_for_selector(f"{LIST} td")
    assert rows(page) == ["temperature 20 °C"]
    # It is not offered for the chart.
    assert page.is_visible("#chart-empty")
    porch.device.send(type="reading", at=5, values={"temperature": 21, "door": True})
    page.wait_for_selector(value("porch", "temperature", "21 °C"))
    page.wait_for_selector(f"{LIST} summary >> text=/^2 readings, time not known$/")
    porch.live(now(), temperature=30)
    page.wait_for_selector(value("porch", "temperature", "30 °C"))
    porch.batch((None, {"temperature": 22}), (now(), {"humidity": 50}), (None, {"note": HOSTILE}))
    page.wait_for_selector(f"{LIST} summary >> text=/^4 readings, time not known$/")
    listed = [f"note {HOSTILE}", "temperature 22 °C", "temperature 21 °C, door on"]
    # The newest comes first.
    assert rows(page) == [*listed, "temperature 20 °C"]
    assert page.inner_text(value("porch", "temperature")) == "30 °C"
    page.click("#chart-table summary")
    # The temperature is drawn now.
    page.wait_for_selector("#chips li")
    page.focus("#add-series")
    page.select_option("#add-series", '["porch","humidity"]')
    page.wait_for_selector("#chart-rows tr:nth-child(2)")
    wait_points(page, 2)
    assert page.locator("#chart-rows td:last-child").all_text_contents() == ["1", "1"]
    # On this page they come with the snapshot.
    later = open_page(server)
    later.click(f"{LIST} summary")
    later.wait_for_selector(f"{LIST} td")
    assert rows(later) == rows(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_is_bounded_narrow_and_as_axe_wishes(server, porch, open_page, axe, scheme):
    porch.live(now(), temperature=30)
    for number in range(30):
        porch.batch((None, {"text": "x" * 256, "temperature": 1e300, "n": number}))
    page = open_page(server, width=320, height=640, color_scheme=scheme)
    page.click(f"{LIST} summary")
    page.wait_for_selector(f"{LIST} summary >> text=/^20 readings, time not known$/")
    page.wait_for_selector(f"{LIST} tr:nth-child(20) >> text=n 10")
    page.evaluate(RENDER_ALL)
    assert overflow(page) <= 0
    scroll = page.locator(f"{LIST} .scroll")
    assert scroll.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
    assert judge(page, axe) == {}
