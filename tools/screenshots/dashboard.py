"""The README's pictures: a room server, three MicroPython devices running greenhouse.py, and
Chromium.
"""

import contextlib
import os

from .shot import (
    FOLDER,
    ROOT,
    WITHIN_S,
    find_micropython,
    keep,
    open_browser,
    start,
    start_server,
)

# The heap of a board.
HEAP = "192K"
# The largest size of a picture.
MOST_BYTES = 150_000
# So many readings of each device (40 s) fill the chart.
READINGS = 160
DEVICES = [
    ("north", "Greenhouse, north wall"),
    ("south", "Greenhouse, south wall"),
    ("seedlings", "Seedling bench"),
]
PICTURES = {
    "desk": {"viewport": {"width": 1280, "height": 980}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 980}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "device_scale_factor": 2,
    },
}


def take():
    with contextlib.ExitStack() as processes:
        url = start_server(processes, "--port", "0")[0]
        for seed, (name, title) in enumerate(DEVICES):
            start_device(processes, url, name, title, seed)
        take_pages(url)


def start_device(processes, url, name, title, seed):
    command = [find_micropython(), "-X", f"heapsize={HEAP}", FOLDER / "greenhouse.py"]
    host = url.split("/")[2]
    start(
        processes,
        [*command, host, "home", name, title, str(seed)],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'lib'}:.frozen"},
    )


def take_pages(url):
    with open_browser() as browser:
        pages = {name: open_page(browser, url, PICTURES[name]) for name in PICTURES}
        print(f"screenshots: {READINGS} readings of each device are awaited", flush=True)
        # On the phone the chart is below its picture, and is not drawn.
        for page in (pages["desk"], pages["dark"]):
            page.wait_for_function(
                "(least) => Number(document.getElementById('plot').dataset.points) >= least",
                arg=READINGS * len(DEVICES),
            )
        for name, page in pages.items():
            keep(page.screenshot(), name, MOST_BYTES)


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
    # The pages show the same room.
    if page.locator("#alert-rules li").count() == 0:
        page.click("#alert-add")
        page.select_option("#rule-name", "temperature")
        page.fill("#rule-limit", "24")
        page.click("#alert-save")
        page.wait_for_selector("#alert-rules li")
    page.keyboard.press("Escape")
    page.wait_for_selector("#alerts:not([hidden])")
    lamp = "[data-device=seedlings] [role=switch]"
    if page.get_attribute(lamp, "aria-checked") == "false":
        page.click(lamp)
    page.wait_for_selector(f"{lamp}[aria-checked=true]")
    page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur(); }")
    return page
