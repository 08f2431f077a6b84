"""The page used only by keyboard, and checked by axe-core."""

import itertools

import pytest

from .judging import judge
from .looking import (
    RENDER_ALL,
    SHOTS,
    answer,
    card,
    control,
    set_alert,
    tile,
    wait_points,
    wait_view,
)

CONTROLS = [
    {"name": "led", "type": "switch", "label": "Lamp"},
    {"name": "fan", "type": "slider", "min": 0, "max": 100, "step": 5},
    {"name": "restart", "type": "button"},
]


@pytest.fixture
def busy_room(server, join):
    """A room with one of everything: controls, values, a failed command, an offline device."""
    porch = join(server, "porch")
    porch.hello(name="The porch", units={"temperature": "°C"}, controls=CONTROLS)
    gone = join(server, "attic")
    for number in range(5):
        porch.read(temperature=20 + number, door=True, state="fine", led=True, fan=40)
        gone.read(lux=number, rssi=-80, free_memory=40000, reconnects=2)
    porch.send(type="result", name="restart", ok=False, error="not now")
    gone.leave()
    return porch


def test_axe_finds_nothing(server, busy_room, open_page, axe):
    page = open_page(server)
    page.wait_for_selector(f"{card('attic')}[data-presence=offline]")
    set_alert(page, "porch", "temperature", "22")
    busy_room.read(temperature=24)
    page.keyboard.press("Escape")
    page.wait_for_selector("#alerts:not([hidden])")
    page.click("#chart-table summary")
    page.click(f"{card('porch')} .more summary")
    busy_room.send(type="result", name="restart", ok=False, error="not now")
    page.wait_for_selector(answer("porch", "restart: not now"))
    page.evaluate(RENDER_ALL)
    wait_points(page, 1)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for (width, height), scheme in itertools.product([(360, 740), (1440, 900)], ["light", "dark"]):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SHOTS / f"{scheme}-{width}.png", full_page=True)
        assert judge(page, axe) == {}, (width, scheme)


def test_axe_would_find_something(server, open_page, axe):
    page = open_page(server)
    page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert "label" in judge(page, axe)


def walk(page):
    """Press Tab from the top of the page to its end. Return what had the focus, and whether it was
    visible.
    """
    stops = []
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const element = document.activeElement;
                if (element === document.body) return null;
                const style = getComputedStyle(element);
                const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
                element.dataset.visited = Number(element.dataset.visited ?? 0) + 1;
                return [element.outerHTML.slice(0, 120), isSeen, element.dataset.visited]; }"""
        )
        if stop is None or stop[2] == "2":
            return stops
        stops.append((stop[0], stop[1]))
        assert len(stops) < 200


def test_everything_is_reached_by_tab_and_shows_it(server, busy_room, open_page):
    page = open_page(server)
    page.wait_for_selector(f"{control('porch', 'led')} :enabled")
    page.evaluate(
        "() => { for (const each of document.querySelectorAll('details')) each.open = true; }"
    )
    page.evaluate(RENDER_ALL)
    stops = walk(page)
    assert [html for html, is_seen in stops if not is_seen] == []
    missed = page.evaluate(
        """() => [...document.querySelectorAll(
            "button, input, select, summary, a, [tabindex='0']")]
            .filter((e) => e.checkVisibility() && !e.disabled && !e.dataset.visited)
            // Of radio buttons, Tab reaches the checked one, and arrows the others.
            .filter((e) => !e.matches("[type=radio]:not(:checked)"))
            .map((e) => e.outerHTML)"""
    )
    assert missed == []
    assert len(stops) > 20


def test_a_device_is_used_by_the_keyboard_alone(server, busy_room, open_page):
    page = open_page(server)
    page.wait_for_selector(f"{control('porch', 'led')} :enabled")
    page.focus(f"{control('porch', 'led')} [role=switch]")
    page.keyboard.press("Space")
    assert busy_room.answer()["value"] is False
    page.wait_for_selector(answer("porch", "Lamp: ok"))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert busy_room.answer()["value"] == 45
    page.wait_for_selector(answer("porch", "fan: ok"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert busy_room.answer()["name"] == "restart"
    page.wait_for_selector(answer("porch", "restart: ok"))
    # After the button that arranges: open the alerts.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#alert-dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.classList.contains('alert-button')")
    page.focus(f"{tile('porch', 'temperature')} .spark")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{tile('porch', 'temperature')} .spark[aria-pressed=false]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{tile('porch', 'temperature')} .spark[aria-pressed=true]")
    page.focus("#pause")
    page.keyboard.press("Enter")
    wait_view(page, "paused")


def test_only_what_changed_for_the_user_is_said_aloud(server, busy_room, open_page):
    page = open_page(server)
    page.wait_for_selector(f"{control('porch', 'led')} :enabled")
    live = page.locator(
        "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], output"
    )
    said = live.evaluate_all("(all) => all.map((each) => each.id || each.tagName)")
    problems = [f"{each}-problem" for each in ("alert", "arrange", "rooms", "share", "token")]
    said_of_the_page = ["announcer", "cursor-said", *problems]
    assert sorted(said) == sorted(["OUTPUT", *said_of_the_page])
    live.evaluate_all(
        """(all) => { window.told = []; const note = (changes) => window.told.push(
            ...changes.map(({ target }) => target.textContent));
            const watch = new MutationObserver(note);
            for (const each of all.filter(({ id }) => id)) watch.observe(each,
                { childList: true, subtree: true, characterData: true }); }"""
    )
    busy_room.read(temperature=30, door=False)
    page.wait_for_selector(f"{tile('porch', 'door')} >> text=off")
    page.click(f"{control('porch', 'restart')} button")
    busy_room.answer()
    # Wait for the first text. Text about a reading would have come before it, or with it.
    page.wait_for_function("() => window.told.length")
    assert page.evaluate("window.told") == ["The porch, restart: ok"]


def test_nothing_moves_by_itself_where_that_is_not_wished(server, busy_room, open_page):
    for motion in ("reduce", "no-preference"):
        page = open_page(server, reduced_motion=motion)
        page.click(f"{control('porch', 'led')} [role=switch]")
        page.wait_for_selector(f"{control('porch', 'led')}[data-state=waiting]")
        moving = page.evaluate("() => document.getAnimations().length")
        assert bool(moving) == (motion == "no-preference")
