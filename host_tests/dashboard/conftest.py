"""Real servers, the page in a real browser, and devices, real or played by a WebSocket client."""

import itertools
import json
from contextlib import ExitStack
from urllib.parse import urlencode, urlsplit

import pytest

from needs import need, need_browser
from rooms.contract.servers import make, starting

from .judging import AXE
from .looking import ANSWER_S

BROWSER_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    # Names that lead to this computer, although the browser does not know that.
    "--host-resolver-rules=MAP kitchen.lan 127.0.0.1,MAP rooms.example 127.0.0.1",
]
# What a browser logs when a server is away or refuses. A page can't prevent this.
NETWORK_ERRORS = ("Failed to load resource: ", "WebSocket connection to ")
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation",
    (e) => console.error("violates " + e.violatedDirective + ": " + e.blockedURI));"""


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "expects_refusals: the browser may log requests that failed"
    )


_numbers = itertools.count(1)  # for the names of rooms


class Device:
    """A device in a room, controlled by the test."""

    def __init__(self, websocket):
        self._websocket = websocket

    def hello(self, **about):
        self.send(type="hello", **about)

    def read(self, **values):
        self.send(type="reading", values=values)

    def send(self, **message):
        self.send_as_it_is(json.dumps(message))

    def send_as_it_is(self, data):
        self._websocket.send(data)

    def command(self):
        """The next command for this device. Messages of others are skipped."""
        message = {}
        while message.get("type") != "command":
            message = json.loads(self._websocket.recv(timeout=ANSWER_S))
        return message

    def wait_for_ack(self, n):
        """Wait until the readings up to this number are stored. Other messages are skipped."""
        while json.loads(self._websocket.recv(timeout=ANSWER_S)).get("n", 0) < n:
            pass

    def answer(self, ok=True, **result):
        """Take the next command, answer it, and return it."""
        command = self.command()
        self.send(type="result", name=command["name"], ok=ok, **result)
        return command

    def leave(self):
        self._websocket.close()


@pytest.fixture(scope="module")
def kind():
    """Which server. A test for both servers sets the parameter itself."""
    return "room_server"


@pytest.fixture
def start_server(kind, tmp_path):
    """`start_server(**settings)` returns a running server; see rooms.contract.servers.make."""
    with starting(kind, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def server(kind, tmp_path_factory):
    """A server that the tests share. Each test has its own room there."""
    with make(kind, tmp_path_factory.mktemp(kind), rate=100_000) as running:
        yield running


@pytest.fixture
def own_server(start_server):
    """A server that the test may kill."""
    return start_server(rate=100_000)


@pytest.fixture
def room():
    """The test's room."""
    return f"room-{next(_numbers)}"


@pytest.fixture
def join(room):
    """`join(server, name)` returns a Device that is in the test's room, or in another.

    More arguments go into its query. With an `epoch`, its readings may be numbered.
    """
    from websockets.sync.client import connect

    with ExitStack() as connections:

        def join(server, name, room=room, **more):
            query = {"_pk": f"of {name}"[:64], "role": "device", "name": name, **more}
            address = server.ws_url(room, query=urlencode(query))
            return Device(connections.enter_context(connect(address, proxy=None, max_queue=None)))

        yield join


@pytest.fixture
def porch(server, join):
    """A device with a name, a unit, and a value of each kind."""
    device = join(server, "porch")
    device.hello(name="The porch", units={"temperature": "°C"})
    device.read(temperature=20, door=True, state="fine")
    return device


# Only for one module, because its event loop would disturb other tests.
@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def axe():
    """The source of axe-core, for `judge`."""
    return need("axe-core", AXE.exists() and AXE).read_text(encoding="utf-8")


@pytest.fixture
def page_errors(request):
    """The errors that pages log or throw, and violations of their policy. There must be none."""
    errors = []
    yield errors
    if request.node.get_closest_marker("expects_refusals"):
        errors = [text for text in errors if not text.startswith(NETWORK_ERRORS)]
    assert errors == []


@pytest.fixture
def new_page(browser, page_errors):
    """Pages that must not log an error, throw, or send a request to another host."""
    # A set of hosts for each page.
    asked = []
    contexts = []

    def new_page(width=1440, height=900, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, **{"locale": "en-US", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(ANSWER_S * 1000)
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", lambda said: said.type == "error" and page_errors.append(said.text))
        page.on("pageerror", lambda error: page_errors.append(str(error)))
        hosts = set()
        asked.append(hosts)
        page.on("request", lambda sent: note_host(hosts, sent.url))
        page.on("websocket", lambda socket: note_host(hosts, socket.url))
        page.on("dialog", lambda box: (page_errors.append("a dialog opened"), box.dismiss()))
        return page

    def note_host(hosts, url):
        if urlsplit(url).scheme != "data":
            hosts.add(urlsplit(url).netloc)

    yield new_page
    for context in contexts:
        context.close()
    for hosts in asked:
        assert len(hosts) <= 1, f"asked other hosts: {hosts}"


@pytest.fixture
def open_page(new_page, room):
    """`open_page(server)` returns the dashboard of the test's room, connected."""

    def open_page(server, query=f"?room={room}", **options):
        page = new_page(**options)
        page.goto(f"{server.url}/{query}")
        page.wait_for_selector("#status[data-state=open]")
        return page

    return open_page
