"""What is on, as the server tells it: on all pages, and in notifications. The limits that an older
page has kept are taken over.
"""

import json

import pytest

from rooms.contract.servers import KINDS

from .judging import judge
from .looking import HOSTILE, card, names, overflow, rules_of, set_alert, tile, value

TOKEN = "open-sesame-for-all"


def wait_title(page, title):
    page.wait_for_function("(title) => document.title === title", arg=title)


def choose(page, field, letters):
    """Choose in the select that has the focus, by its letters, and go on."""
    assert page.evaluate("document.activeElement.id") == field
    page.keyboard.type(letters)
    page.keyboard.press("Tab")


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_a_rule_that_one_page_makes_by_keys_alone_is_on_and_over_on_all(
    server, room, porch, open_page, axe
):
    page, other = open_page(server, width=360, height=740), open_page(server)
    pages = (page, other)
    for each in pages:
        each.wait_for_selector(card("porch"))
    page.focus("#alerts-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#alert-none:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "alert-add"
    page.keyboard.press("Enter")
    choose(page, "rule-device", "The")
    choose(page, "rule-kind", "a value is above")
    choose(page, "rule-name", "temp")
    page.keyboard.type("30")
    assert overflow(page) <= 0 and judge(page, axe) == {}
    page.keyboard.press("Enter")
    page.wait_for_selector("#alert-rules >> text=The porch: temperature above 30 °C")
    assert page.evaluate("document.activeElement.id") == "alert-add"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "alerts-button"
    # It is not above the limit.
    porch.read(temperature=30)
    porch.read(temperature=30.5)
    for each in pages:
        each.wait_for_selector("#alert-list >> text=temperature above 30 °C")
        each.wait_for_selector(f"{tile('porch', 'temperature')}[data-alert] >> text=above 30 °C")
        each.wait_for_selector("#announcer >> text=Alert: The porch, temperature above 30 °C")
        wait_title(each, f"(1) {room} · room")
    page.click("#alerts-button")
    page.wait_for_selector("#alert-rules em >> text=on since")
    assert overflow(page) <= 0 and judge(page, axe) == {}
    # A page that comes later has it from the snapshot, and does not tell it as news.
    other.reload()
    other.wait_for_selector("#alert-list >> text=temperature above 30 °C")
    porch.read(temperature=30)
    for each in pages:
        each.wait_for_selector("#alerts", state="hidden")
        wait_title(each, f"{room} · room")
        assert each.locator("[data-alert]").count() == 0
    other.wait_for_selector("#announcer >> text=/^Alert over: The porch/")


@pytest.mark.expects_refusals
def test_who_only_reads_sees_the_alerts_and_cannot_change_them(start_server, join, new_page):
    server = start_server(token=TOKEN, read_token="w4tch")
    porch = join(server, "porch", room="home", token=TOKEN)
    porch.read(lux=1)
    page, reader = new_page(), new_page()
    # What an older page has kept stays there.
    reader.goto(server.url)
    keep_limits(reader, "home", {"device": "porch", "name": "lux", "kind": "above", "limit": 7})
    for each, token in ((page, TOKEN), (reader, "w4tch")):
        each.goto(f"{server.url}/?again#token={token}")
        each.wait_for_selector(card("porch"))
    reader.wait_for_selector("#read-only:not([hidden])")
    set_alert(page, "porch", "lux", "0")
    porch.read(lux=1)
    reader.wait_for_selector("#alert-list >> text=lux above 0")
    reader.click(f"{card('porch')} .alert-button")
    reader.wait_for_selector("#alert-rules em >> text=on since")
    reader.wait_for_selector("#alert-reads:not([hidden])")
    buttons = reader.locator("#alert-dialog button:visible").all_text_contents()
    assert buttons == ["Notify me", "Close"]
    assert kept_limits(reader, "home") is not None


def keep_limits(page, room, *limits):
    key, text = f"alerts main/{room}", json.dumps(limits)
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])


def kept_limits(page, room):
    return page.evaluate("(key) => localStorage.getItem(key)", f"alerts main/{room}")


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_the_limits_of_an_older_page_are_taken_over_once(server, room, porch, open_page):
    hot = {"device": "porch", "name": "temperature", "kind": "above", "limit": 15}
    cold = {"device": "cellar", "name": HOSTILE, "kind": "below", "limit": 0}
    page, other = open_page(server), open_page(server)
    keep_limits(page, room, hot, cold, {"device": "porch"})
    page.reload()
    page.wait_for_selector("#notices >> text=It took over 2 of this browser's 2 limits.")
    assert kept_limits(page, room) is None
    assert [{**rule, "id": 0} for rule in rules_of(server, room)] == [
        {**hot, "id": 0},
        {**cold, "id": 0},
    ]
    # They count from the next reading.
    porch.read(temperature=20)
    for each in (page, other):
        each.wait_for_selector("#alert-list >> text=temperature above 15 °C")
    keep_limits(other, room, cold)
    other.reload()
    other.wait_for_selector("#notices >> text=It took over 0 of this browser's 1 limits.")
    page.reload()
    page.wait_for_selector("#alert-list >> text=temperature above 15 °C")
    assert page.locator("#notices > *").count() == 0
    assert len(rules_of(server, room)) == 2


def test_only_devices_with_alerts_are_shown_and_one_is_gone_to(server, porch, join, open_page):
    join(server, "attic").read(lux=1)
    page = open_page(server)
    set_alert(page, "porch", "temperature", "21", "below")
    page.keyboard.press("Escape")
    porch.read(temperature=20)
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
    set_alert(page, "porch", "temperature", "21", "below")
    porch.read(temperature=20)
    page.wait_for_selector("#alerts:not([hidden])")
    # The page must not ask before a click.
    assert page.evaluate("window.asked") == 0
    page.click("#notify")
    page.wait_for_selector("#notify >> text=You are notified")
    assert page.evaluate("window.asked") == 1
    page.keyboard.press("Escape")
    set_alert(page, "porch", "temperature", "30")
    # Who sees the page needs no notification.
    for number in (31, 25):
        porch.read(temperature=number)
        page.wait_for_selector(value("porch", "temperature", f"{number} °C"))
    page.wait_for_selector("#alerts", state="hidden")
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    porch.read(temperature=31)
    page.wait_for_function("() => window.told.length")
    assert page.evaluate("window.told") == ["The porch: temperature above 30\u00a0°C"]
