"""The layout: what one page arranges, all pages of the room show. All of it by the keyboard."""

import pytest

from rooms.contract.servers import KINDS

from .judging import judge
from .looking import HOSTILE, RENDER_ALL, TURNED, be_late, card, names, overflow, set_alert

TOKEN = "open-sesame-for-all"
TITLES = "#devices > .section-title"


@pytest.fixture
def trio(server, join):
    devices = [join(server, name) for name in ("attic", "cellar", "porch")]
    for device in devices:
        device.hello(name=HOSTILE if device is devices[1] else None)
        device.read(lux=1)
    return devices


def wait_names(page, *wanted):
    page.wait_for_function(
        """(wanted) => JSON.stringify(wanted) === JSON.stringify([...document.querySelectorAll(
            ".device:not([hidden]) .name")].map((each) => each.textContent))""",
        arg=list(wanted),
    )


def open_dialog(page, device):
    page.focus(f"{card(device)} .arrange-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#arrange-dialog[open]")


def arrange(page, device, name="", group="", place=0, pin=False, hide=False):
    """Fill in the dialog by keys alone, and save it. `place` is the number of an option."""
    open_dialog(page, device)
    assert page.evaluate("document.activeElement.id") == "arrange-name"
    for text in (name, group):
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text) if text else page.keyboard.press("Delete")
        page.keyboard.press("Tab")
    for _ in range(place):
        page.keyboard.press("ArrowDown")
    for wanted in (pin, hide):
        page.keyboard.press("Tab")
        if wanted != page.evaluate("document.activeElement.checked"):
            page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#arrange-dialog", state="hidden")


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_what_one_page_arranges_by_keys_alone_another_shows_and_the_server_keeps(
    server, trio, open_page, axe
):
    page, other = open_page(server), open_page(server)
    pages = (page, other)
    wait_names(other, HOSTILE, "attic", "porch")
    arrange(page, "porch", name="The porch")
    for each in pages:
        wait_names(each, HOSTILE, "attic", "The porch")
        assert each.inner_text(f"{card('porch')} .identity") == "porch"
        each.wait_for_selector("#chips >> text=The porch")
    # The options are: as it is, first, after attic.
    arrange(page, "cellar", place=2)
    for each in pages:
        wait_names(each, "attic", HOSTILE, "The porch")
    arrange(page, "porch", name="The porch", place=1)
    for each in pages:
        wait_names(each, "The porch", "attic", HOSTILE)
    # The card has moved, and its button has the focus again.
    assert page.evaluate("document.activeElement.closest('[data-device=porch]') !== null")
    arrange(page, "attic", name=HOSTILE + TURNED, group=HOSTILE)
    for each in pages:
        each.wait_for_selector(f"{TITLES} >> nth=1")
        assert each.locator(TITLES).all_text_contents() == [HOSTILE, "Others"]
        assert TURNED[0] not in each.inner_text("body")
    arrange(page, "cellar", pin=True)
    for each in pages:
        each.wait_for_selector(f"{TITLES} >> nth=2")
        assert each.locator(TITLES).all_text_contents() == ["Pinned", HOSTILE, "Others"]
        assert names(each)[::2] == [HOSTILE, "The porch"]
    page.evaluate(RENDER_ALL)
    assert judge(page, axe) == {}
    arrange(page, "porch", name="The porch", hide=True)
    for each in pages:
        each.wait_for_selector("#shown >> text=2 of 3 shown")
        assert each.is_hidden(card("porch"))
    page.reload()
    page.wait_for_selector("#shown >> text=2 of 3 shown")
    page.select_option("#filter", "hidden")
    wait_names(page, "The porch")
    arrange(page, "porch")
    page.wait_for_selector("#none-match >> text=No device is like this")
    page.click("#show-all")
    page.wait_for_selector(card("porch"))
    assert page.locator("#devices img, dialog img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_hidden_device_with_an_alert_is_gone_to(server, trio, open_page):
    page = open_page(server)
    arrange(page, "porch", hide=True)
    page.wait_for_selector(card("porch"), state="hidden")
    page.select_option("#filter", "hidden")
    set_alert(page, "porch", "lux", "0")
    trio[2].read(lux=1)
    page.keyboard.press("Escape")
    page.select_option("#filter", "all")
    page.wait_for_selector(card("porch"), state="hidden")
    page.click("#alert-list button")
    page.wait_for_function("() => document.activeElement.dataset.device === 'porch'")


def test_two_pages_that_arrange_at_once_lose_nothing(server, trio, open_page):
    page, other = open_page(server), open_page(server)
    for each, device in ((page, "attic"), (other, "porch")):
        open_dialog(each, device)
        each.fill("#arrange-name", f"{device} of two")
    be_late(other, "layout")
    page.click("#arrange-save")
    wait_names(page, HOSTILE, "attic of two", "porch")
    other.click("#arrange-save")
    for each in (page, other):
        wait_names(each, HOSTILE, "attic of two", "porch of two")


@pytest.mark.expects_refusals
def test_who_only_reads_sees_the_layout_and_cannot_change_it(start_server, join, new_page):
    server = start_server(token=TOKEN, read_token="w4tch")
    join(server, "porch", room="home", token=TOKEN).read(lux=1)
    page, reader = new_page(), new_page()
    for each, token in ((page, TOKEN), (reader, "w4tch")):
        each.goto(f"{server.url}/#token={token}")
        each.wait_for_selector(card("porch"))
    reader.wait_for_selector("#read-only:not([hidden])")
    assert reader.locator(".arrange-button:visible").count() == 0
    arrange(page, "porch", name="The porch")
    wait_names(reader, "The porch")


@pytest.mark.expects_refusals
def test_what_was_not_kept_is_said_and_the_dialog_stays(own_server, join, open_page, axe):
    join(own_server, "porch").read(lux=1)
    page = open_page(own_server, width=360, height=740)
    page.wait_for_selector(card("porch"))
    open_dialog(page, "porch")
    page.fill("#arrange-name", "The porch")
    assert overflow(page) <= 0 and judge(page, axe) == {}
    own_server.kill()
    page.wait_for_selector("#gone:not([hidden])")
    page.click("#arrange-save")
    page.wait_for_selector("#arrange-problem >> text=It was not kept: not connected")
    assert page.input_value("#arrange-name") == "The porch"
