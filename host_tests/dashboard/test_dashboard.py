"""What somebody sees who opens the dashboard, on the real server."""

import json

import pytest

LONG = "an_unbroken_name_that_is_as_long_as_the_server_lets_any_name_be_"
HOSTILE = '<img src=x onerror="window.hacked=1">'


def card(device):
    return f"article.device[data-device={json.dumps(device)}]"


def value(device, name, text=None):
    row = f"{card(device)} .value[data-name={json.dumps(name)}] .reading"
    return row if text is None else f"{row} >> text=/^{text}$/"


def names(page):
    return page.locator(".device .name").all_text_contents()


def overflow(page):
    """How many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_empty_room_says_how_to_add_a_device(server, open_page):
    page = open_page(server, "?room=attic")
    page.wait_for_selector("#empty >> text=No device here yet")
    assert f'PartySocket("127.0.0.1:{server.port}", "attic"' in page.text_content("#example")
    assert page.title() == "attic · room"


def test_snapshot_shows_a_card_for_each_device_in_alphabetical_order(server, join, open_page):
    for name in ("sensor10", "attic", "sensor2"):
        join(server, name).read(temperature=21.5, fan=True, state="fine")
    page = open_page(server)
    page.wait_for_selector(value("sensor10", "state", "fine"))
    assert names(page) == ["attic", "sensor2", "sensor10"]
    assert page.inner_text(value("attic", "temperature")) == "21.5"
    assert page.inner_text(value("attic", "fan")) == "on"
    page.wait_for_selector("#summary >> text=3 of 3 online")


def test_a_reading_updates_the_value_and_the_chart(server, join, open_page):
    device = join(server, "porch")
    device.read(lux=12345.678)
    page = open_page(server)
    page.wait_for_selector(value("porch", "lux", "12,346"))
    assert page.locator(".uplot").count() == 0  # one point is no chart
    device.read(lux=0.25, door=False)
    page.wait_for_selector(value("porch", "lux", "0.25"))
    page.wait_for_selector(value("porch", "door", "off"))
    page.wait_for_selector(f"{card('porch')} .uplot canvas")


def test_the_cursor_tells_the_value_under_it(server, join, open_page):
    device = join(server, "porch")
    for number in (20, 20, 20):
        device.read(lux=number)
    page = open_page(server)
    page.hover(f"{card('porch')} .u-over")
    page.wait_for_selector(".tip >> text=/^20 · /")


def test_a_device_that_leaves_is_offline_and_one_card_after_it_returned(server, join, open_page):
    device = join(server, "porch")
    device.read(lux=1)
    page = open_page(server)
    page.wait_for_selector(f"{card('porch')} .presence >> text=online")
    device.leave()
    page.wait_for_selector(f"{card('porch')} .presence >> text=offline")
    assert page.inner_text(f"{card('porch')} .seen").startswith("last seen")
    assert page.is_disabled(f"{card('porch')} button")
    join(server, "porch").read(lux=2)
    page.wait_for_selector(value("porch", "lux", "2"))
    page.wait_for_selector(f"{card('porch')} .presence >> text=online")
    assert names(page) == ["porch"]
    assert page.is_enabled(f"{card('porch')} button")


@pytest.mark.parametrize(
    "typed, sent",
    [("500", 500), ("true", True), ("null", None), ('"5"', "5"), ("blue", "blue"), ("", "")],
)
def test_a_command_reaches_its_device_and_the_result_is_shown(
    server, join, open_page, typed, sent
):
    device = join(server, "porch")
    join(server, "attic")
    page = open_page(server)
    page.fill(f"{card('porch')} .command-name", "colour")
    page.fill(f"{card('porch')} .command-value", typed)
    page.click(f"{card('porch')} button")
    page.wait_for_selector(f"{card('porch')} .answer >> text=colour: waiting…")
    command = device.command()
    assert (command["name"], command["value"]) == ("colour", sent)
    device.send(type="result", name="colour", ok=True, value="done")
    page.wait_for_selector(f"{card('porch')} .answer[data-state=ok] >> text=colour: ok, done")
    assert page.inner_text(f"{card('attic')} .answer") == ""
    assert page.locator("#command-names option[value=colour]").count() == 1


def test_a_failed_command_shows_the_devices_words(server, join, open_page):
    device = join(server, "porch")
    page = open_page(server)
    page.fill(f"{card('porch')} .command-name", "dance")
    page.press(f"{card('porch')} .command-value", "Enter")
    device.command()
    device.send(type="result", name="dance", ok=False, error="no legs")
    page.wait_for_selector(f"{card('porch')} .answer[data-state=error] >> text=dance: no legs")


def test_no_answer_is_said_after_ten_seconds(server, join, new_page):
    join(server, "porch")
    page = new_page()
    page.clock.install()
    page.goto(server.url)
    page.clock.run_for(100)
    page.wait_for_selector("#status[data-state=open]")
    page.fill(f"{card('porch')} .command-name", "dance")
    page.click(f"{card('porch')} button")
    page.wait_for_selector(f"{card('porch')} .answer[data-state=waiting]")
    page.clock.run_for(10_000)
    page.wait_for_selector(f"{card('porch')} .answer >> text=dance: no answer after 10 s")


def test_an_error_of_the_server_is_a_notice_until_dismissed(server, join, open_page):
    join(server, "porch")
    page = open_page(server)
    deep = "[" * 20 + "]" * 20  # more than the server lets through
    page.fill(f"{card('porch')} .command-name", "colour")
    page.fill(f"{card('porch')} .command-value", deep)
    page.click(f"{card('porch')} button")
    page.wait_for_selector(".notice >> text=nested")
    page.click(".notice button")
    page.wait_for_selector(".notice", state="detached")


def test_messages_of_other_kinds_are_counted_and_change_nothing(server, join, open_page):
    device = join(server, "porch")
    device.read(lux=1)
    page = open_page(server)
    page.wait_for_selector(value("porch", "lux", "1"))
    for data in ("hello", '{"chat": "hello"}', "[1]", b"\x00\xff"):
        device.send_as_it_is(data)
    page.wait_for_selector("#ignored >> text=ignored: 4")
    assert names(page) == ["porch"]


@pytest.mark.expects_errors  # the browser logs each connection that is refused
def test_an_untouched_page_recovers_when_the_server_is_killed(
    start_server, join, open_page, tmp_path
):
    server = start_server("--db", str(tmp_path / "rooms.db"))
    join(server, "porch").read(lux=7, note="kept")
    page = open_page(server)
    page.evaluate("window.untouched = true")
    page.wait_for_selector(value("porch", "note", "kept"))
    page.fill(f"{card('porch')} .command-name", "half-typ")
    server.kill()
    page.wait_for_selector("#status[data-state=closed]")
    assert page.is_disabled(f"{card('porch')} button")
    server.start()
    page.wait_for_selector("#status[data-state=open]")
    page.wait_for_selector(f"{card('porch')} .presence >> text=offline")
    assert page.inner_text(value("porch", "lux")) == "7"
    join(server, "porch").read(lux=8)
    page.wait_for_selector(value("porch", "lux", "8"))
    assert page.evaluate("window.untouched") is True
    assert page.input_value(f"{card('porch')} .command-name") == "half-typ"
    assert names(page) == ["porch"]


@pytest.mark.expects_errors
def test_what_a_restarted_server_has_forgotten_is_gone(server, join, open_page):
    join(server, "porch").read(lux=7)
    page = open_page(server)
    page.wait_for_selector(value("porch", "lux", "7"))
    server.restart()
    page.wait_for_selector(card("porch"), state="detached")
    page.wait_for_selector("#empty:not([hidden])")


def test_hostile_names_and_values_are_text(server, join, open_page):
    device = join(server, HOSTILE)
    values = {HOSTILE: HOSTILE, "__proto__": 1, "constructor": "x", 'a"]b\\': True}
    device.read(**values)
    page = open_page(server, "?room=home&party=main")
    page.wait_for_selector(f".device .value .reading >> text={HOSTILE}")
    device.read(**values)
    device.send(type="result", name=HOSTILE, ok=False, error=HOSTILE)
    page.wait_for_selector(f".answer >> text={HOSTILE}: {HOSTILE}")
    assert names(page) == [HOSTILE]
    assert sorted(page.locator(".value .label").all_text_contents()) == sorted(values)
    assert page.locator("#devices img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_hostile_room_name_is_text_and_one_room(server, join, open_page):
    device = join(server, "porch", room="%3Cb%3E%2Fx%23")
    device.read(lux=3)
    page = open_page(server, "?room=%3Cb%3E%2Fx%23")
    page.wait_for_selector(value("porch", "lux", "3"))
    assert page.inner_text("#room") == "<b>/x#"


@pytest.mark.parametrize("width", [320, 360, 1440])
def test_nothing_is_wider_than_the_window(server, join, open_page, width):
    for name in (LONG, HOSTILE, "porch"):
        device = join(server, name)
        for number in (1e300, -123456789.123, 4.9e-324, 2**53):
            device.read(**{LONG: number, "text": "x" * 256, "flag": True, "n": number})
        device.send(type="result", name=LONG, ok=False, error="y" * 256)
    page = open_page(server, width=width, height=800)
    page.wait_for_selector(value("porch", "text"))
    page.wait_for_selector(".uplot")
    page.fill(f"{card('porch')} .command-value", "[" * 20 + "]" * 20)
    page.fill(f"{card('porch')} .command-name", LONG)
    page.click(f"{card('porch')} button")
    page.wait_for_selector(".notice")
    assert overflow(page) <= 0
    page.goto(f"{server.url}/?room={LONG}")
    page.wait_for_selector("#empty:not([hidden])")
    assert overflow(page) <= 0


def test_thousands_of_readings_at_once_end_with_the_last(start_server, join, open_page):
    server = start_server("--rate", "100000")
    device = join(server, "porch")
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    for number in range(3001):
        device.read(count=number)
    page.wait_for_selector(value("porch", "count", "3,000"))


@pytest.mark.expects_errors  # the browser logs each 401
def test_the_token_is_asked_for_and_kept_out_of_the_address(start_server, join, new_page):
    server = start_server("--token", "open-sesame")
    page = new_page(width=320, height=640)
    page.goto(server.url)
    page.wait_for_selector("#token-form:not([hidden])")
    assert page.inner_text("#status") == "token needed"
    assert overflow(page) <= 0
    page.fill("#token", "falsch: schlüssel")
    page.click("#token-form button")
    page.wait_for_selector("#token-problem >> text=The server does not know this token.")
    page.fill("#token", "open-sesame")
    page.click("#token-form button")
    page.wait_for_selector("#status[data-state=open]")
    assert page.is_hidden("#token-form")
    page.reload()  # sessionStorage has it
    page.wait_for_selector("#status[data-state=open]")


def test_a_token_in_the_address_is_taken_out_of_it(start_server, open_page):
    server = start_server("--token", "open-sesame")
    page = open_page(server, "?room=attic&token=open-sesame")
    assert page.url == f"{server.url}/?room=attic"


@pytest.mark.expects_errors
def test_a_server_that_comes_back_with_a_token_makes_the_page_ask(start_server, open_page):
    server = start_server()
    page = open_page(server)
    server.args = ["--token", "open-sesame"]
    server.restart()
    page.wait_for_selector("#token-form:not([hidden])")
    page.fill("#token", "open-sesame")
    page.click("#token-form button")
    page.wait_for_selector("#status[data-state=open]")


@pytest.mark.expects_errors  # the browser logs the 400
def test_a_party_that_does_not_exist_is_said(server, new_page):
    page = new_page()
    page.goto(f"{server.url}/?party=nobody")
    page.wait_for_selector(".notice >> text=The server refuses this room: Invalid request")


def test_light_and_dark_follow_the_system_while_the_page_is_open(server, join, open_page):
    device = join(server, "porch")
    device.read(lux=1)
    device.read(lux=2)
    page = open_page(server, color_scheme="light")
    page.wait_for_selector(".uplot")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{colour} !== {json.dumps(light)}")


def test_every_field_and_button_has_a_name(server, join, open_page):
    join(server, "porch")
    page = open_page(server)
    page.wait_for_selector(card("porch"))
    nameless = """[...document.querySelectorAll("input, button")].filter((element) =>
        !element.ariaLabel && !element.labels?.length && !element.textContent.trim()).length"""
    assert page.evaluate(nameless) == 0
    assert page.locator("[aria-live], [role=status], [role=alert], output").count() == 1
