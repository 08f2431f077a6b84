"""Tokens, and other rooms."""

import pytest

from rooms.clients import http
from rooms.contract.servers import KINDS

from .judging import judge
from .looking import card, overflow

TOKEN = "open-sesame"
KEPT = """() => [sessionStorage, localStorage].flatMap(Object.entries)
    .filter(([key]) => key.startsWith("room-token")).map(([, token]) => token)"""


def give_token(page, token):
    page.wait_for_selector("#token-form:not([hidden])")
    page.fill("#token", token)
    page.click("#token-form button")


def wait_open(page):
    page.wait_for_selector("#status[data-state=open]")


@pytest.mark.expects_refusals
def test_the_token_is_asked_for_and_kept_for_the_tab_or_on_the_device_until_it_is_forgotten(
    start_server, new_page
):
    server = start_server(token=TOKEN)
    page = new_page(width=320, height=640)
    page.goto(server.url)
    page.wait_for_selector("#token-form:not([hidden])")
    assert page.inner_text("#status") == "token needed"
    assert overflow(page) <= 0
    page.check("#token-keep")
    give_token(page, "falsch: schlüssel")
    page.wait_for_selector("#token-problem >> text=The server does not know this token.")
    assert page.evaluate(KEPT) == []
    page.uncheck("#token-keep")
    give_token(page, TOKEN)
    wait_open(page)
    assert page.is_hidden("#token-form")
    # The token is in sessionStorage.
    page.reload()
    wait_open(page)
    # This is another tab.
    other = page.context.new_page()
    other.goto(server.url)
    other.check("#token-keep")
    give_token(other, TOKEN)
    wait_open(other)
    third = page.context.new_page()
    third.goto(server.url)
    wait_open(third)
    third.click("#room-button")
    third.click("#forget-token")
    third.wait_for_selector("#token-form:not([hidden])")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.expects_refusals
def test_a_refusal_is_said_in_the_servers_words_and_its_token_is_not_kept(
    start_server, new_page, axe
):
    server = start_server(token=TOKEN)
    words = http(server, "/parties/main/attic")[1]["error"]
    page = new_page(width=360, height=740)
    page.goto(f"{server.url}/?room=attic#token={TOKEN}")
    wait_open(page)
    for given in ("", "&token=wrong", "#token=wrong"):
        other = page.context.new_page()
        other.goto(f"{server.url}/?room=attic{given}")
        other.wait_for_selector("#token-form:not([hidden])")
        said = other.inner_text("#token-problem[role=alert]")
        assert words in said
        assert said.startswith("The server does not know this token.") == bool(given)
        assert other.evaluate("document.activeElement.id") == "token"
        assert other.evaluate(KEPT) == []
        assert judge(other, axe) == {}
    # The same page: only its fragment changes.
    page.goto(f"{server.url}/?room=attic#token=wrong")
    page.wait_for_selector("#token-form:not([hidden])")
    # This token was not refused.
    assert set(page.evaluate(KEPT)) == {TOKEN}


@pytest.mark.expects_refusals
def test_a_server_that_comes_back_with_another_token_makes_the_page_ask(start_server, open_page):
    server = start_server()
    page = open_page(server)
    server.args += ["--token", "another"]
    server.restart()
    page.wait_for_selector("#token-problem >> text=/^The server says: give/")
    page.check("#token-keep")
    give_token(page, "another")
    wait_open(page)
    assert set(page.evaluate(KEPT)) == {"another"}
    server.args[-1] = TOKEN
    server.restart()
    page.wait_for_selector("#token-problem >> text=The server does not know this token.")
    assert page.evaluate(KEPT) == []
    give_token(page, TOKEN)
    wait_open(page)
    # The token is removed from the address.
    for where in ("&token=", "#token="):
        page = open_page(server, f"?room=attic{where}{TOKEN}")
        assert page.url == f"{server.url}/?room=attic"
        page.reload()
        wait_open(page)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.expects_refusals
def test_a_token_that_only_reads_turns_the_controls_off_and_says_so(start_server, join, new_page):
    server = start_server(token=TOKEN, read_token="w4tch")
    join(server, "porch", room="home", token=TOKEN).read(lux=1)
    page = new_page()
    page.goto(f"{server.url}/#token=w4tch")
    page.wait_for_selector("#read-only:not([hidden])")
    page.wait_for_selector(f"{card('porch')}[data-presence=online]")
    assert page.is_disabled(f"{card('porch')} .command button")


@pytest.mark.expects_refusals
def test_a_party_that_does_not_exist_is_said(server, new_page):
    page = new_page()
    page.goto(f"{server.url}/?party=nobody")
    page.wait_for_selector(".notice >> text=The server refuses this room: Invalid request")


def test_the_way_to_another_room_and_back(server, room, join, open_page):
    join(server, "porch", room="attic%20two").read(lux=1)
    page = open_page(server)
    page.click("#room-button")
    page.fill("#room-name", "attic two")
    page.click("#room-form button")
    page.wait_for_selector(card("porch"))
    assert page.title() == "attic two · room"
    page.click("#room-button")
    page.click(f"#visited >> text={room}")
    page.wait_for_selector("#empty:not([hidden])")
    page.go_back()
    page.wait_for_selector(card("porch"))
