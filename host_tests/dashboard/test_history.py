"""The chart's ranges: what the page asks of the server's history, and how it is drawn."""

import pytest

from rooms.contract.servers import KINDS

from .log import EPOCH, HOUR, Log, now
from .looking import choose, points, shown, tile, wait_length, wait_points, wait_view

DAY = 24 * HOUR
MINUTE = 60_000


def year(end):
    """A reading each two hours of a year, and each minute of the last hour: from 15 to 25."""
    times = [*range(end - 365 * DAY, end - HOUR, 2 * HOUR), *range(end - HOUR, end, MINUTE)]
    return [
        (at, {"temperature": 15 + n % 11, "door": n // 100 % 2 == 0}) for n, at in enumerate(times)
    ]


@pytest.fixture
def asked(new_page, room):
    """`asked(server, chosen)` opens the page with these values of porch in the chart. Its
    `questions` are the queries for the history that it has sent.
    """

    def open_page(server, *names, **options):
        page = new_page(**options)
        page.questions = []
        page.on("request", lambda sent: "points=" in sent.url and page.questions.append(sent.url))
        choose(page, room, [{"device": "porch", "name": name} for name in names])
        page.goto(f"{server.url}/?room={room}")
        page.wait_for_selector("#status[data-state=open]")
        return page

    return open_page


def row(page, number, table="chart-rows"):
    cells = page.locator(f"#{table} tr:nth-child({number})").locator("th, td").all_text_contents()
    return [text.replace("\u00a0", " ") for text in cells]


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_a_year_is_seen_in_each_range_in_points_that_fit_and_a_drag_asks_for_finer_ones(
    server, join, asked
):
    log = Log(join(server, "porch", epoch=EPOCH))
    log.device.hello(units={"temperature": "°C"})
    log.many(year(now()))
    page = asked(server, "temperature", "door")
    page.click("#chart-table summary")
    wait_length(page, HOUR)
    assert 59 <= points(page) <= 61
    width = page.locator("#plot").bounding_box()["width"]
    for text, length, least in (("24 h", DAY, 12), ("7 d", 7 * DAY, 83), ("30 d", 30 * DAY, 350)):
        page.click(f"#ranges >> text={text}")
        wait_length(page, length)
        assert least <= points(page) <= width
    page.click("#ranges >> text=1 y")
    wait_length(page, 365 * DAY)
    assert 360 <= points(page) <= width
    # Lowest and highest are those of readings, although each point is a mean.
    assert row(page, 1)[2:4] == ["15 °C", "25 °C"]
    assert int(row(page, 1)[5].replace(",", "")) > 4000
    # Far away: readings two hours apart.
    box = page.locator("#plot .u-over").bounding_box()
    y = box["y"] + 40
    page.mouse.move(box["x"] + box["width"] * 0.40, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.42, y, steps=4)
    page.mouse.up()
    wait_view(page, "zoomed")
    wait_length(page, 365 * DAY * 0.02)
    start, to = shown(page)
    assert abs(points(page) - (to - start) / (2 * HOUR)) <= 2
    assert len(page.questions) < 40
    page.click("#back")
    wait_length(page, 365 * DAY)
    # A move within what was asked for needs no question.
    before = len(page.questions)
    page.click("#ranges >> text=1 h")
    wait_length(page, HOUR)
    assert len(page.questions) == before


def test_bools_and_texts_are_rows_of_bars_with_their_changes_as_a_table(server, join, asked):
    log = Log(join(server, "porch", epoch=EPOCH))
    end = now()
    states = [(5, False, "idle"), (4, True, "idle"), (3, True, "heating"), (2, False, "heating")]
    log.many([(end - hours * HOUR, {"door": door, "mode": mode}) for hours, door, mode in states])
    page = asked(server, "door", "mode")
    page.click("#ranges >> text=24 h")
    page.wait_for_selector("#plot[data-spells='5']")
    # Without numbers it is as high as its rows need.
    assert page.locator("#plot").bounding_box()["height"] < 150
    page.click("#chart-table summary")
    assert page.is_hidden("#chart-rows")
    page.wait_for_selector("#changes-rows tr:nth-child(5)")
    assert row(page, 1, "changes-rows")[:2] == ["porch · door", "off"]
    assert row(page, 2, "changes-rows")[:2] == ["porch · mode", "heating"]
    assert row(page, 2, "changes-rows")[3] == ""
    assert row(page, 5, "changes-rows")[:2] in (["porch · mode", "idle"], ["porch · door", "off"])
    # By keys, change by change.
    page.focus("#plot")
    for said in (
        "door off, porch · mode heating",
        "door on, porch · mode heating",
        "door on, porch · mode idle",
    ):
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector(f"#cursor-said >> text=: porch · {said}", state="attached")
    # As they come.
    log.one(now(), door=True, mode="idle")
    page.wait_for_selector("#plot[data-spells='7']")
    # One that comes late is where it belongs: the server knows what it changes.
    log.many([(end - int(2.5 * HOUR), {"mode": "cooling"})])
    page.wait_for_selector("#changes-rows td >> text=cooling")
    # A number is drawn above.
    page.click(f"{tile('porch', 'door')} .spark")
    page.click(f"{tile('porch', 'mode')} .spark")
    page.wait_for_selector("#chart-empty:not([hidden])")
    page.click(f"{tile('porch', 'door')} .spark")
    page.wait_for_selector("#chips >> text=on")


def test_a_reading_that_comes_late_is_drawn_where_it_belongs(server, join, asked):
    log = Log(join(server, "porch", epoch=EPOCH))
    end = now()
    log.many([(end - 6 * HOUR + MINUTE * i, {"temperature": 20}) for i in range(360)])
    page = asked(server, "temperature")
    page.click("#chart-table summary")
    page.click("#ranges >> text=24 h")
    page.wait_for_selector("#chart-rows td >> text=/^360$/")
    # Before all, which the page's memory of 300 readings does not reach.
    log.many([(end - 7 * HOUR, {"temperature": 40})])
    page.wait_for_selector("#chart-rows td >> text=/^361$/")
    assert row(page, 1)[3] == "40"
    assert abs(shown(page)[0] - (end - 7 * HOUR)) < 5 * MINUTE


@pytest.mark.expects_refusals
def test_what_is_missing_is_said_in_a_word(server, room, join, asked):
    log = Log(join(server, "porch", epoch=EPOCH))
    end = now()
    log.many([(end - 5 * HOUR + MINUTE * i, {"temperature": i}) for i in range(60)])
    page = asked(server, "temperature")
    page.wait_for_selector("#chart-word >> text=/^No readings in this time. They go from .* to /")
    page.route(
        "**/parties/**", lambda route: route.fulfill(status=429, body='{"error": "not so fast"}')
    )
    page.click("#ranges >> text=24 h")
    page.wait_for_selector("#chart-word >> text=There are readings since")
    late = join(server, "porch", epoch=EPOCH)
    late.send(type="reading", at=end - 9 * HOUR, values={"temperature": 5})
    page.wait_for_selector("#chart-word >> text=The history could not be loaded: not so fast")
    # What was there is still drawn.
    assert points(page) >= 60


def test_numbers_and_times_are_written_as_the_browser_does(server, join, asked):
    device = join(server, "porch")
    device.hello(units={"pressure": "hPa"})
    device.read(pressure=1013.25)
    device.read(pressure=1013.75)
    page = asked(server, "pressure", locale="de-DE")
    wait_points(page, 2)
    page.wait_for_selector("#chips .chip-value >> text=1.013,8 hPa")
    page.click("#chart-table summary")
    page.wait_for_selector("#chart-caption >> text=/^From [0-9:]+ to [0-9:]+$/")
