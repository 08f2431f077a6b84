"""Boards are installed from a page of the server: who may do that, and what becomes of secrets and
of the board. SECURITY.md names these tests.
"""

import json
import os
import random
import shutil
import signal
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from installer.asking import PASSWORD, TOKEN, Page, pico, request
from pty_board import write
from room_server.answers import Refusal
from room_server.installing import Installer
from room_server.settings import Settings
from rooms.clients import http
from rooms.server_process import RoomServer

PATHS = ["/install", "/install/page.js"]


@pytest.fixture
def server():
    with RoomServer("--verbose") as running:
        yield running


# Who is answered.


def asked_by(remote, **headers):
    made = make_mocked_request("GET", "/install", {"Host": "localhost:1999", **headers})
    return made.clone(remote=remote)


async def test_only_this_computer_is_answered_and_only_at_a_name_of_its_own():
    installer = Installer(Settings(), None)
    with pytest.raises(Refusal):
        # It is not open yet.
        await installer.answer(asked_by("127.0.0.1"))
    assert installer.open("http", "192.168.1.7", 1999) is None
    assert installer.open("http", "127.0.0.7", 80).startswith("http://127.0.0.7/install#")
    assert installer.open("http", "0.0.0.0", 1999).startswith("http://localhost:1999/install#")
    for remote in ("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"):
        assert (await installer.answer(asked_by(remote))).status == 200
    for remote in ("192.168.1.7", "::ffff:192.168.1.7", "fe80::1", "", None, "localhost"):
        with pytest.raises(Refusal) as refusal:
            await installer.answer(asked_by(remote))
        assert refusal.value.status == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_name_of_somebody_else_leads_nowhere_nor_does_a_proxy(server, path):
    assert request(server, path)[0] == 200
    nothing = request(server, "/nothing")
    for host in ("rebound.example:{}", "localhost", "localhost:1", "127.0.0.1.example:{}", ""):
        assert request(server, path, Host=host.format(server.port)) == nothing
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert request(server, path, **{header: "for=192.168.1.7"}) == nothing
    assert nothing[0] == 404


def test_another_page_of_this_computer_can_not_ask(server):
    page = Page(server)
    body = {"session": page.session}
    for origin in (None, "null", "http://localhost:3000", "https://localhost:1999", "http://a.b"):
        assert request(server, "/install/ports", body, Origin=origin)[0] == 403
    # What a form of another page can send.
    assert request(server, "/install/ports", body, **{"Content-Type": "text/plain"})[0] == 400
    assert request(server, "/install/ports", body)[0] == 200


def test_the_key_opens_one_page_and_the_next_page_closes_it(server):
    link = server.install_link()
    key = link.partition("#")[2]
    assert len(key) >= 20
    for body in ({}, {"key": None}, {"key": ""}, {"key": key[:-1]}, {"key": 5}, {"session": None}):
        assert request(server, "/install/open", body)[0] == 401
    status, text = request(server, "/install/open", {"key": key})
    first = json.loads(text)["session"]
    assert status == 200 and first not in link
    assert request(server, "/install/open", {"key": key})[0] == 401
    # It may be reloaded.
    assert json.loads(request(server, "/install/open", {"session": first})[1])["session"] == first
    for what in ("ports", "start", "events", "stop"):
        for session in (None, "", key, first + "x"):
            assert request(server, f"/install/{what}", {"session": session})[0] == 401
    second = Page(server)
    assert request(server, "/install/ports", {"session": first})[0] == 401
    assert second.ask("ports")[0] == 200


# What a page can ask for.

WRONG = {
    "an address in the network": {"port": "socket://192.168.1.7:23"},
    "a file": {"port": "spy:///dev/ttyACM0?file=/tmp/x"},
    "a file outside /dev": {"port": "/dev/../home/me/file"},
    "no port": {"port": ""},
    "a folder": {"board": "../boards/pico_w"},
    "no server": {"host": " "},
    "no text": {"wifi": ["home"]},
    "much": {"name": "n" * 1025},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_what_is_no_board_and_no_setting_is_refused(server, fields):
    status, answer = Page(server).start(**{"port": "/dev/ttyNONE", **fields})
    assert status == 400 and PASSWORD not in str(answer)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"x" * 20000])
def test_what_is_no_question_is_refused(server, body):
    assert request(server, "/install/open", body)[0] in (400, 413)


def test_the_page_may_run_its_own_files_alone_and_may_not_be_framed(server):
    status, text, headers = http(server, "/install")
    assert status == 200 and "<script>" not in text and "style=" not in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    for path in ("/install/../settings.py", "/install/index.htm", "/install/", "/installer"):
        assert request(server, path)[0] == 404, path
    assert request(server, "/install", method="PUT")[0] == 405


# Secrets.


def test_secrets_are_sent_to_the_board_alone(tmp_path):
    """Not to the log, the page, a file or the list of processes."""
    with RoomServer("--verbose", "--token", TOKEN) as server, pico(tmp_path) as board:
        page = Page(server)
        assert page.first["token"] == "own"
        assert page.start(board.port)[0] == 200
        events = list(page.events(until="Restarting the board"))
        seen = seen_by_others(server.pid)
        events += page.events()
        assert events[-1]["kind"] == "value", events
        said = json.dumps([page.first, events]) + server.stderr
    assert b"deploy.worker" in seen
    for secret in (PASSWORD, TOKEN):
        assert secret not in said and secret.encode() not in seen
    assert TOKEN.encode() in (tmp_path / "flash.img").read_bytes()


def seen_by_others(pid):
    """The command line and the environment of a process's child."""
    child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    return b"".join(Path(f"/proc/{child}/{name}").read_bytes() for name in ("cmdline", "environ"))


def test_a_token_is_not_given_to_another_server(tmp_path):
    with RoomServer("--token", TOKEN) as server, pico(tmp_path) as board:
        page = Page(server)
        assert page.start(board.port, host="127.0.0.1:9")[0] == 200
        list(page.events(until="Restarting the board"))
        assert TOKEN.encode() not in (tmp_path / "flash.img").read_bytes()


# The board.


def test_a_board_is_installed_and_its_first_value_is_told(server, tmp_path):
    page = Page(server)
    with pico(tmp_path) as board:
        events = page.install(board.port)
        assert page.ask("open")[1]["name"] == "board-1"
    kinds = [event["kind"] for event in events]
    assert kinds[-3:] == ["page", "done", "value"] and "log" in kinds
    assert events[-3]["url"] == f"http://127.0.0.1:{server.port}/?room=home"
    assert events[-1]["name"] and events[-1]["value"] is not None
    sent, of = page.ask("events", after=0)[1]["sent"]
    assert sent == of > 50_000


def test_one_board_at_a_time_and_it_can_be_stopped(server, tmp_path):
    page = Page(server)
    with pico(tmp_path) as board:
        write(board, "/main.py", "print('the old', 'version')")
        begun = len(board.output())
        assert page.start(board.port)[0] == 200
        assert page.start(board.port)[0] == 409
        list(page.events(until="say"))
        assert page.ask("stop")[0] == 200
        *_, last = page.events()
        assert last["kind"] == "failed" and last["text"].startswith("Stopped. "), last
        board.wait_output("the old version", begun)
        assert page.install(board.port)[-1]["kind"] == "value"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_leaves_a_board_that_runs_as_before(server, tmp_path, number):
    page = Page(server)
    with pico(tmp_path) as board:
        write(board, "/main.py", "print('the old', 'version')")
        begun = len(board.output())
        page.start(board.port)
        events = page.events()
        while "file 2 of" not in next(events).get("text", ""):
            pass
        server.stop(number)
        board.wait_output("the old version", begun)


def test_a_port_without_a_board_is_told(server):
    _, answer = Page(server).ask("ports")
    assert isinstance(answer["ports"], list)
    page = Page(server)
    *_, last = page.install("/dev/ttyNONE")
    assert (last["kind"], last["status"]) == ("failed", 3) and "plugged in" in last["text"]


# Power cuts. host_tests/deploy/test_power_cut.py has more of them, also for a ROMFS.


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The folder of a board whose flash is formatted."""
    folder = tmp_path_factory.mktemp("empty")
    with pico(folder):
        return folder


@pytest.fixture(scope="module")
def writes(empty, tmp_path_factory):
    """How many writes it takes to install it."""
    folder = copied(empty, tmp_path_factory.mktemp("counted"))
    with RoomServer() as server, pico(folder) as board:
        assert Page(server).install(board.port)[-1]["kind"] == "value"
        return board.writes()


def copied(source, folder):
    folder.mkdir(exist_ok=True)
    shutil.copy(source / "flash.img", folder)
    return folder


def cut_and_install_again(folder, cut_at):
    """A new board loses its power at a write; then it is installed again."""
    print(f"cut at write {cut_at}")
    with RoomServer() as server:
        page = Page(server)
        with pico(folder, cut_at=cut_at) as board:
            *_, last = page.install(board.port)
            assert board.has_died.wait(30)
        assert (last["kind"], last["status"]) == ("failed", 5)
        assert "broke off" in last["text"] and "Plug it in" in last["text"]
        # It starts, with nothing or with everything.
        with pico(folder) as board:
            board.wait_for(lambda: "in the room" in board.output() or ">>> " in board.output())
            assert "Traceback" not in board.output()
            assert page.install(board.port)[-1]["kind"] == "value"


def test_after_a_cut_the_board_starts_and_is_installed_again(empty, writes, tmp_path):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed} of {writes} writes")
    # One among the files, one while they take their places.
    draw = random.Random(seed)
    for cut_at in (draw.randrange(1, writes - 20), draw.randrange(writes - 20, writes + 1)):
        cut_and_install_again(copied(empty, tmp_path / str(cut_at)), cut_at)


@pytest.mark.soak
def test_a_cut_at_every_write(empty, writes, tmp_path):
    for cut_at in range(1, writes + 1):
        folder = copied(empty, tmp_path / str(cut_at))
        cut_and_install_again(folder, cut_at)
        shutil.rmtree(folder)


WITHOUT = "import sys\nsys.modules['mpremote'] = None\n"


def test_if_the_packages_for_boards_are_not_there_the_page_says_so(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    tools = Path(__file__).resolve().parents[2] / "tools"
    with RoomServer(env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{tools}"}) as server:
        assert "`make rooms`" in Page(server).first["trouble"]
