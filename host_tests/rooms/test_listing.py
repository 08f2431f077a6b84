"""The list of rooms, as JSON and as a page."""

import html
import re
from urllib.parse import urlencode

import pytest

from rooms.clients import http, join, post, reading
from rooms.server_process import RoomServer

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def listed():
    with RoomServer("--list-rooms", "--party", "main", "--party", "lab") as running:
        paths = ("main/b%20%C3%A9", "main/a", "lab/z", "main/%3Cb%3E", "main/a!%21")
        for n, path in enumerate(paths):
            assert http(running, f"/parties/{path}?name=d", reading(t=n).encode())[0] == 200
        yield running


async def test_rooms_in_use_and_stored_are_listed_with_who_is_there(listed):
    async with (
        join(listed, "a", role="device", name="e"),
        join(listed, "a", role="dashboard"),
        join(listed, "only-clients", party="lab"),
    ):
        status, answer, headers = http(listed, "/rooms")
    assert status == 200 and headers["Cache-Control"] == "no-store"
    assert answer["after"] is None
    assert [(room["party"], room["room"]) for room in answer["rooms"]] == [
        *(("lab", "only-clients"), ("lab", "z"), ("main", "%3Cb%3E"), ("main", "a")),
        *(("main", "a!%21"), ("main", "b%20%C3%A9")),
    ]
    only, stored, _, a, *_ = answer["rooms"]
    for room, clients, online, known in ((only, (0, 0, 1), 0, 0), (a, (1, 1, 0), 1, 2)):
        assert tuple(room["clients"].values()) == clients
        assert room["devices"] == {"online": online, "known": known}
    assert only["at"] is None
    assert stored["clients"] == {"device": 0, "dashboard": 0, "other": 0}
    assert stored["devices"] == {"online": 0, "known": 1} and stored["at"] > 1.6e12


def test_the_page_links_each_room_that_a_browser_can_reach(listed):
    status, text, headers = http(listed, "/rooms?token=t%26", headers=HTML)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store" and headers["Vary"] == "Accept"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert not re.search("<script|<style| style=", text)
    links = [html.unescape(link) for link in re.findall('<a href="([^"]*)"', text)]
    places = ("z&party=lab", "%3Cb%3E&party=main", "a&party=main", "b+%C3%A9&party=main")
    assert links == [f"/?room={place}&token=t%26" for place in places]
    assert "&lt;b&gt;" in text and "<b>" not in text
    # No browser would encode it like this, so it is not a link.
    assert "<td>a!%21<td>main" in text


async def test_pages_have_each_room_once_in_order_and_lead_to_the_next(start, tmp_path):
    options = ("--list-rooms", "--db", tmp_path / "rooms.db", "--request-rate", "10000")
    before = start(*options, "--party", "kitchen")
    assert http(before, "/parties/kitchen/r?name=d", reading(t=1).encode())[0] == 200
    # A party that no longer exists has no rooms.
    before.stop()
    server = start(*options, "--party", "lab", "--party", "main")
    assert http(server, "/rooms")[1] == {"rooms": [], "after": None}
    assert "No room yet." in http(server, "/rooms", headers=HTML)[1]
    for n in range(398):
        post(server, f"r{n}", "d", t=n)
    # This one is in use, and stored.
    await join(server, "r5")
    # This one is only in use.
    await join(server, "z", party="lab")
    await join(server, "a")
    found, query = [], ""
    for _ in range(2):
        answer = http(server, "/rooms" + query)[1]
        assert len(answer["rooms"]) == 200
        found += [(room["party"], room["room"]) for room in answer["rooms"]]
        page = http(server, "/rooms?token=s%26" + query.replace("?", "&"), headers=HTML)[1]
        query = "?" + urlencode({"after": answer["after"]}) if answer["after"] else ""
        assert (f'href="/rooms{query}&amp;token=s%26"' in page) == bool(query)
    assert query == ""
    names = sorted(["a", *(f"r{n}" for n in range(398))])
    assert found == [("lab", "z"), *(("main", name) for name in names)]
