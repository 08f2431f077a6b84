"""The page that installs boards, in a browser, with a board behind a pseudo-terminal."""

import random
import sys
from pathlib import Path

import pytest

from installer.asking import PASSWORD, TOKEN, pico
from room_server.reach import find_own_address
from rooms.server_process import RoomServer

from .judging import judge
from .looking import overflow

ON_USB = (sys.executable, str(Path(__file__).parents[1] / "installer" / "on_usb.py"))
# The fields that a person sees without anything in them.
EMPTY = """[...document.querySelectorAll("#form input, #form select")]
    .filter((each) => each.checkVisibility() && !each.value).map((each) => each.id)"""
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


@pytest.fixture
def start():
    """Start room servers. They end with the test."""
    servers = []

    def start(*args, **settings):
        servers.append(RoomServer(*args, **settings).start())
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def open_install(new_page):
    def open_install(server, **options):
        page = new_page(**options)
        page.goto(server.install_link())
        page.wait_for_selector("#form:not([hidden])")
        return page

    return open_install


class Person:
    """Fills the form in, and counts the inputs."""

    def __init__(self, page):
        self.page = page
        self.inputs = 0

    def type(self, field, text):
        self.page.fill(field, text)
        self.inputs += 1

    def install(self):
        self.page.click("#install")
        self.inputs += 1


def fill_in(page, board, server):
    """Everything but the button. The board is on no USB port, so its port is typed."""
    page.select_option("#port", "other")
    person = Person(page)
    person.type("#other-port", board.port)
    join_wifi(person, server)
    return person


def join_wifi(person, server):
    person.type("#wifi", "home")
    person.type("#password", PASSWORD)
    # The board is in this computer, so it can't take the address in the network, which is there
    # already if there is one.
    person.page.evaluate("() => { document.getElementById('more').open = true; }")
    person.type("#host", f"127.0.0.1:{server.port}")


def wait_value(page):
    page.wait_for_selector("#value:not([hidden])", timeout=60_000)


def test_five_inputs_lead_to_the_first_value_and_no_secret_is_shown(start, open_install, tmp_path):
    with pico(tmp_path) as board:
        usb = {"command": ON_USB, "env": {"BOARD_PORT": board.port}}
        server = start("--host", "0.0.0.0", "--token", TOKEN, **usb)
        page = open_install(server)
        assert page.url == f"http://localhost:{server.port}/install"
        assert page.get_attribute("#password", "type") == "password"
        own = find_own_address()
        assert page.input_value("#host") == (f"{own}:{server.port}" if own else "")
        assert page.input_value("#room") == "home" and page.is_hidden("#alone")
        # The board is found, and chosen.
        page.wait_for_selector(f"#port option[value='{board.port}']", state="attached")
        assert page.input_value("#port") == board.port
        label = f"USB Serial Device ({board.port})"
        assert page.inner_text("#port option:checked") == label
        if own:
            assert page.evaluate(EMPTY) == ["wifi", "password"]
        person = Person(page)
        join_wifi(person, server)
        person.install()
        assert person.inputs <= 5
        page.wait_for_function("() => document.getElementById('bar').value > 0")
        assert page.is_hidden("#form")
        wait_value(page)
        assert page.inner_text("#stage") == "board-1 is in its room"
        assert float(page.inner_text("#value-now").split()[0]) > -100
        assert "| in the room" in page.inner_text("#log")
        assert page.get_attribute("#page", "href").endswith("/?room=home")
        assert page.input_value("#password") == ""
        said = page.content() + page.evaluate(STORED) + page.url + server.stderr
        assert PASSWORD not in said and TOKEN not in said
        # It is the next board's turn.
        page.click("#again")
        page.wait_for_function("() => document.getElementById('name').value === 'board-2'")


def test_a_board_that_loses_its_power_is_told_and_the_next_try_goes_on(
    start, open_install, tmp_path
):
    server = start()
    cut_at = random.SystemRandom().randrange(20, 60)
    print(f"cut at write {cut_at}")
    page = open_install(server)
    with pico(tmp_path):
        # Its flash is formatted.
        pass
    with pico(tmp_path, cut_at=cut_at) as board:
        fill_in(page, board, server).install()
        page.wait_for_selector("#failure:text('broke off')", timeout=60_000)
    assert "Plug it in" in page.inner_text("#failure")
    with pico(tmp_path) as board:
        page.click("#again")
        assert page.input_value("#wifi") == "home"
        page.fill("#other-port", board.port)
        page.click("#install")
        wait_value(page)
    assert "cut off" in page.inner_text("#log") or "are there already" in page.inner_text("#log")


@pytest.mark.expects_refusals
def test_a_page_comes_back_to_its_work_and_a_server_that_is_gone_is_told(
    start, open_install, tmp_path
):
    server = start()
    with pico(tmp_path) as board:
        page = open_install(server)
        fill_in(page, board, server).install()
        page.wait_for_function("() => document.getElementById('bar').value > 0")
        page.reload()
        page.wait_for_selector("#work:not([hidden])")
        assert "file 1 of" in page.inner_text("#log")
        server.kill()
        page.wait_for_selector("#failure:text('The server does not answer any more')")
        # The board has started: there is nothing on it yet.
        board.wait_for(lambda: board.output().endswith(">>> "), "prompt")


@pytest.mark.expects_refusals
def test_without_its_key_the_page_asks_for_the_link(start, new_page):
    server = start()
    link = server.install_link()
    page = new_page()
    page.goto(link.partition("#")[0])
    page.wait_for_selector("#trouble:text('open the newest one in the terminal')")
    assert page.is_hidden("#form")


def test_a_failure_before_the_first_file_shows_how_to_install_the_firmware(start, open_install):
    server = start()
    page = open_install(server)
    page.select_option("#port", "other")
    page.fill("#other-port", "/dev/ttyNONE")
    page.fill("#host", "a.local")
    page.fill("#wifi", "home")
    page.click("#install")
    page.wait_for_selector("#failure:text('plugged in')")
    page.select_option("#bare", "pico_w")
    page.wait_for_selector("#uf2:not([hidden])")
    link = "https://micropython.org/download/{}/"
    assert page.get_attribute("#uf2 a", "href") == link.format("RPI_PICO_W")
    page.select_option("#bare", "esp32_s3")
    page.wait_for_selector("#flasher:not([hidden])")
    assert page.is_hidden("#uf2") and "Thonny" in page.inner_text("#flasher")
    firmware = page.get_attribute("#flasher a.firmware", "href")
    assert firmware == link.format("ESP32_GENERIC_S3")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_it(start, open_install, axe, colours):
    server = start()
    page = open_install(server, width=320, height=640, color_scheme=colours)
    assert overflow(page) <= 0
    for details in ("#more", "#firmware"):
        page.evaluate("(at) => { document.querySelector(at).open = true; }", details)
    page.select_option("#bare", "pico_w")
    assert judge(page, axe) == {}
    assert page.is_visible("#alone")
    page.fill("#host", "a.local")
    page.fill("#wifi", "home")
    page.select_option("#port", "other")
    page.fill("#other-port", "/dev/ttyNONE")
    page.keyboard.press("Enter")
    page.wait_for_selector("#again:not([hidden])")
    assert judge(page, axe) == {} and overflow(page) <= 0
