"""Limits on values: setting them, passing them, keeping them, and notifications."""

import pytest

from .looking import card, names, set_alert, tile, value


@pytest.fixture
def porch(server, join):
    device = join(server, "porch")
    device.hello(name="The porch", units={"temperature": "°C"})
    device.read(temperature=20)
    return device


def alert(page, kind, limit):
    set_alert(page, "porch", "temperature", limit, kind)
    page.keyboard.press("Escape")


def wait_title(page, title):
    page.wait_for_function("(title) => document.title === title", arg=title)


def test_an_alert_begins_with_the_first_reading_and_ends_with_the_third_within(
    server, room, porch, open_page
):
    page = open_page(server)
    alert(page, "above", "30")
    assert page.is_hidden("#alerts")
    # It is not above the limit.
    porch.read(temperature=30)
    page.wait_for_selector(value("porch", "temperature", "30 °C"))
    assert page.is_hidden("#alerts")
    porch.read(temperature=30.1)
    page.wait_for_selector("#alert-list >> text=temperature above 30 °C")
    page.wait_for_selector(f"{tile('porch', 'temperature')}[data-alert] .note >> text=above 30 °C")
    page.wait_for_selector("#announcer >> text=Alert: The porch, temperature above 30 °C")
    wait_title(page, f"(1) {room} · room")
    for number in (29.9, 29.8):
        porch.read(temperature=number)
        page.wait_for_selector(value("porch", "temperature", f"{number} °C"))
        assert page.title() == f"(1) {room} · room"
    porch.read(temperature=29.7)
    page.wait_for_selector("#alerts", state="hidden")
    wait_title(page, f"{room} · room")
    assert page.locator("[data-alert]").count() == 0


def test_a_limit_is_a_number_set_once_and_kept_until_it_is_removed(server, porch, open_page):
    page = open_page(server)
    page.click(f"{card('porch')} .alert-button")
    page.click("#alert-form button")
    page.wait_for_selector("#alert-problem >> text=Give the limit as a number.")
    page.keyboard.press("Escape")
    alert(page, "below", "21")
    set_alert(page, "porch", "temperature", "21", "below")
    page.wait_for_selector("#alert-problem >> text=This limit is set already.")
    assert page.locator("#alert-rules li").count() == 1
    page.reload()
    page.wait_for_selector("#alert-list >> text=temperature below 21 °C")
    page.click(f"{card('porch')} .alert-button")
    page.click("#alert-rules button")
    page.wait_for_selector("#alerts", state="hidden")
    page.reload()
    page.wait_for_selector(card("porch"))
    page.click(f"{card('porch')} .alert-button")
    assert page.locator("#alert-rules li").count() == 0


def test_only_devices_with_alerts_are_shown_and_one_is_gone_to(server, porch, join, open_page):
    join(server, "attic").read(lux=1)
    page = open_page(server)
    alert(page, "below", "21")
    page.select_option("#filter", "alerts")
    page.wait_for_selector("#shown >> text=1 of 2 shown")
    assert names(page) == ["The porch"]
    page.select_option("#filter", "offline")
    # The card is shown again, and has the focus.
    page.click("#alert-list button")
    page.wait_for_function("() => document.activeElement.dataset.device === 'porch'")


def test_who_has_asked_for_it_is_notified_of_an_alert_while_the_page_is_hidden(
    server, porch, open_page
):
    page = open_page(server)
    page.evaluate(
        """() => { window.asked = 0; window.told = []; window.Notification = class {
            constructor(title, { body }) { window.told.push(`${title}: ${body}`); }
            static async requestPermission() { window.asked++; return "granted"; } }; }"""
    )
    alert(page, "below", "21")
    alert(page, "above", "30")
    page.wait_for_selector("#alerts:not([hidden])")
    # The page must not ask before a click.
    assert page.evaluate("window.asked") == 0
    page.click("#notify")
    page.wait_for_selector("#notify >> text=You are notified")
    assert page.evaluate("window.asked") == 1
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    porch.read(temperature=31)
    page.wait_for_function("() => window.told.length")
    assert page.evaluate("window.told") == ["The porch: temperature above 30\u00a0°C"]
