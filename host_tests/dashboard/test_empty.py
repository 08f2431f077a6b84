"""The room without a device: the texts that the page offers to copy work unchanged."""

import itertools
import os
import pty
import shlex
import subprocess
from contextlib import ExitStack, closing, contextmanager

import pytest

from e2e.devices import HEAP, Device
from interpreters import command_of
from needs import need_curl
from rooms.contract.servers import KINDS
from rooms.server_process import RoomServer

from .judging import judge
from .looking import TURNED, card, overflow, value

TOKEN = "it's-$ecret\"`\\"
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
# As on plain http.
NO_CLIPBOARD = "delete Navigator.prototype.clipboard"
NO_COPY = "document.execCommand = () => false"


@pytest.fixture
def run(tmp_path):
    """`run(interpreter, text)` runs a program in its own file, until the test's end."""
    with ExitStack() as devices:

        def run(interpreter, text):
            path = tmp_path / "main.py"
            path.write_text(text, encoding="utf-8")
            devices.enter_context(Device(interpreter, path))

        yield run


@contextmanager
def pasted(text):
    """Type a program into MicroPython's REPL, in its paste mode."""
    command, env = command_of("micropython", HEAP)
    ours, theirs = pty.openpty()
    repl = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        with closing(os.fdopen(ours, "r+b", buffering=0)) as terminal:
            # Earlier, the terminal would read Ctrl+D as the end of the input.
            wait_said(terminal, b">>> ")
            terminal.write(b"\x05")
            wait_said(terminal, b"=== ")
            terminal.write(text.encode() + b"\x04")
            yield
    finally:
        repl.kill()
        repl.wait()


def wait_said(terminal, ending):
    said = b""
    while not said.endswith(ending):
        said += terminal.read(1)


def open_empty(open_page, server, *args, **options):
    page = open_page(server, *args, **options)
    page.wait_for_selector("#empty >> text=No device here yet")
    return page


def copy(page, what):
    """Press the button with the keyboard, and wait for its answer."""
    page.focus(f"[data-copies={what}]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-copies={what}] + span >> text=/^Copied$/")
    page.wait_for_selector("#announcer >> text=Copied", state="attached")


def copied(page, what):
    copy(page, what)
    return page.evaluate("navigator.clipboard.readText()")


def wait_value(page):
    page.wait_for_selector(value("my-device", "temperature", "21.5"))
    page.wait_for_selector("#empty", state="hidden")


@pytest.mark.parametrize("kind", KINDS, scope="module")
@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_the_program_runs_as_it_stands(server, open_page, run, interpreter):
    page = open_empty(open_page, server, **CLIPBOARD)
    run(interpreter, copied(page, "program"))
    wait_value(page)
    page.wait_for_selector(f"{card('my-device')} .presence >> text=online")


def test_the_program_is_pasted_into_the_repl(server, open_page):
    page = open_empty(open_page, server, **CLIPBOARD)
    with pasted(copied(page, "program")):
        wait_value(page)


@pytest.mark.expects_refusals
@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_the_program_and_the_command_name_any_room_party_and_token(
    tmp_path, open_page, run, interpreter
):
    tokens = tmp_path / "tokens"
    tokens.write_text(f"* {TOKEN}\n")
    room = "a%22b'c%5C+%3Cd%3E%5B1%5D%252F%C3%A9%F0%9F%8C%BB+%24HOME%E2%80%AE"
    with RoomServer("--party", "lab", "--token-file", tokens) as server:
        query = f"?room={room}&party=lab#token=it's-$ecret%22%60%5C"
        page = open_empty(open_page, server, query, **CLIPBOARD)
        assert TURNED[0] not in page.inner_text("#empty")
        run(interpreter, copied(page, "program"))
        wait_value(page)
        page.goto(f"{server.url}/?room={room}2&party=lab")
        page.wait_for_selector("#empty:not([hidden])")
        post(copied(page, "post"))
        wait_value(page)


def post(command):
    need_curl()
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert '"ok"' in done.stdout, (command, done)


@pytest.mark.parametrize("kind", KINDS, scope="module")
def test_the_command_brings_a_value_without_a_board(server, open_page):
    page = open_empty(open_page, server, **CLIPBOARD)
    post(copied(page, "post"))
    wait_value(page)


def test_the_command_that_installs_is_copied(server, open_page):
    page = open_empty(open_page, server, **CLIPBOARD)
    command, place = copied(page, "install").split(" github:")
    assert command == "mpremote mip install" and shlex.split(place) == [place]


@pytest.mark.parametrize(
    "host, protocol, is_loopback",
    [("127.0.0.1", "", True), ("kitchen.lan", "", False), ("rooms.example", 'ws"', False)],
)
def test_the_address_is_the_pages_own(server, room, new_page, host, protocol, is_loopback):
    page = new_page()
    page.goto(f"http://{host}:{server.port}/?room={room}")
    page.wait_for_selector("#empty:not([hidden])")
    program = page.text_content("#program")
    assert f'"{host}:{server.port}"' in program
    assert program.partition('protocol="')[2].partition(",")[0] == protocol
    assert page.is_visible("#loopback >> text=--lan") == is_loopback


def test_where_there_is_no_clipboard_the_text_is_copied_all_the_same(server, room, new_page):
    page = new_page(**CLIPBOARD)
    page.goto(f"{server.url}/?room={room}")
    page.wait_for_selector("#empty:not([hidden])")
    page.evaluate("navigator.clipboard.writeText('something else')")
    plain = new_page()
    plain.goto(f"http://kitchen.lan:{server.port}/?room={room}")
    plain.wait_for_selector("#empty:not([hidden])")
    assert plain.evaluate("navigator.clipboard === undefined")
    copy(plain, "program")
    assert plain.evaluate("document.activeElement.dataset.copies") == "program"
    assert page.evaluate("navigator.clipboard.readText()") == plain.text_content("#program")


def test_where_nothing_may_be_copied_the_text_is_selected(server, room, new_page):
    page = new_page()
    page.add_init_script(f"{NO_CLIPBOARD}; {NO_COPY}")
    page.goto(f"{server.url}/?room={room}")
    page.click("[data-copies=program]")
    page.wait_for_selector("[data-copies=program] + span >> text=press Ctrl+C")
    page.wait_for_selector("#announcer >> text=press Ctrl+C", state="attached")
    selected = page.evaluate("getSelection().toString()")
    assert selected.strip() == page.text_content("#program").strip()
    assert page.evaluate("document.activeElement.contains(document.getElementById('program'))")


@pytest.mark.expects_refusals
def test_nothing_is_cut_off_on_a_phone(open_page, axe):
    with RoomServer("--token", "x" * 256) as server:
        page = open_empty(open_page, server, f"?room=attic#token={'x' * 256}")
        boxes = page.locator("#empty pre")
        assert boxes.count() == 3
        page.click("[data-copies=post]")
        page.wait_for_selector("[data-copies=post] + span:not(:empty)")
        for width, scheme in itertools.product((320, 360), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme=scheme)
            assert overflow(page) <= 0
            hidden = boxes.evaluate_all("(all) => all.map((e) => e.scrollWidth - e.clientWidth)")
            assert max(hidden) <= 0
            assert judge(page, axe) == {}


@pytest.mark.expects_refusals
def test_a_token_that_only_reads_is_not_given_to_a_device(start_server, new_page):
    server = start_server(token=TOKEN, read_token="w4tch")
    page = new_page()
    page.goto(f"{server.url}/#token=w4tch")
    page.wait_for_selector("#needs-token:not([hidden])")
    assert 'token="TOKEN"' in page.text_content("#program")
    assert "w4tch" not in page.content()
