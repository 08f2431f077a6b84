"""A real room server, devices played by a WebSocket client, and the page in a real browser."""

import json
from contextlib import ExitStack
from urllib.parse import urlencode, urlsplit

import pytest

from needs import need, need_browser
from rooms.server_process import RoomServer

ANSWER_S = 15  # a hung test fails; nothing is measured by it
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config):
    config.addinivalue_line("markers", "expects_errors: the browser's console may hold errors")


class Device:
    """A device in the room "home" that does what it is told."""

    def __init__(self, websocket):
        self._websocket = websocket

    def read(self, **values):
        self.send(type="reading", values=values)

    def send(self, **message):
        self.send_as_it_is(json.dumps(message))

    def send_as_it_is(self, data):
        self._websocket.send(data)

    def command(self):
        """The next command for this device; what others publish is passed over."""
        while True:
            message = json.loads(self._websocket.recv(timeout=ANSWER_S))
            if message.get("type") == "command":
                return message

    def leave(self):
        self._websocket.close()


@pytest.fixture
def start_server():
    """`start_server(*arguments)` gives a RoomServer that runs."""
    with ExitStack() as servers:
        yield lambda *arguments: servers.enter_context(RoomServer(*arguments))


@pytest.fixture
def server(start_server):
    return start_server()


@pytest.fixture
def join():
    """`join(server, name)` gives a Device that is in the room."""
    from websockets.sync.client import connect

    with ExitStack() as connections:

        def join(server, name, room="home"):
            query = urlencode({"_pk": f"of {name}"[:64], "role": "device", "name": name})
            address = server.ws_url(room, query=query)
            return Device(connections.enter_context(connect(address, proxy=None, max_queue=None)))

        yield join


@pytest.fixture(scope="module")  # no longer: its event loop would be in the way of other tests
def browser():
    try:
        from playwright import sync_api
    except ImportError:
        need("playwright", None)
    path = need_browser()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser, request):
    """Pages that may not log an error, throw, or ask any other host for anything."""
    errors, hosts = [], set()
    contexts = []

    def new_page(width=1440, height=900, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(ANSWER_S * 1000)
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda sent: note_host(sent.url))
        page.on("websocket", lambda socket: note_host(socket.url))
        page.on("dialog", lambda dialog: (errors.append("a dialog opened"), dialog.dismiss()))
        return page

    def note_host(url):
        if urlsplit(url).scheme != "data":
            hosts.add(urlsplit(url).netloc)

    yield new_page
    for context in contexts:
        context.close()
    assert len(hosts) <= 1, f"asked other hosts: {hosts}"
    if not request.node.get_closest_marker("expects_errors"):
        assert errors == []


@pytest.fixture
def open_page(new_page):
    """`open_page(server)` gives the dashboard, connected."""

    def open_page(server, query="", **options):
        page = new_page(**options)
        page.goto(f"{server.url}/{query}")
        page.wait_for_selector("#status[data-state=open]")
        return page

    return open_page
