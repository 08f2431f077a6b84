"""Takes the README's screenshots again: `make screenshots`.

A room server, three MicroPython devices running greenhouse.py, and Chromium, all on this computer.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]
# The heap of a board.
HEAP = "192K"
# The largest size of a picture.
MOST_BYTES = 150_000
# So many readings of each device (40 s) fill the chart.
READINGS = 160
WITHIN_S = 120
DEVICES = [
    ("north", "Greenhouse, north wall"),
    ("south", "Greenhouse, south wall"),
    ("seedlings", "Seedling bench"),
]
PICTURES = {
    "desk": {"viewport": {"width": 1280, "height": 1020}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 1020}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "device_scale_factor": 2,
    },
}
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class ShotError(Exception):
    """The pictures can't be taken. The text says why, and what to do."""


def main():
    try:
        with contextlib.ExitStack() as processes:
            url = start_server(processes)
            for seed, (name, title) in enumerate(DEVICES):
                start_device(processes, url, name, title, seed)
            take(url)
    except ShotError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    return 0


def start(processes, command, **options):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    processes.callback(process.wait)
    processes.callback(process.kill)
    return process


def start_server(processes):
    """Start a room server on a free port, and return its address."""
    server = start(
        processes,
        [sys.executable, "-m", "room_server", "--port", "0", "--memory"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = threading.Timer(WITHIN_S, server.kill)
    deadline.start()
    found = re.search(r"http://\S+", server.stdout.readline())
    deadline.cancel()
    if not found:
        raise ShotError("the room server did not start, and wrote why")
    return found[0]


def start_device(processes, url, name, title, seed):
    micropython = Path(sys.executable).parent / "micropython"
    if not micropython.exists():
        raise ShotError("there is no MicroPython for this computer: take them on Linux")
    program = FOLDER / "greenhouse.py"
    host = url.split("/")[2]
    start(
        processes,
        [micropython, "-X", f"heapsize={HEAP}", program, host, "home", name, title, str(seed)],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'lib'}:.frozen"},
    )


def find_browser():
    found = filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *BROWSERS]))
    path = next(found, None)
    if not path:
        raise ShotError("install chromium-headless-shell or chromium, or set CHROMIUM")
    return path


def take(url):
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            pages = {name: open_page(browser, url, PICTURES[name]) for name in PICTURES}
            print(f"screenshots: {READINGS} readings of each device are awaited", flush=True)
            # On the phone the chart is below its picture, and is not drawn.
            for page in (pages["desk"], pages["dark"]):
                page.wait_for_function(
                    "(least) => Number(document.getElementById('plot').dataset.points) >= least",
                    arg=READINGS * len(DEVICES),
                )
            for name, page in pages.items():
                keep(page, FOLDER / f"{name}.png")
        except Error as error:
            raise ShotError(f"the page is not as it should be: {error.message}") from None
        finally:
            browser.close()


def open_page(browser, url, options):
    """Open the page as a user has it: temperatures in the chart, a lamp on, an alert set."""
    page = browser.new_context(locale="en-GB", **options).new_page()
    page.set_default_timeout(WITHIN_S * 1000)
    page.goto(url)
    for name, _ in DEVICES:
        page.wait_for_selector(f"[data-device={name}] [role=switch]:enabled")
    page.wait_for_selector(f"#chips li:nth-child({len(DEVICES)})")
    for name, _ in DEVICES:
        page.click(f"[data-device={name}] [data-name=humidity] .spark")
        page.click(f"[data-device={name}] [data-name=temperature] .spark")
    page.click("[data-device=seedlings] .alert-button")
    page.select_option("#alert-value", "temperature")
    page.fill("#alert-limit", "24")
    page.click("#alert-form button")
    page.keyboard.press("Escape")
    lamp = "[data-device=seedlings] [role=switch]"
    if page.get_attribute(lamp, "aria-checked") == "false":
        page.click(lamp)
    page.wait_for_selector(f"{lamp}[aria-checked=true]")
    page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur(); }")
    return page


def keep(page, path):
    picture = page.screenshot()
    if len(picture) > MOST_BYTES:
        raise ShotError(f"{path.name} has {len(picture)} bytes: at most {MOST_BYTES}")
    path.write_bytes(picture)
    print(f"screenshots: {path.relative_to(ROOT)}, {len(picture) // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
