"""The dialog of the alerts: the rules as the server has them, shown, made, changed and removed."""

import json

import pytest

from rooms.clients import state_of
from rooms.contract.servers import KINDS

from .judging import judge
from .looking import HOSTILE, TURNED, be_late, card, overflow, rules_of

# Nobody listens there. The server tries again later.
TARGETS = {
    "phone": {"kind": "ntfy", "url": "http://127.0.0.1:9/hidden-topic", "token": "hidden-token"},
    HOSTILE: {"kind": "webhook", "url": "http://127.0.0.1:9/hidden-hook", "secret": "hidden"},
}
OFFSET = "() => -new Date().getTimezoneOffset()"


def add(page, kind, device=None, name=None, **fields):
    """Fill in the form and save it. The dialog is open."""
    page.click("#alert-add")
    change(page, kind, device, name, **fields)


def change(page, kind, device=None, name=None, **fields):
    if device:
        page.select_option("#rule-device", device)
    page.select_option("#rule-kind", kind)
    if name is not None:
        page.select_option("#rule-name", name)
    for field, text in fields.items():
        page.fill(f"#rule-{field}", text)
    page.click("#alert-save")
    page.wait_for_selector("#alert-overview")


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_every_kind_is_kept_as_the_server_has_it_changed_and_removed(
    start_server, room, join, open_page
):
    server = start_server(alert_targets=TARGETS)
    device = join(server, "porch")
    device.hello(units={"temperature": "°C"})
    device.read(temperature=20, door=True, state="fine", count=5)
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    page.click(f"{card('porch')} .alert-button")
    add(page, "below", name="temperature", limit="-1.5", hysteresis="0.5")
    add(page, "equal", name="door", limit="off")
    add(page, "equal", name="state", limit="5")
    add(page, "equal", name="count", limit="6")
    add(page, "silent", device="*", name="", minutes="10080")
    page.click("#alert-add")
    page.check("#rule-targets >> text=phone")
    quiet = {"from": "22:00", "to": "07:30"}
    change(page, "offline", minutes="1", text=" Look at its plug ", **quiet)
    page.wait_for_selector("#alert-rules li >> nth=5")
    offset = page.evaluate(OFFSET)
    found = rules_of(server, room)
    ids = [rule.pop("id") for rule in found]
    assert len(set(ids)) == 6
    below = {"device": "porch", "name": "temperature", "kind": "below", "limit": -1.5}
    assert found == [
        {**below, "hysteresis": 0.5},
        {"device": "porch", "name": "door", "kind": "equal", "limit": False},
        {"device": "porch", "name": "state", "kind": "equal", "limit": "5"},
        {"device": "porch", "name": "count", "kind": "equal", "limit": 6},
        {"device": "*", "kind": "silent", "minutes": 10080},
        {
            "device": "porch",
            "kind": "offline",
            "minutes": 1,
            "quiet": {"from": 1320, "to": 450, "offset": offset},
            "targets": ["phone"],
            "text": "Look at its plug",
        },
    ]
    said = page.locator("#alert-rules bdi").all_text_contents()
    assert said == [
        "porch: temperature below -1.5\u00a0°C",
        "porch: door equal to off",
        "porch: state equal to 5",
        "porch: count equal to 6",
        "Every device: no value for 7 days",
        "porch: offline for 60 s",
    ]
    words = "“Look at its plug” · tells phone · quiet 22:00 to 07:30"
    page.wait_for_selector(f"#alert-rules >> text={words}")
    # It is in the form as it was set, and only what is changed changes.
    page.click("#alert-rules li:last-child button")
    assert page.input_value("#rule-from") == "22:00" and page.is_checked("#rule-targets input")
    page.select_option("#rule-pause", label="for a day")
    change(page, "offline", minutes="7")
    page.wait_for_selector("#alert-rules >> text=/paused until/")
    changed = rules_of(server, room)[-1]
    assert changed.pop("paused_until") - state_of(server, room)["at"] <= 86_400_000
    assert changed == {**found[-1], "id": ids[-1], "minutes": 7}
    page.click("#alert-rules li:first-child button >> text=Remove")
    page.wait_for_function("() => document.querySelectorAll('#alert-rules li').length === 5")
    assert [rule["id"] for rule in rules_of(server, room)] == ids[1:]


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_targets_are_told_by_name_with_how_they_are_and_never_their_address(
    start_server, room, join, open_page
):
    server = start_server(alert_targets=TARGETS)
    porch = join(server, "porch")
    porch.read(lux=1)
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    page.click("#alerts-button")
    page.wait_for_selector(f"#alert-targets >> text=phone (ntfy) · {HOSTILE} (webhook)")
    page.click("#alert-add")
    page.check(f"#rule-targets >> text={HOSTILE}")
    change(page, "above", device="porch", name="lux", limit="5")
    page.wait_for_selector(f"#alert-rules >> text=tells {HOSTILE}")
    porch.read(lux=6)
    page.wait_for_selector("#alert-targets >> text=/webhook.: 1 waiting, .+/")
    told = page.inner_text("#alert-targets") + json.dumps(state_of(server, room))
    assert "hidden" not in told and "127.0.0.1" not in told
    assert page.locator("dialog img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_what_is_no_rule_is_said_and_the_form_stays(server, porch, open_page):
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    page.click(f"{card('porch')} .alert-button")
    page.click("#alert-add")
    for kind, fields, words in (
        ("above", {"limit": ""}, "Give the limit as a number."),
        ("above", {"limit": "1", "hysteresis": "-1"}, "Give how far it comes back as a number."),
        ("equal", {"limit": "maybe"}, "Give on or off."),
        ("silent", {"minutes": "1.5"}, "Give whole minutes, from 1 to 10,080."),
        ("offline", {"minutes": "10081"}, "Give whole minutes, from 1 to 10,080."),
        ("offline", {"minutes": "5", "from": "22:00"}, "Give two times for the quiet hours"),
    ):
        page.select_option("#rule-kind", kind)
        if kind == "equal":
            page.select_option("#rule-name", "door")
        for field, text in fields.items():
            page.fill(f"#rule-{field}", text)
        page.click("#alert-save")
        page.wait_for_selector(f"#alert-problem >> text={words}")
        assert page.is_visible("#alert-form")
    page.click("#alert-back")
    page.wait_for_selector("#alert-none:not([hidden])")
    assert page.inner_text("#alert-problem") == ""


def test_two_pages_that_set_alerts_at_once_lose_nothing(server, room, porch, open_page):
    page, other = open_page(server), open_page(server)
    for each, limit in ((page, "30"), (other, "40")):
        each.wait_for_selector(card("porch"))
        each.click(f"{card('porch')} .alert-button")
        each.click("#alert-add")
        each.select_option("#rule-name", "temperature")
        each.fill("#rule-limit", limit)
    be_late(other, "alerts")
    page.click("#alert-save")
    page.wait_for_selector("#alert-rules >> text=above 30 °C")
    other.click("#alert-save")
    for each in (page, other):
        each.wait_for_selector("#alert-rules >> text=above 30 °C")
        each.wait_for_selector("#alert-rules >> text=above 40 °C")
    assert [rule["limit"] for rule in rules_of(server, room)] == [30, 40]


@pytest.mark.expects_refusals
def test_what_was_not_kept_is_said_and_the_form_stays(own_server, join, open_page):
    join(own_server, "porch").read(lux=1)
    page = open_page(own_server)
    page.wait_for_selector(card("porch"))
    page.click(f"{card('porch')} .alert-button")
    page.click("#alert-add")
    page.fill("#rule-limit", "5")
    own_server.kill()
    page.wait_for_selector("#gone:not([hidden])")
    page.click("#alert-save")
    page.wait_for_selector("#alert-problem >> text=It was not kept: not connected")
    assert page.input_value("#rule-limit") == "5"


def test_rules_of_others_are_text_whatever_is_in_them(server, porch, join, open_page, axe):
    porch.send(
        type="alerts",
        version=0,
        rules=[
            {"id": HOSTILE, "device": HOSTILE, "kind": "offline", "text": HOSTILE},
            {"id": "2", "device": "porch", "name": HOSTILE, "kind": "equal", "limit": TURNED},
            {"id": "3", "device": "*", "name": "state", "kind": "equal", "limit": "fine"},
        ],
    )
    porch.read(state="fine", **{HOSTILE: TURNED})
    page = open_page(server, width=360, height=740)
    page.wait_for_selector("#alerts-count >> text=2")
    page.click("#alerts-button")
    page.wait_for_selector(f"#alert-rules >> text={HOSTILE}: offline for 5 min")
    for number in (1, 2, 3):
        page.click(f"#alert-rules li:nth-child({number}) button")
        page.wait_for_selector("#alert-form")
        assert overflow(page) <= 0
        page.click("#alert-back")
    assert judge(page, axe) == {}
    assert page.locator("dialog img, #alerts img").count() == 0
    assert TURNED[0] not in page.inner_text("body")
    assert page.evaluate("window.hacked") is None
