"""The page that installs a board: with what a person types, and with the first value. The
board is MicroPython's unix port behind a pseudo-terminal, as in the tests.
"""

import contextlib
import sys
import tempfile

from .shot import ROOT, WITHIN_S, find_micropython, keep, open_browser, start_server

MOST_BYTES = 100_000
VIEW = {"width": 620, "height": 640}
WIFI, PASSWORD = "home", "not a real one"


def take():
    find_micropython()
    with contextlib.ExitStack() as processes:
        board = processes.enter_context(plugged_in())
        _, link = start_server(
            processes,
            *("--host", "0.0.0.0", "--token", "not-a-real-one"),
            program=[str(ROOT / "host_tests/installer/on_usb.py")],
            BOARD_PORT=board.port,
        )
        with open_browser() as browser:
            page = browser.new_page(viewport=VIEW, locale="en-GB", color_scheme="light")
            page.set_default_timeout(WITHIN_S * 1000)
            page.goto(link)
            install(page, board)


@contextlib.contextmanager
def plugged_in(**settings):
    """A context manager: a board that calls itself a Pico W, with its Wi-Fi around it."""
    sys.path += [str(ROOT / "lib"), str(ROOT / "host_tests")]
    from installer.asking import pico

    with (
        tempfile.TemporaryDirectory() as folder,
        pico(folder, air={WIFI: "AT_ONCE"}, **settings) as board,
    ):
        yield board


def install(page, board):
    page.wait_for_selector(f"#port option[value='{board.port}']", state="attached")
    page.fill("#wifi", WIFI)
    page.fill("#password", PASSWORD)
    keep_all(page, "install_form")
    page.click("#install")
    page.wait_for_selector("#value:not([hidden])")
    keep_all(page, "install_value")


def keep_all(page, name):
    page.evaluate("() => document.activeElement.blur()")
    keep(page.screenshot(), name, MOST_BYTES)
