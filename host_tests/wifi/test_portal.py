"""The portal on real sockets, with a real browser for its page."""

import socket
import subprocess
import threading

import pytest

from dashboard.conftest import BROWSER_FLAGS
from dashboard.judging import AXE
from deploy import settings
from interpreters import command_of
from library import ROOT
from needs import need, need_browser

PROGRAM = ROOT / "host_tests/wifi/portal_board.py"
SECRET = "its own password"
OTHER = "the other password"
LIMIT_S = 20
VALUES = {"NETWORKS": [("home", SECRET)], "HOST": "localhost:1999", "ROOM": "home"}


class Board:
    """The process of portal_board.py."""

    def __init__(self, form, folder):
        self.folder = folder
        self.port = free_port()
        (folder / "secrets.py").write_text(settings.written(VALUES), encoding="utf-8")
        command, env = command_of(form, "400K")
        self.lines = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [*command, str(PROGRAM), str(self.port), str(folder)],
            env=env,
            text=True,
            bufsize=1,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._collect, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()

    def do(self, order):
        """Give an order, and return (status of the WiFi, whether the access point is on)."""
        with self._news:
            count = self._answers()
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()
            assert self._news.wait_for(lambda: self._answers() > count, LIMIT_S), self.lines
            status, is_on = [line for line in self.lines if line[:6] == "board:"][-1][7:].split(
                " | "
            )
        return status, is_on == "True"

    def until(self, claim):
        """Let virtual seconds pass until claim(status, is_on)."""
        for _ in range(1000):
            if claim(*self.do("ms 1000")):
                return
        raise AssertionError(self.lines)

    def opens(self):
        self.until(lambda status, is_on: is_on)

    def ask(self, data):
        """The whole answer to a request."""
        with self.connect() as sock:
            sock.sendall(data)
            return received(sock)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT_S)

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def get(self, host=None):
        return self.ask(f"GET / HTTP/1.1\r\nHost: {host or self.host}\r\n\r\n".encode())

    def said(self):
        return "\n".join(self.lines)

    def _answers(self):
        return sum(line[:6] == "board:" for line in self.lines)

    def _collect(self):
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()


def free_port():
    """A port that is free for TCP and UDP."""
    with socket.socket() as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", one.getsockname()[1]))
        return one.getsockname()[1]


def received(sock):
    found = b""
    while data := sock.recv(4096):
        found += data
    return found.decode()


@pytest.fixture(params=["micropython", "compiled"])
def board(request, tmp_path):
    with Board(request.param, tmp_path) as board:
        board.opens()
        yield board


def test_strangers_get_nothing_and_the_page_goes_on(board):
    page = board.get()
    assert page.startswith("HTTP/1.1 200 ") and "<form" in page
    assert SECRET not in page and SECRET not in board.said()
    foreign = board.get("connectivitycheck.example")
    assert foreign.startswith("HTTP/1.1 303") and f"Location: http://{board.host}/\r\n" in foreign
    # More than it reads: the answer arrives all the same.
    for data in (b"a" * 5000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 700 + b"\r\n"):
        assert board.ask(data).startswith("HTTP/1.1 400")
    silent = board.connect()
    with board.connect() as second:
        second.sendall(f"GET / HTTP/1.1\r\nHost: {board.host}\r\n\r\n".encode())
        # The first one says nothing for two seconds, and is dropped.
        board.do("ms 2000")
        assert received(second).startswith("HTTP/1.1 200")
    assert silent.recv(1) == b""
    silent.close()
    assert "portal: " in board.said() and "Error" not in board.said()


def test_each_name_leads_to_the_board(board):
    question = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\x07captive\x05apple\x03com\0\0\1\0\1"
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(LIMIT_S)
        sock.sendto(question, ("127.0.0.1", board.port))
        answer = sock.recv(512)
    assert answer[:2] == question[:2] and answer[-4:] == bytes([127, 0, 0, 1])


def test_a_link_closes_its_sockets(board):
    board.do("here home")
    board.until(lambda status, is_on: status == "up" and not is_on)
    with pytest.raises(ConnectionRefusedError):
        board.connect()


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


def test_a_person_with_a_browser_enters_a_network(board, browser):
    page = browser.new_context(viewport={"width": 360, "height": 640}).new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    page.goto(f"http://{board.host}/")
    names = page.locator("option").all_text_contents()
    assert names == ["\"'><script>document.title='stolen'</script>", "new"]
    assert page.title() == "Wi-Fi"
    page.evaluate(need("axe-core", AXE.exists() and AXE).read_text(encoding="utf-8"))
    judged = page.evaluate("() => axe.run(document)")
    assert len(judged["passes"]) > 10 and judged["violations"] == []
    page.screenshot(path=ROOT / "build/portal.png")
    board.do("refuses new")

    def enter(password):
        page.get_by_label("Network", exact=True).select_option("new")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Join").click()
        page.wait_for_selector("text=Trying new")

    # The browser itself asks for 8 characters.
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Join").click()
    assert page.get_by_role("button", name="Join").is_visible()
    enter("a wrong password")
    board.until(lambda status, is_on: not is_on)
    board.opens()
    page.get_by_role("link", name="see why").click()
    page.wait_for_selector("text=new: wrong password")
    for secret in (SECRET, "a wrong password"):
        assert secret not in page.content()
    board.do("here new")
    enter(OTHER)
    board.until(lambda status, is_on: status == "up")
    board.until(lambda status, is_on: "portal: joined" in board.said())
    text = (board.folder / "secrets.py").read_text(encoding="utf-8")
    # The file that deploy would have written, which it also reads.
    wanted = {**VALUES, "NETWORKS": [("new", OTHER), ("home", SECRET)]}
    assert text == settings.written(wanted) and settings.parse(text) == wanted
    assert not [secret for secret in (SECRET, OTHER) if secret in board.said()]
