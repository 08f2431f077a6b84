"""Readings that a device kept while it was away: drawn at their own times, never shown as new."""

import pytest

from rooms.contract.servers import KINDS

from .log import EPOCH, HOUR, Log, now
from .looking import answer, shown, value, wait_points

# Readings that fit into one message.
NIGHT = 200


@pytest.fixture
def porch(server, join):
    """A device with a log, which sent one reading ten hours ago."""
    log = Log(join(server, "porch", epoch=EPOCH))
    log.device.hello(units={"temperature": "°C"})
    log.one(now() - 10 * HOUR, temperature=15, door=False)
    return log


def night(first, count, start):
    """A reading every two minutes from `start`. Its number is the temperature, in tenths."""
    return [
        (start + 120_000 * number, {"temperature": number / 10, "door": False})
        for number in range(first, first + count)
    ]


def wait_table(page, readings):
    """Wait until the table of the chart counts so many points."""
    page.wait_for_selector(f"#chart-rows td:last-child >> text=/^{readings}$/")


def said_of(page, at):
    """A moment as the page writes it."""
    return page.evaluate(
        """(at) => new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit",
            second: "2-digit" }).format(at)""",
        at,
    )


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_a_nights_backlog_is_drawn_at_its_own_times_while_live_values_are_shown_at_once(
    server, porch, open_page
):
    page = open_page(server)
    page.wait_for_selector(value("porch", "temperature", "15 °C"))
    page.click("#ranges >> text=24 h")
    page.click("#chart-table summary")
    wait_table(page, 1)
    start, measured = now() - 8 * HOUR, now()
    porch.live(measured, temperature=30.5, door=True)
    page.wait_for_selector(value("porch", "temperature", "30.5 °C"))
    porch.batch(*night(0, 100, start))
    # The live value is drawn too.
    wait_table(page, 102)
    assert page.inner_text(value("porch", "temperature")) == "30.5 °C"
    porch.live(measured + 1, temperature=31.5, door=True)
    page.wait_for_selector(value("porch", "temperature", "31.5 °C"))
    porch.batch(*night(100, 100, start))
    # Now the live values come again, with their numbers.
    porch.one(measured, temperature=30.5, door=True)
    porch.one(measured + 1, temperature=31.5, door=True)
    porch.device.send(type="result", name="done", ok=True)
    page.wait_for_selector(answer("porch", "done: ok"))
    # Each is drawn once.
    wait_table(page, 203)
    assert page.inner_text(value("porch", "temperature")) == "31.5 °C"
    assert page.inner_text(value("porch", "door")) == "on"
    page.focus("#plot")
    # Past both live values, and the gap before them.
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    last = said_of(page, start + 120_000 * 199)
    page.wait_for_selector(f"#cursor-said >> text={last}: porch 19.9 °C", state="attached")
    page.keyboard.press("ArrowLeft")
    before = said_of(page, start + 120_000 * 198)
    page.wait_for_selector(f"#cursor-said >> text={before}: porch 19.8 °C", state="attached")
    # On this page everything comes with the snapshot.
    later = open_page(server)
    later.click("#ranges >> text=24 h")
    later.click("#chart-table summary")
    wait_table(later, 203)
    assert shown(later)[0] == shown(page)[0]
    assert later.inner_text(value("porch", "temperature")) == "31.5 °C"


def test_a_message_of_two_hundred_readings_is_drawn_once(server, room, porch, new_page):
    page = new_page()
    page.clock.install()
    page.goto(f"{server.url}/?room={room}")
    page.clock.run_for(1000)
    page.wait_for_selector(value("porch", "temperature", "15 °C"))
    page.click("#ranges >> text=24 h")
    wait_points(page, 1)
    page.evaluate(
        """() => { const plot = document.getElementById("plot");
            const count = (changes) => { window.draws += changes.length; };
            new MutationObserver(count).observe(plot, { attributeFilter: ["data-points"] }); }"""
    )
    # In seconds.
    page.clock.pause_at(now() / 1000 + 60)
    page.evaluate("() => { window.draws = 0; }")
    porch.batch(*night(0, NIGHT, now() - 8 * HOUR))
    # The page writes this without waiting for a frame.
    porch.device.send(type="result", name="done", ok=True)
    page.wait_for_selector(answer("porch", "done: ok"))
    assert page.evaluate("window.draws") == 0
    page.clock.run_for(500)
    wait_points(page, NIGHT)
    assert page.evaluate("window.draws") == 1
