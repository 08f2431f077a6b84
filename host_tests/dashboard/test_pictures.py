"""The page in pictures: rooms of all kinds, from a phone to a wall, in light and dark. Nothing is
compared with other pictures. They are for people, and the tests check what can be said of them.
"""

import pytest

from .judging import judge
from .log import HOUR, now
from .looking import RENDER_ALL, SHOTS, card, names, overflow

SIZES = [(360, 740), (768, 1024), (1440, 900), (2560, 1440)]
# All pairs would take minutes, and find nothing else.
AXE_AT = [(360, "light"), (2560, "dark")]
TOKEN = "open-sesame-for-all"
# Texts that are not where people can read them: beside the window, or beside their box. A line
# that ends in … is meant to.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((e) => {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) return false;
    if (!e.checkVisibility()) return false;
    if (e.closest(".unseen, .skip, option, .scroll, #chart-hint")) return false;
    const { left, right } = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const isClipped = style.overflowX !== "visible" && style.textOverflow !== "ellipsis"
        && e.scrollWidth > e.clientWidth + 1;
    return left < -1 || right > innerWidth + 1 || isClipped;
}).map((e) => e.outerHTML.slice(0, 200))"""
BOTTOM = "(selector) => document.querySelector(selector).getBoundingClientRect().bottom"
COLUMNS = """(selector) => new Set([...document.querySelectorAll(selector)].filter(
    (e) => e.checkVisibility()).map((e) => Math.round(e.getBoundingClientRect().left))).size"""


def fill(device, name, number=0, error=None):
    device.hello(
        name=name,
        units={"temperature": "°C", "humidity": "%"},
        controls=[{"name": "led", "type": "switch"}] if number % 3 == 0 else [],
    )
    for minute in range(5):
        at = now() - (5 - minute) * 60_000
        values = {"temperature": 20 + number % 7 + minute / 10, "humidity": 50 + minute}
        device.send(type="reading", at=at, values={**values, "door": number % 2 == 0})
    device.read(rssi=-60, free_memory=57344, reconnects=2, **({"error": error} if error else {}))


def three(join, server):
    devices = [join(server, f"sensor-{i}") for i in range(3)]
    for i, name in enumerate(("Greenhouse", "Living room, by the window", "Cellar")):
        error = "no DS18B20 answers on GPIO 22" if i == 2 else None
        fill(devices[i], name, i, error)
    devices[1].leave()


def fifty(join, server):
    for i in range(50):
        fill(join(server, f"sensor-{i}"), f"Room {i}", i)


def twenty(join, server):
    device = join(server, "weather")
    for number in range(5):
        device.read(**{f"value_{i}": i + number / 10 for i in range(20)})
    join(server, "porch").read(lux=1)


def none(join, server):
    pass


def year(join, server):
    device = join(server, "porch")
    end = now()
    for day in range(365, -1, -5):
        device.send(type="reading", at=end - day * 24 * HOUR, values={"temperature": day % 30})


def take(page, axe, scene):
    """Take all pictures of a page. Check in each that nothing is cut off."""
    page.evaluate(RENDER_ALL)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate("() => new Promise(requestAnimationFrame)")
            page.screenshot(path=SHOTS / f"{scene}-{width}-{scheme}.png")
            assert overflow(page) <= 0, (width, scheme)
            assert page.evaluate(CUT_OFF) == [], (width, scheme)
            if (width, scheme) in AXE_AT and (scene != "fifty" or width == 360):
                assert judge(page, axe) == {}, (width, scheme)
        yield page, width, height


@pytest.mark.parametrize("scene", [three, fifty, twenty, year])
def test_a_room_from_a_phone_to_a_wall(server, join, open_page, axe, scene):
    scene(join, server)
    page = open_page(server)
    page.wait_for_selector(".value")
    if scene is year:
        page.click("#ranges >> text=1 y")
    for _, width, height in take(page, axe, scene.__name__):
        if width == 360:
            assert page.evaluate(BOTTOM, ".device:not([hidden]) .value .reading") < height / 2
        if width == 2560 and scene is fifty:
            assert page.evaluate(COLUMNS, ".device") >= 7
            # All of them are on two screens of a phone's height: nobody walks along a wall.
            assert page.evaluate("document.documentElement.scrollHeight") < 2 * height
        if width == 2560 and scene is twenty:
            assert page.evaluate(COLUMNS, ".value") >= 12
    if scene is fifty:
        page.set_viewport_size({"width": 360, "height": 740})
        # Full cards were 18,330 px.
        assert page.evaluate("document.documentElement.scrollHeight") < 7000


def test_a_room_without_devices_from_a_phone_to_a_wall(server, open_page, axe):
    page = open_page(server)
    page.wait_for_selector("#empty:not([hidden])")
    for _ in take(page, axe, "none"):
        pass


@pytest.mark.expects_refusals
def test_a_server_that_is_gone_or_refuses_from_a_phone_to_a_wall(
    start_server, join, new_page, axe
):
    server = start_server(token=TOKEN)
    fill(join(server, "porch", room="home", token=TOKEN), "The porch")
    page, refused = new_page(), new_page()
    page.goto(f"{server.url}/#token={TOKEN}")
    page.wait_for_selector(".value")
    refused.goto(f"{server.url}/?token=wrong")
    refused.wait_for_selector("#token-problem >> text=The server does not know this token.")
    for _ in take(refused, axe, "refused"):
        pass
    server.kill()
    page.wait_for_selector("#gone:not([hidden])")
    for _ in take(page, axe, "gone"):
        pass
    page.set_viewport_size({"width": 360, "height": 740})
    page.click("#room-button")
    assert judge(page, axe) == {}


def test_the_list_is_compact_above_twelve_devices_and_its_cards_open(server, join, open_page, axe):
    devices = [join(server, f"d{i}") for i in range(12)]
    for i, device in enumerate(devices):
        device.read(**{f"v{n}": n for n in range(6)}, lux=i)
    page = open_page(server, width=360, height=740)
    page.wait_for_selector(card("d11"))
    assert page.get_attribute("#devices", "data-density") == "full"
    assert page.locator(".spark:visible").count() == 12 * 7 and page.is_hidden(".opener")
    devices.append(join(server, "d12"))
    devices[-1].hello(controls=[{"name": "led", "type": "switch"}])
    devices[-1].read(**{f"v{n}": n for n in range(6)}, error="too hot")
    page.wait_for_selector("#devices[data-density=compact]")
    page.wait_for_selector(f"{card('d12')} .value[data-error]")
    page.evaluate(RENDER_ALL)
    assert page.locator(f"{card('d12')} .value:visible").count() == 4
    assert page.locator(f"{card('d12')} .opener").inner_text() == "+3"
    assert page.locator("[role=switch]:visible").count() == 0
    page.focus(f"{card('d12')} .opener")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{card('d12')} [role=switch]")
    assert page.locator(f"{card('d12')} .value:visible").count() == 7
    assert judge(page, axe) == {}
    # The user's choice is kept.
    page.click("#tools summary")
    page.click("#density")
    page.wait_for_selector("#devices[data-density=full]")
    page.reload()
    page.wait_for_selector("#devices[data-density=full]")
    assert len(names(page)) == 13
