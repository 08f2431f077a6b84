"""What all pictures need: servers, a browser, and files that stay small."""

import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
# The limit of every wait. Only a failure takes so long.
WITHIN_S = 120
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class ShotError(Exception):
    """The pictures can't be taken. The text says why, and what to do."""


def start(processes, command, **options):
    """Start a program that ends with `processes`, an ExitStack."""
    process = subprocess.Popen(command, **{"stdin": subprocess.DEVNULL, **options})
    processes.callback(process.wait)
    processes.callback(process.kill)
    return process


def start_server(processes, *options, program=("-m", "room_server"), **environment):
    """Start a room server, and return the links that it prints: its own, and perhaps that of the
    page that installs boards.
    """
    server = start(
        processes,
        [sys.executable, *program, "--memory", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools"), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = threading.Timer(WITHIN_S, server.kill)
    deadline.start()
    # Address, hint, where readings are, and the link to install.
    said = "".join(server.stdout.readline() for _ in range(4))
    deadline.cancel()
    links = re.findall(r"http://\S+", said)
    if not links:
        raise ShotError("the room server did not start, and wrote why")
    return links


def find_micropython():
    path = Path(sys.executable).parent / "micropython"
    if not path.exists():
        raise ShotError("there is no MicroPython for this computer: take them on Linux")
    return path


def find_browser():
    """Its path, or None."""
    return next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *BROWSERS])), None)


@contextmanager
def open_browser():
    """A context manager: the browser. Its errors become a ShotError."""
    from playwright.sync_api import Error, sync_playwright

    path = find_browser()
    if not path:
        raise ShotError("install chromium-headless-shell or chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        except Error as error:
            raise ShotError(f"the page is not as it should be: {error.message}") from None
        finally:
            browser.close()


def keep(picture, name, most_bytes):
    """Write the bytes of a picture into its file, if they are few enough."""
    path = FOLDER / f"{name}.png"
    if len(picture) > most_bytes:
        raise ShotError(f"{path.name} has {len(picture)} bytes: at most {most_bytes}")
    path.write_bytes(picture)
    print(f"screenshots: {path.relative_to(ROOT)}, {len(picture) // 1000} kB", flush=True)
