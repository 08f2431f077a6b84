"""What the cards show. The test plays the devices."""

import json
import shutil

import pytest

from rooms.clients import post
from rooms.contract.servers import KINDS

from .judging import judge
from .looking import (
    HOSTILE,
    LONG,
    RENDER_ALL,
    TURNED,
    card,
    control,
    names,
    overflow,
    tile,
    value,
)

# Where it matters what the server sends.
both_servers = pytest.mark.parametrize("kind", KINDS, scope="module")


@both_servers
def test_a_snapshot_shows_a_card_for_each_device_in_alphabetical_order(server, join, open_page):
    for name in ("sensor10", "attic", "sensor2"):
        join(server, name).read(temperature=21.5, fan=True, state="fine")
    page = open_page(server)
    page.wait_for_selector(value("sensor10", "state", "fine"))
    assert names(page) == ["attic", "sensor2", "sensor10"]
    assert page.inner_text(value("attic", "temperature")).strip() == "21.5"
    assert page.inner_text(value("attic", "fan")).strip() == "on"
    page.wait_for_selector("#summary >> text=3 of 3 online")


@both_servers
def test_a_hello_gives_name_units_and_vitals_until_the_next_one(server, join, open_page):
    device = join(server, "porch")
    led = [{"name": "led", "type": "switch"}]
    device.hello(name="The porch", units={"temperature": "°C"}, controls=led)
    device.read(temperature=21.5, soil_moisture=4, led=True)
    device.read(rssi=-60, free_memory=57344, reconnects=1)
    page = open_page(server)
    page.wait_for_selector(value("porch", "temperature", "21.5 °C"))
    page.wait_for_selector(f"{control('porch', 'led')} [aria-checked=true]")
    assert names(page) == ["The porch"]
    assert page.inner_text(f"{card('porch')} .identity") == "porch"
    assert page.inner_text(f"{card('porch')} .signal") == "-60 dBm"
    assert page.get_attribute(f"{card('porch')} .signal", "data-bars") == "3"
    assert page.inner_text(f"{card('porch')} .vitals") == "56 KiB free · 1 reconnect"
    assert page.locator(f"{card('porch')} .value").count() == 2
    assert page.inner_text(f"{tile('porch', 'soil_moisture')} .label") == "soil moisture"
    device.hello(units={"lux": "lx"})
    page.wait_for_selector(value("porch", "led", "on"))
    assert page.locator(f"{card('porch')} .control").count() == 0
    assert names(page) == ["porch"]
    device.read(lux=3)
    page.wait_for_selector(value("porch", "lux", "3 lx"))


@both_servers
def test_a_reading_updates_the_value_and_its_line_and_other_messages_are_counted(
    server, join, open_page
):
    device = join(server, "porch")
    device.read(lux=12345.678)
    page = open_page(server)
    page.wait_for_selector(value("porch", "lux", "12,346"))
    canvas = f"{tile('porch', 'lux')} canvas"
    is_blank = """(selector) => { const canvas = document.querySelector(selector);
        return !canvas.width || !canvas.getContext("2d").getImageData(0, 0, canvas.width,
            canvas.height).data.some((byte) => byte > 0); }"""
    # One point makes no line.
    assert page.evaluate(is_blank, canvas)
    device.read(lux=0.25, door=False)
    page.wait_for_selector(value("porch", "lux", "0.25"))
    page.wait_for_selector(value("porch", "door", "off"))
    page.wait_for_function(f"(selector) => !({is_blank})(selector)", arg=canvas)
    for data in ("hello", '{"chat": "hello"}', "[1]", b"\x00\xff"):
        device.send_as_it_is(data)
    page.wait_for_selector("#ignored >> text=ignored: 4")
    assert names(page) == ["porch"]


@both_servers
def test_a_device_tells_its_age_leaves_and_is_one_card_after_it_returned(
    server, room, join, new_page
):
    device = join(server, "porch")
    device.read(lux=1, door=True)
    page = new_page()
    page.clock.install()
    page.goto(f"{server.url}/?room={room}")
    page.clock.run_for(1000)
    page.wait_for_selector(value("porch", "lux", "1"))
    page.wait_for_selector(f"{card('porch')}[data-old=false] .presence >> text=online")
    page.clock.run_for(61_000)
    page.wait_for_selector(f"{card('porch')}[data-old=true] .seen >> text=1 min ago")
    # The card says it for all values.
    assert page.inner_text(f"{tile('porch', 'door')} .note") == ""
    page.clock.resume()
    device.leave()
    page.wait_for_selector(f"{card('porch')}[data-old=true] .presence >> text=offline")
    assert page.inner_text(f"{card('porch')} .seen").startswith("last seen")
    assert page.is_disabled(f"{card('porch')} .command button")
    join(server, "porch").read(lux=2)
    page.wait_for_selector(value("porch", "lux", "2"))
    page.wait_for_selector(f"{card('porch')} .presence >> text=online")
    assert names(page) == ["porch"]
    assert page.is_enabled(f"{card('porch')} .command button")


@both_servers
def test_a_device_that_only_posts_is_not_offline(server, room, join, new_page):
    post(server, room, "meter", energy=7)
    away = join(server, "porch")
    away.hello(name="The porch")
    away.leave()
    page = new_page()
    page.clock.install()
    page.goto(f"{server.url}/?room={room}")
    page.clock.run_for(1000)
    page.wait_for_selector("#summary >> text=/^0 of 1 online$/")
    seen = f"{card('meter')}[data-old=false] .seen"
    page.wait_for_selector(f"{seen} >> text=/^last reading just now$/")
    assert page.is_hidden(f"{card('meter')} .presence")
    # The device could not get a command.
    assert page.is_hidden(f"{card('meter')} .more summary")
    assert page.inner_text(f"{card('porch')} .presence") == "offline"
    page.clock.run_for(7000)
    page.wait_for_selector(f"{seen} >> text=/^last reading [0-9] s ago$/")
    post(server, room, "meter", energy=8)
    page.clock.run_for(1000)
    page.wait_for_selector(value("meter", "energy", "8"))
    page.clock.run_for(61_000)
    page.wait_for_selector(f"{card('meter')}[data-old=true] .seen >> text=last reading 1 min ago")
    page.clock.resume()
    page.select_option("#filter", "offline")
    page.wait_for_selector("#shown >> text=1 of 2 shown")
    assert names(page) == ["The porch"]
    join(server, "meter")
    page.wait_for_selector("#summary >> text=/^1 of 2 online$/")
    page.select_option("#filter", "all")
    page.wait_for_selector(f"{card('meter')} .presence >> text=online")
    assert page.is_visible(f"{card('meter')} .more summary")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_error_is_shown_as_one_until_it_is_over(server, join, open_page, axe, scheme):
    device = join(server, "porch")
    device.hello(controls=[{"name": "restart", "type": "button"}])
    device.read(error="no DS18B20 answers on GPIO 22", state="fine")
    page = open_page(server, color_scheme=scheme)
    page.wait_for_selector(value("porch", "error", "no DS18B20 answers on GPIO 22"))

    def colour(name):
        return page.evaluate(
            "(selector) => getComputedStyle(document.querySelector(selector)).color",
            f"{tile('porch', name)} .reading",
        )

    assert colour("error") != colour("state")
    page.evaluate(RENDER_ALL)
    assert judge(page, axe) == {}
    # The device is offline now, so its values are old.
    device.leave()
    page.wait_for_selector(f"{card('porch')}[data-old=true]")
    assert judge(page, axe) == {}
    device = join(server, "porch")
    device.read(error="")
    page.wait_for_selector(tile("porch", "error"), state="detached")
    device.read(error=7)
    page.wait_for_selector(f"{tile('porch', 'error')}:not([data-error])")


def test_a_text_that_scrolls_is_reached_by_the_keyboard_and_no_other(server, join, open_page, axe):
    device = join(server, "porch")
    device.read(text="x " * 128, state="fine", lux=1)
    page = open_page(server, width=320, height=640)
    text = f"{tile('porch', 'text')} .reading"
    page.wait_for_selector(f"{text}[tabindex='0'][aria-label=text]")
    page.evaluate(RENDER_ALL)
    assert judge(page, axe) == {}
    assert page.locator(".reading[tabindex]").count() == 1
    page.focus(text)
    page.keyboard.press("End")
    page.wait_for_function("(e) => document.querySelector(e).scrollTop > 0", arg=text)
    device.read(text="short")
    page.wait_for_selector(f"{text}:not([tabindex])")
    device.read(text=7)
    page.wait_for_selector(value("porch", "text", "7"))
    page.wait_for_selector(f"{text}:not([tabindex])")


def test_fifty_devices_are_found_sorted_and_filtered(server, join, open_page):
    devices = [join(server, f"sensor-{i}") for i in range(50)]
    for i, device in enumerate(devices):
        device.hello(name=f"Room {i}")
        device.read(temperature=20 + i / 10, door=i % 2 == 0)
    page = open_page(server)
    page.wait_for_selector("#summary >> text=50 of 50 online")
    # The cards are made a few in each frame.
    page.wait_for_selector(card("sensor-49"), state="attached")
    assert names(page) == [f"Room {i}" for i in range(50)]
    for number in range(20):
        for device in devices:
            device.read(temperature=number)
    page.wait_for_function(
        """() => [...document.querySelectorAll(".value[data-name=temperature] .reading bdi")]
            .every((each) => each.textContent.startsWith("19"))"""
    )
    page.fill("#search", "room 4")
    page.wait_for_selector("#shown >> text=11 of 50 shown")
    assert names(page) == ["Room 4", *(f"Room {i}" for i in range(40, 50))]
    # The search also finds the identity.
    page.fill("#search", "sensor-7")
    page.wait_for_selector("#shown >> text=1 of 50 shown")
    page.fill("#search", "")
    devices[30].leave()
    page.select_option("#filter", "offline")
    page.wait_for_selector("#shown >> text=1 of 50 shown")
    assert names(page) == ["Room 30"]
    page.select_option("#filter", "alerts")
    page.click("#show-all")
    page.select_option("#sort", "status")
    page.wait_for_function(
        "() => document.querySelector('.device:not([hidden]) .name').textContent === 'Room 30'"
    )
    assert len(names(page)) == 50
    # Sort and filter are kept.
    page.reload()
    page.wait_for_selector("#summary >> text=49 of 50 online")
    assert names(page)[0] == "Room 30"


@both_servers
@pytest.mark.expects_refusals
def test_what_a_restarted_server_has_forgotten_is_gone(own_server, join, open_page, tmp_path):
    join(own_server, "porch").read(lux=7)
    page = open_page(own_server)
    page.wait_for_selector(value("porch", "lux", "7"))
    own_server.kill()
    # rooms.db, or the folder `storage`.
    for path in tmp_path.glob("server-*/*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    own_server.start()
    page.wait_for_selector(card("porch"), state="detached")
    page.wait_for_selector("#empty:not([hidden])")


@both_servers
def test_hostile_names_and_values_are_text(server, join, open_page):
    room = "%3Cb%3E%2Fx%23"
    device = join(server, HOSTILE, room=room)
    values = {HOSTILE: HOSTILE, "__proto__": 1, "constructor": "x", 'a"]b\\': True}
    slider = {"name": HOSTILE[:30], "type": "slider", "label": HOSTILE, "min": 0, "max": 1}
    device.hello(name=HOSTILE, units={"__proto__": "<b>"}, controls=[slider])
    device.read(**values)
    page = open_page(server, f"?room={room}")
    assert page.inner_text("#room") == "<b>/x#"
    page.wait_for_selector(f".device .value .reading >> text={HOSTILE}")
    device.read(**values)
    device.send(type="result", name=HOSTILE, ok=False, error=HOSTILE)
    page.wait_for_selector(f".answer >> text={HOSTILE}: {HOSTILE}")
    assert names(page) == [HOSTILE]
    tiles = page.locator(".value").evaluate_all("(all) => all.map((each) => each.dataset.name)")
    assert sorted(tiles) == sorted(values)
    page.click(f"{card(HOSTILE)} .alert-button")
    assert HOSTILE in page.inner_text("#alert-title")
    assert page.locator("#room-content img, dialog img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_value_cannot_turn_the_text_around_it(server, join, open_page):
    join(server, "porch").read(note=TURNED)
    page = open_page(server)
    page.wait_for_selector(value("porch", "note"))
    assert page.evaluate(
        r"!/[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText + document.title)"
    )
    assert "gnp.exe" in page.inner_text(value("porch", "note"))


@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_is_wider_than_the_window(server, join, open_page, width):
    types = ("button", "switch", "slider")
    controls = [{"name": type, "type": type, "label": LONG, "min": 0, "max": 1} for type in types]
    for name in (LONG, HOSTILE, "porch"):
        device = join(server, name)
        device.hello(name=LONG, units={LONG: "w" * 16, "slider": "w" * 16}, controls=controls)
        for number in (1e300, -123456789.123, 4.9e-324, 2**53):
            device.read(**{LONG: number, "text": "x" * 256, "flag": True, "slider": number})
        device.send(type="result", name=LONG, ok=False, error="y" * 256)
    page = open_page(server, width=width, height=800)
    page.wait_for_selector(value("porch", "text"))
    page.click("#chart-table summary")
    page.click(f"{card('porch')} .more summary")
    page.fill(f"{card('porch')} .command-value", "[" * 20 + "]" * 20)
    page.fill(f"{card('porch')} .command-name", LONG)
    page.click(f"{card('porch')} .command button")
    page.wait_for_selector(".notice")
    page.evaluate(RENDER_ALL)
    assert overflow(page) <= 0
    for button in ("#room-button", f"{card('porch')} .alert-button"):
        page.click(button)
        dialog = page.locator("dialog[open]")
        assert dialog.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
        if page.is_visible("#alert-add"):
            page.click("#alert-add")
            assert dialog.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
        page.keyboard.press("Escape")
    page.goto(f"{server.url}/?room={LONG}")
    page.wait_for_selector("#empty:not([hidden])")
    assert overflow(page) <= 0


def test_light_and_dark_follow_the_system_or_the_switch(server, open_page):
    page = open_page(server, color_scheme="light")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} !== {json.dumps(light)}")
    dark = page.evaluate(colour)

    def wait(wanted):
        page.wait_for_function(f"() => {colour} === {json.dumps(wanted)}")

    page.click("#theme")
    wait(light)
    # The choice is kept.
    page.reload()
    wait(light)
    page.emulate_media(color_scheme="light")
    page.click("#theme")
    wait(dark)
    # Back to the system's choice.
    page.click("#theme")
    wait(light)


def test_an_inline_style_would_be_noticed(server, open_page, page_errors):
    page = open_page(server)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.wait_for_function("() => document.querySelector('body > p:last-child')")
    assert any(text.startswith("violates style-src") for text in page_errors)
    page_errors.clear()
