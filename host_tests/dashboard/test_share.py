"""Links that others get, the page on a wall, the list of rooms, and files."""

import csv
import io
import re

import pytest
import zxingcpp

from rooms.clients import http
from rooms.contract.servers import KINDS
from rooms.server_process import RoomServer

from .judging import judge
from .looking import HOSTILE, RENDER_ALL, card, control, overflow, tile, value

TOKEN = "open-sesame-for-all"


def decoded(page):
    """What another program reads in the QR code."""
    left, _, width, _ = map(int, page.get_attribute("#share-qr", "viewBox").split())
    drawn = page.get_attribute("#share-qr path", "d")
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)}
    size = 4
    side = [each + left for each in range(width) for _ in range(size)]
    pixels = bytes(0 if (x, y) in dark else 255 for y in side for x in side)
    image = memoryview(pixels).cast("B", (len(side), len(side)))
    [found] = zxingcpp.read_barcodes(image)
    return found.text


@pytest.fixture
def closed(start_server):
    return start_server(token=TOKEN, read_token="w4tch")


@pytest.fixture
def owner(closed, join, new_page):
    """A page with a token that writes, in a room with one device. Not in a secure context."""
    join(closed, "porch", room="home", token=TOKEN).read(lux=1)
    page = new_page(width=360, height=740)
    page.goto(f"http://kitchen.lan:{closed.port}/#room=home&token={TOKEN}")
    page.wait_for_selector(card("porch"))
    return page


def share(page, label="", for_kiosk=False):
    """Make a link with the keyboard alone, and return it."""
    page.focus("#share-label")
    page.keyboard.insert_text(label)
    if for_kiosk:
        page.focus("#share-kiosk")
        page.keyboard.press("Space")
        page.focus("#share-label")
    page.keyboard.press("Enter")
    page.wait_for_selector("#share-made:not([hidden])")
    return page.inner_text("#share-link").strip()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.expects_refusals
def test_a_link_reads_until_it_is_revoked_and_is_made_by_keys_alone(closed, owner, new_page, axe):
    page = owner
    # The token has left the address.
    assert page.url.endswith("/?room=home")
    page.focus("#share-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#share-none:not([hidden])")
    link = share(page, HOSTILE)
    assert re.fullmatch(rf"http://kitchen.lan:{closed.port}/#room=home&token=\S+", link)
    assert TOKEN not in link and decoded(page) == link
    page.wait_for_selector(f"#shares bdi >> text={HOSTILE}")
    assert re.search(r"until \w+ \d+, 20\d\d", page.inner_text("#shares small"))
    assert overflow(page) <= 0
    assert page.locator("#share-dialog").evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
    assert judge(page, axe) == {}
    clipboard = new_page(permissions=["clipboard-read", "clipboard-write"])
    clipboard.goto(closed.url)
    clipboard.evaluate("navigator.clipboard.writeText('something else')")
    page.click("[data-copies=share-link]")
    page.wait_for_selector("[data-copies=share-link] + span >> text=/^Copied$/")
    assert clipboard.evaluate("navigator.clipboard.readText()") == link
    guest = new_page()
    guest.goto(link)
    guest.wait_for_selector("#read-only:not([hidden])")
    guest.wait_for_selector(value("porch", "lux", "1"))
    assert guest.url.endswith("/?room=home")
    assert guest.is_hidden("#share-button") and guest.is_hidden(".arrange-button")
    page.focus("#shares button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#share-none:not([hidden])")
    assert page.is_hidden("#share-made")
    guest.wait_for_selector("#token-problem >> text=The server does not know this token.")


@pytest.mark.expects_refusals
def test_a_server_without_a_token_shares_its_address_and_one_that_refuses_says_why(
    server, room, open_page, start_server, new_page
):
    page = open_page(server)
    page.click("#share-button")
    assert page.inner_text("#share-link").strip() == f"{server.url}/?room={room}"
    page.wait_for_selector("#share-loopback:not([hidden])")
    page.check("#share-kiosk")
    assert page.inner_text("#share-link").strip() == f"{server.url}/?room={room}&kiosk"
    assert page.is_hidden("#share-label") and page.is_hidden("#shares")
    short = start_server(token="short")
    page = new_page()
    page.goto(f"{short.url}/#token=short")
    page.wait_for_selector("#status[data-state=open]")
    page.click("#share-button")
    page.wait_for_selector("#share-problem >> text=16")


KIOSK_HIDES = "theme alerts-button share-button tools read-only ranges chart-table".split()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.expects_refusals
def test_a_tablet_on_the_wall_has_nothing_to_press_and_comes_back_for_ever(
    closed, owner, join, new_page, axe
):
    join(closed, "fan", room="home", token=TOKEN).hello(
        controls=[{"name": "led", "type": "switch"}]
    )
    owner.click("#share-button")
    link = share(owner, "wall", for_kiosk=True)
    wall = new_page(width=1280, height=800)
    refuses = []
    wall.route_web_socket(
        "**/parties/**", lambda ws: ws.close() if refuses else ws.connect_to_server()
    )
    wall.clock.install()
    wall.goto(link)
    wall.clock.run_for(1000)
    wall.wait_for_selector(value("porch", "lux", "1"))
    wall.wait_for_selector("#awake >> text=On plain http, a page can't keep the screen on")
    for each in KIOSK_HIDES:
        assert wall.is_hidden(f"#{each}"), each
    assert wall.is_hidden(control("fan", "led")) and wall.is_hidden(f"{card('fan')} footer")
    size = "getComputedStyle(document.documentElement).fontSize"
    assert float(wall.evaluate(size)[:-2]) > 20
    # The cards come first.
    assert wall.evaluate("""() => document.querySelector("#list").getBoundingClientRect().top
        < document.querySelector("#chart").getBoundingClientRect().top""")
    wall.evaluate(RENDER_ALL)
    assert judge(wall, axe) == {} and overflow(wall) <= 0
    # Its tab was closed, or the tablet started again.
    again = wall.context.new_page()
    again.goto(f"http://kitchen.lan:{closed.port}/?kiosk")
    again.wait_for_selector(value("porch", "lux", "1"))
    # A refusal is said, and asked about again each minute, with the same token.
    refuses.append(True)
    wall.route("**/parties/**", lambda route: route.fulfill(status=401, json={"error": "no"}))
    closed.restart()
    wall.wait_for_selector("#status[data-state=closed]")
    wall.clock.run_for(10_000)
    wall.wait_for_selector("#token-problem >> text=no")
    refuses.clear()
    wall.unroute("**/parties/**")
    wall.clock.run_for(60_000)
    wall.wait_for_selector("#status[data-state=open]")
    wall.wait_for_selector("#token-form", state="hidden")


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_the_page_has_a_manifest_and_icons_for_a_home_screen(server, open_page):
    page = open_page(server)
    manifest = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert manifest["errors"] == [] and '"standalone"' in manifest["data"]
    sizes = page.evaluate(
        """() => Promise.all(["icon.svg", "icon.png"].map(async (src) => {
            const icon = Object.assign(new Image(), { src });
            await icon.decode();
            return icon.naturalWidth; }))"""
    )
    assert sizes[0] > 0 and sizes[1] == 192


def test_where_there_is_a_wake_lock_the_screen_stays_on(server, room, join, new_page):
    join(server, "porch").read(lux=1)
    page = new_page()
    page.add_init_script("""window.locks = 0; Object.defineProperty(navigator, "wakeLock",
        { value: { request: async () => void window.locks++ } });""")
    page.goto(f"{server.url}/?room={room}&kiosk")
    page.wait_for_selector(card("porch"))
    page.wait_for_function("() => window.locks === 1")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => window.locks === 2")
    assert page.is_hidden("#awake")


def test_notifications_are_refused_with_the_reason_on_plain_http(server, room, join, new_page):
    join(server, "porch").read(lux=1)
    page = new_page()
    page.goto(f"http://kitchen.lan:{server.port}/?room={room}")
    page.click("#alerts-button")
    page.click("#notify")
    page.wait_for_selector("#notify >> text=Browsers allow notifications only over https")


@pytest.mark.expects_refusals
def test_all_rooms_are_listed_and_linked_where_the_server_does_that(new_page, open_page, server):
    with RoomServer("--list-rooms", "--token", TOKEN) as listing:
        for name in ("attic%20two", "%3Cb%3E", "a!%21"):
            post_to(listing, name)
        page = new_page(width=360, height=740)
        page.goto(f"{listing.url}/#token={TOKEN}")
        page.wait_for_selector("#status[data-state=open]")
        page.click("#room-button")
        page.click("#list-rooms")
        page.wait_for_selector("#all-rooms li >> nth=3")
        texts = page.locator("#all-rooms li").all_inner_texts()
        listed = [text.replace("\n", " ") for text in texts]
        assert listed == [
            *("<b> 0 of 1 online", "a!%21 0 of 1 online"),
            *("attic two 0 of 1 online", "home 0 of 0 online"),
        ]
        # No browser can go there.
        assert page.locator("#all-rooms a:not([href])").all_inner_texts() == ["a!%21"]
        assert page.is_hidden("#list-rooms") and overflow(page) <= 0
        page.click("#all-rooms >> text=attic two")
        page.wait_for_selector(card("d"))
        # For people, the server's own list looks like the page.
        page.goto(f"{listing.url}/rooms?token={TOKEN}")
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
        assert overflow(page) <= 0
    page = open_page(server)
    page.click("#room-button")
    page.click("#list-rooms")
    page.wait_for_selector("#rooms-problem >> text=This server does not list its rooms")


def post_to(server, room):
    path = f"/parties/main/{room}?name=d&token={TOKEN}"
    assert http(server, path, b'{"type":"reading","values":{"lux":1}}')[0] == 200


def saved(page, selector):
    with page.expect_download() as download:
        page.click(selector)
    text = download.value.path().read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""))), download.value


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_what_is_seen_and_all_there_is_are_saved_as_files(server, room, join, open_page):
    device = join(server, "porch")
    device.hello(name="=1+1", units={"lux": "lx"})
    for number in (1, 2.5):
        device.read(lux=number, note='=cmd, "x"', door=True)
    join(server, "attic").read(lux=7)
    page = open_page(server)
    page.wait_for_selector(tile("porch", "note"))
    page.fill("#search", "porch")
    rows, file = saved(page, "#save-values")
    assert file.suggested_filename == f"{room} values.csv"
    found = {row["name"]: (row["title"], row["value"], row["unit"]) for row in rows}
    title = "'=1+1"
    assert found == {
        "lux": (title, "2.5", "lx"),
        "note": (title, '\'=cmd, "x"', ""),
        "door": (title, "true", ""),
    }
    page.click("#chart-table summary")
    rows, _ = saved(page, "#save-points")
    points = [(row["device"], row["name"], row["value"]) for row in rows]
    assert points == [("porch", "lux", "1"), ("porch", "lux", "2.5"), ("attic", "lux", "7")]
    assert all(row["time"].endswith("Z") for row in rows)
    rows, _ = saved(page, "#save-all")
    assert [row["value"] for row in rows if row["name"] == "lux"] == ["7", "1", "2.5"]


@pytest.mark.expects_refusals
def test_the_servers_file_is_fetched_with_a_token_that_is_not_in_the_page(closed, owner):
    owner.click("#chart-table summary")
    rows, _ = saved(owner, "#save-all")
    assert [row["value"] for row in rows] == ["1"]
    links = owner.locator("a[href]").evaluate_all("(all) => all.map(({ href }) => href)")
    assert TOKEN not in " ".join(links)
