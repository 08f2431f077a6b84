"""The chart with several values: live, paused and zoomed; and its table."""

import re
from collections import defaultdict

import pytest

from rooms.contract.servers import KINDS

from .log import HOUR, now
from .looking import (
    choose,
    overflow,
    points,
    shown,
    tile,
    value,
    wait_length,
    wait_points,
    wait_view,
)

# Note [text, x] of all texts in the chart. It clears its canvas before it draws.
NOTE_TEXTS = """const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        window.texts = []; clearRect.apply(this, box); };
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        window.texts.push([text, x]); fillText.call(this, text, x, y); };"""


@pytest.fixture
def pair(server, join):
    """Two devices with a history."""
    devices = [join(server, name) for name in ("attic", "porch")]
    for device in devices:
        device.hello(units={"temperature": "°C", "humidity": "%"})
        for number in range(10):
            device.read(temperature=20 + number, humidity=60 - number, door=True)
    return devices


@pytest.fixture
def page(server, pair, open_page):
    page = open_page(server)
    page.wait_for_selector(value("porch", "temperature", "29 °C"))
    wait_points(page, 2)
    return page


def chips(page):
    return page.locator("#chips .chip-name").all_text_contents()


def drag(page, start, end):
    """Drag over the plot, from one part of its width to another."""
    box = page.locator("#plot .u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    page.mouse.up()


def test_one_value_of_all_devices_is_there_from_the_start_and_grows_as_readings_come(page, pair):
    assert chips(page) == ["attic", "porch"]
    assert page.inner_text("#chart-title") == "Humidity"
    assert page.locator(".spark[aria-pressed=true]").count() == 2
    # The table has the same data as the chart.
    page.click("#chart-table summary")
    page.wait_for_selector("#chart-rows tr:nth-child(2)")
    row = page.locator("#chart-rows tr").first.locator("th, td").all_text_contents()
    row = [text.replace("\u00a0", " ") for text in row]
    assert row == ["attic · humidity", "51 %", "51 %", "60 %", "55.5 %", "10"]
    before = points(page)
    pair[0].read(humidity=40)
    wait_points(page, before + 1)
    page.wait_for_selector("#chips .chip-value >> text=40 %")
    page.wait_for_selector("#chart-rows tr:first-child td >> text=40 %")


def test_values_are_chosen_by_their_line_and_by_the_list_and_are_kept(page, server):
    page.click(f"{tile('attic', 'humidity')} .spark")
    page.click(f"{tile('attic', 'temperature')} .spark")
    page.wait_for_function("() => document.querySelectorAll('#plot .u-axis').length === 3")
    assert sorted(chips(page)) == ["attic · temperature", "porch · humidity"]
    page.focus("#add-series")
    page.select_option("#add-series", '["porch","temperature"]')
    page.wait_for_selector("#chips li:nth-child(3)")
    page.reload()
    page.wait_for_selector("#chips li:nth-child(3)")
    for _ in range(3):
        page.click("#chips li:first-child button")
    page.wait_for_selector("#chart-empty:not([hidden])")
    # An empty chart is a choice, too.
    page.reload()
    page.wait_for_selector("#chart-empty:not([hidden])")
    assert page.locator("#chips li").count() == 0


def test_no_more_values_than_colours(server, join, open_page):
    device = join(server, "porch")
    device.read(**{f"v{i}": i for i in range(9)})
    page = open_page(server)
    page.wait_for_selector("#chips li")
    for i in range(1, 8):
        page.click(f"{tile('porch', f'v{i}')} .spark")
    page.wait_for_selector("#chips li:nth-child(8)")
    page.click(f"{tile('porch', 'v8')} .spark")
    page.wait_for_selector(".notice >> text=The chart is full")


def test_pause_holds_the_picture_and_goes_on_where_time_is(page, pair):
    page.click("#pause")
    wait_view(page, "paused")
    assert page.get_attribute("#pause", "aria-pressed") == "true"
    held, drawn = shown(page), points(page)
    page.evaluate(
        """() => new MutationObserver(() => { window.isDrawn = true; }).observe(
            document.getElementById("plot"), { attributeFilter: ["data-points"] })"""
    )
    pair[0].read(humidity=1)
    page.wait_for_function("() => window.isDrawn")
    assert (shown(page), points(page)) == (held, drawn)
    page.click("#pause")
    wait_view(page, "live")
    wait_points(page, drawn + 1)
    assert shown(page)[1] > held[1]


def length_changes(page, act, is_shorter):
    """Do `act`, and wait until the range shown is shorter or longer."""
    start, end = shown(page)
    act()
    sign = "<" if is_shorter else ">"
    page.wait_for_function(
        "(length) => { const { from, to } = document.getElementById('plot').dataset;"
        f" return to - from {sign} length; }}",
        arg=end - start,
    )


def checked(page):
    """The chosen range, or None."""
    return page.evaluate(
        "document.querySelector('#ranges :checked')?.parentElement.innerText ?? null"
    )


def test_a_drag_zooms_and_back_goes_back_one_by_one(page):
    length_changes(page, lambda: drag(page, 0.25, 0.75), True)
    wait_view(page, "zoomed")
    assert checked(page) is None
    first = shown(page)
    length_changes(page, lambda: drag(page, 0.25, 0.75), True)
    page.click("#back")
    page.wait_for_function(f"() => document.getElementById('plot').dataset.from === '{first[0]}'")
    assert shown(page) == first
    page.click("#back")
    wait_view(page, "live")
    assert page.is_hidden("#back")
    drag(page, 0.25, 0.75)
    wait_view(page, "zoomed")
    page.focus("#plot")
    page.keyboard.press("Escape")
    wait_view(page, "live")
    assert checked(page) == "1 h"
    # The cursor shows the values under it.
    page.hover("#plot .u-over")
    time = r"/^\d\d:\d\d:\d\d [AP]M$/"
    page.wait_for_function(f"() => document.getElementById('cursor-time').innerText.match({time})")


def test_the_range_is_chosen_by_keys_and_kept_for_the_room(page):
    page.focus("#ranges :checked")
    for text in ("24 h", "7 d", "30 d", "1 y", "1 h", "24 h"):
        page.keyboard.press("ArrowRight")
        assert checked(page) == text
        wait_view(page, "live")
    page.reload()
    wait_points(page, 2)
    assert checked(page) == "24 h"
    # There is no more than that, so it fills the width.
    page.wait_for_selector("#chart-word >> text=/^There are readings since [0-9:]+ [AP]M$/")
    start, end = shown(page)
    assert end - start < HOUR


def test_the_wheel_zooms_a_chart_in_use_and_else_scrolls_the_page(page):
    page.set_viewport_size({"width": 1440, "height": 500})
    page.hover("#plot .u-over")
    page.mouse.wheel(0, 120)
    page.wait_for_function("() => scrollY > 0")
    assert page.get_attribute("#plot", "data-view") == "live"
    page.mouse.wheel(0, -2000)
    page.wait_for_function("() => scrollY === 0")
    page.click("#plot .u-over")
    page.focus("#plot")
    length_changes(page, lambda: page.mouse.wheel(0, -120), True)
    length_changes(page, lambda: page.mouse.wheel(0, 120), False)
    page.dblclick("#plot .u-over")
    wait_view(page, "live")


def test_two_fingers_zoom(server, pair, open_page):
    page = open_page(server, width=360, height=700, has_touch=True)
    page.locator("#plot").scroll_into_view_if_needed()
    wait_points(page, 2)
    box = page.locator("#plot .u-over").bounding_box()
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(type, *apart):
        places = [middle + side * each for each in apart for side in (-1, 1)]
        points = [{"x": x, "y": y, "id": i} for i, x in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": type, "touchPoints": points})

    def pinch():
        fingers("touchStart", 20)
        for apart in (30, 45, 60):
            fingers("touchMove", apart)
        fingers("touchEnd")

    length_changes(page, pinch, True)
    wait_view(page, "zoomed")


def test_the_keys_zoom_move_and_read_point_by_point(page):
    page.focus("#plot")
    length_changes(page, lambda: page.keyboard.press("+"), True)
    wait_view(page, "zoomed")
    before = shown(page)
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function(
        "(from) => Number(document.getElementById('plot').dataset.from) < from", arg=before[0]
    )
    page.keyboard.press("0")
    wait_view(page, "live")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#cursor-said >> text=attic 51 %, porch 51 %", state="attached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "() => !document.getElementById('cursor-said').textContent.includes('porch 51 %')"
    )
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#cursor-said >> text=attic 51 %, porch 51 %", state="attached")


def test_a_stored_choice_of_nonsense_is_no_choice(server, room, pair, new_page):
    page = new_page()
    choose(page, room, [1, None, {"device": 5}, {"device": "gone", "name": "lux"}])
    page.goto(f"{server.url}/?room={room}")
    page.wait_for_selector("#chips >> text=gone")
    assert overflow(page) <= 0


# Each means something to JavaScript or to uPlot.
NAMES = ["x", "y0", "constructor", "toString", "valueOf", "__proto__", "hasOwnProperty", "auto"]


@pytest.mark.parametrize("kind", KINDS, scope="module")
@pytest.mark.parametrize("units", [{}, dict(zip(NAMES, NAMES[::-1], strict=True))])
def test_a_value_may_have_any_name_or_unit(server, room, join, new_page, units):
    device = join(server, "__proto__")
    device.hello(units=units)
    device.read(**dict.fromkeys(NAMES, 5))
    page = new_page()
    page.add_init_script(NOTE_TEXTS)
    choose(page, room, [{"device": "__proto__", "name": name} for name in NAMES])
    page.goto(f"{server.url}/?room={room}")
    wait_points(page, len(NAMES))
    device.read(**dict.fromkeys(NAMES, 6))
    wait_points(page, 2 * len(NAMES))
    assert chips(page) == [f"__proto__ · {name}" for name in NAMES]
    numbers, times = labels(page)
    # Two axes of values, and one of time.
    assert len(numbers) > 4
    assert times and all(":" in label for label in times)


def labels(page):
    """The labels at the axes: (of the values, of the times). The lines of a time are one label."""
    numbers, times = [], defaultdict(list)
    for text, x in page.evaluate("window.texts"):
        if re.fullmatch(r"-?[0-9.,]+", text):
            numbers.append(text)
        else:
            times[x].append(text)
    return numbers, [" ".join(lines) for lines in times.values()]


@pytest.mark.parametrize("width", [360, 1440])
def test_no_two_labels_are_alike_for_a_constant_value_over_days(
    server, room, join, new_page, width
):
    device = join(server, "porch")
    end = now()
    for hours in range(7 * 24, -1, -6):
        device.send(type="reading", at=end - hours * HOUR, values={"temperature": 5})
    page = new_page(width=width)
    page.add_init_script(NOTE_TEXTS)
    page.goto(f"{server.url}/?room={room}")
    # Each six hours: the range with about a hundred of them.
    page.wait_for_selector("#ranges [value='2592000000']:checked")
    for text, length in (("24 h", 24 * HOUR), ("7 d", 7 * 24 * HOUR)):
        page.click(f"#ranges >> text={text}")
        wait_length(page, length)
        numbers, times = labels(page)
        assert len(set(numbers)) == len(numbers) > 2
        assert len(set(times)) == len(times) > 1
