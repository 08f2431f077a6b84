"""tools/deploy.py on a board: the real mpremote, littlefs and room server; only hardware is
fake.
"""

import contextlib
import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import toys
import trustme
from mpremote.transport_serial import SerialTransport

from conftest import IN_ROOM, PASSWORD, TOOL, pico, run_tool
from deploy import forms, nearby, settings
from deploy.ask import Asker
from deploy.words import Failure
from mpy import mpy_cross
from pty_board import mpremote, write
from room_server.home_token import file_of_token, kept_token, token_of_user
from rooms.server_process import RoomServer

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_board_ends_in_its_room_and_progress_counts_files_and_bytes(first):
    folder, said, state = first
    assert re.search(r"^partysocket \S+ as \.mpy, (x64|portable), with wifi; ", said, re.M)
    assert "  | Wi-Fi: home settling" in said
    page = r"  \| in the room\nDashboard: http://127\.0\.0\.1:\d+/\?room=greenhouse\n"
    assert re.search(page + r"\Z", said)
    (device,) = state["devices"]
    assert device["device"] == "north" and device["online"]
    assert device["about"]["units"]["temperature"] == "°C"
    lines = [line for line in said.splitlines() if line.startswith("  file ")]
    total = said.partition(" files to send, ")[2].partition(" bytes")[0]
    assert lines[0].startswith(f"  file 1 of {len(lines)}: /lib/partysocket/__init__.mpy, ")
    assert lines[0].endswith(f"(0 of {total} sent)")
    assert lines[-1].startswith(f"  file {len(lines)} of {len(lines)}: /main.py, ")


WATCHED = """
import os, runpy, sys
def hook(event, args):
    if event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR):
        print("opened to write:", args[0], file=sys.stderr)
sys.addaudithook(hook)
sys.argv[:] = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_password_goes_to_the_board_and_nowhere_else(first, deployed):
    another = PASSWORD + "!"
    python = (sys.executable, "-B", "-c", WATCHED)
    with pico(deployed) as board:
        done = run_tool(board.port, python=python, WIFI_NAME="home", WIFI_PASSWORD=another)
        assert done.returncode == 0 and "1 file to send" in done.stdout, done.stderr
        assert set(re.findall("opened to write: (.*)", done.stderr)) == {board.port}
        assert PASSWORD not in first[1] + done.stdout + done.stderr
        assert another in mpremote(board, "fs", "cat", "secrets.py")


def test_the_second_time_nothing_is_sent_and_a_dry_run_changes_nothing(deployed):
    with pico(deployed) as board:
        # It runs, and is interrupted.
        board.wait_output("Wi-Fi: home joining")
        done = run_tool(board.port)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Nothing to send: all " in done.stdout and "file 1 of" not in done.stdout
        assert IN_ROOM in done.stdout
        done = run_tool(board.port, "--dry-run", "--room=attic")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 file to send" in done.stdout and "  /secrets.py, " in done.stdout
        assert done.stdout.endswith("A dry run: nothing was changed\n")
        assert board.writes() == 0
        board.wait_output("Wi-Fi: home joining", board.output().rindex("soft reboot"))


def test_one_changed_file_is_sent_alone(deployed, tmp_path):
    library = tmp_path / "mpy"
    shutil.copytree(forms.FORMS, library)
    source = tmp_path / "__init__.py"
    source.write_text((ROOT / "lib/partysocket/__init__.py").read_text() + "\nCHANGED = 1\n")
    target = library / "partysocket/__init__.mpy"
    subprocess.run([mpy_cross(), "-o", str(target), str(source)], check=True)
    with pico(deployed) as board:
        said = toys.deploy_to(board.port, {}, library=library)
        sent = [line for line in said if line.startswith("  file ")]
        assert len(sent) == 1 and "/lib/partysocket/__init__.mpy, " in sent[0]
        assert said[-2] == "  | in the room"
        assert mpremote(board, "exec", "from partysocket import CHANGED") == ""


def answered(command, *answers):
    """Run a program at a terminal, where a user waits for each question and types an answer.
    Return its exit status and the text on the terminal.
    """
    person, terminal = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(terminal)
    shown, left = "", list(answers)
    # The end of the terminal.
    with contextlib.suppress(OSError):
        while True:
            shown += os.read(person, 1000).decode()
            if left and left[0][0] in shown.rpartition("\n")[2]:
                os.write(person, left.pop(0)[1].encode() + b"\n")
    os.close(person)
    assert not left, shown
    return process.wait(30), shown


def test_a_person_is_asked_and_the_password_is_not_shown(deployed):
    with pico(deployed) as board:
        status, shown = answered(
            [sys.executable, TOOL, "--port", board.port, "--dry-run"],
            ("Keep them? [Y/n] ", "n"),
            ("Wi-Fi name [home]: ", "shed"),
            ("Its password, not shown [empty: an open network]: ", "another password"),
            ("Host of the room", ""),
            ("Room [greenhouse]: ", "attic"),
        )
        assert status == 0, shown
    assert "another password" not in shown and PASSWORD not in shown
    assert "Wi-Fi shed, home; room attic at" in shown


NO_TIME_SERVER = """
import sys

class Clock:
    @staticmethod
    async def sync_clock():
        raise OSError(110)

sys.modules["partysocket.clock"] = Clock
"""


def test_without_a_time_server_a_board_ends_in_its_room_over_tls_and_the_clock_is_explained(
    deployed, tmp_path
):
    authority = trustme.CA()
    shown = authority.issue_cert("127.0.0.1")
    shown.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    root = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
    (tmp_path / "root.der").write_bytes(root)
    tls = ("--cert", tmp_path / "server.pem", "--key", tmp_path / "server.pem")
    with RoomServer(*tls) as room, pico(deployed) as board:
        host = f"127.0.0.1:{room.port}"
        values = {"HOST": host, "ROOM": "attic", "NETWORKS": [("home", PASSWORD)]}
        values |= {"PROTOCOL": "wss", "CA": "root.der"}
        mpremote(board, "fs", "cp", tmp_path / "root.der", ":/root.der")
        write(board, "/secrets.py", settings.written(values))
        write(board, "/boot.py", NO_TIME_SERVER)
        said = toys.deploy_to(board.port, {}, keeps_settings=True)
    told = said.index("  | OSError: [Errno 110] ETIMEDOUT")
    assert said[told + 1].startswith("The board's clock could not be set: OSError: [Errno 110]")
    assert said[-2:] == ["  | in the room", f"Dashboard: https://{host}/?room=attic"]


def test_a_room_server_of_this_computer_is_offered_if_a_board_can_reach_it(
    deployed, tmp_path, monkeypatch
):
    def find(say):
        return nearby.prefill(say, lambda: "127.0.0.2", token_of_user, room.port)

    def answer(question):
        heard.append(question)
        return "home" if question.startswith("Wi-Fi name") else ""

    heard = []
    with RoomServer() as room:
        assert find(heard.append) == (None, None)
    assert "127.0.0.1 alone" in heard[0] and f"--lan it is at 127.0.0.2:{room.port}" in heard[0]
    assert find(heard.append) == (None, None) and len(heard) == 1
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    token = kept_token(file_of_token())
    # A server without tokens needs none.
    with RoomServer("--host", "0.0.0.0") as room:
        assert find(heard.append) == (f"127.0.0.2:{room.port}", None)
    tokens = tmp_path / "tokens"
    tokens.write_text(f"* {token}\n")
    options = ("--host", "0.0.0.0", "--token-file", tokens)
    with RoomServer(*options) as room, pico(deployed) as board:
        mpremote(board, "fs", "rm", "secrets.py")
        asker = Asker(True, answer, lambda question: PASSWORD, heard.append, find)
        said = toys.deploy_to(board.port, {}, asker=asker)
        monkeypatch.setenv("ROOM_SERVER_TOKEN", "t0ken-of-its-variable")
        assert find(heard.append) == (f"127.0.0.2:{room.port}", "t0ken-of-its-variable")
    assert "t0ken" not in str(heard)
    assert "A room server runs on this computer" in heard
    assert f"Host of the room, with its port [127.0.0.2:{room.port}]: " in heard
    assert said[-2:] == ["  | in the room", f"Dashboard: http://127.0.0.2:{room.port}/?room=home"]
    assert token not in str(heard) + str(said)


def test_make_hands_on_what_its_command_line_says_and_nothing_of_the_environment():
    # `make`, which may run these tests, sets these.
    of_make = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS")
    env = {name: text for name, text in os.environ.items() if name not in of_make}
    command = ["make", "-n", "deploy", "ROOM=Anne's $$(id)", "BOARD=pico_w", "TOKEN=t"]
    env |= {"HOST": "my-computer", "NAME": "my-computer", "PORT": "8080"}
    said = subprocess.check_output(command, env=env, cwd=ROOT, text=True)
    recipe = said.partition("ROOM_TOKEN=")[2].replace("\\\n", "")
    program = ["t", ".venv/bin/python", "tools/deploy.py"]
    assert shlex.split(recipe) == [*program, "--board=pico_w", "--room=Anne's $(id)"]


def test_who_stops_it_leaves_a_board_that_runs_as_before(tmp_path):
    with pico(tmp_path) as board:
        write(board, "/main.py", "print('the old', 'version')")
        begun = len(board.output())
        process = subprocess.Popen(
            [sys.executable, TOOL, "--port", board.port, "--host=a.local", "--room=home"],
            env={**os.environ, "WIFI_NAME": "home"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell ignores Ctrl-C for what it starts with `&`, perhaps this test run.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while "  file 5 of " not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130 and "deploy again to go on" in said
        board.wait_output("the old version", begun)
        done = run_tool(board.port, "--host=a.local", "--dry-run", WIFI_NAME="home")
        assert " files waiting since a deploy that was cut off" in done.stdout


@pytest.mark.parametrize("moment", [b"soft reboot\r\n", b"raw REPL; CTRL-B to exit\r\n"])
def test_who_stops_it_while_it_begins_leaves_a_board_that_runs(toy, board, monkeypatch, moment):
    write(board, "/main.py", "print('the old', 'version')")
    begun = len(board.output())
    real = SerialTransport.read_until

    def read_until(self, min_num_bytes, ending, *args, **kwargs):
        if ending == moment:
            monkeypatch.undo()
            raise KeyboardInterrupt
        return real(self, min_num_bytes, ending, *args, **kwargs)

    monkeypatch.setattr(SerialTransport, "read_until", read_until)
    with pytest.raises(KeyboardInterrupt):
        toys.put(board, toy)
    board.wait_output("the old version", begun)


def test_sources_of_the_same_modules_make_way_and_what_was_half_sent_goes(toy, board):
    package = "/lib/partysocket/"
    sources = ["driver.py", "core/native.py", "net/cpython.py"]
    mpremote(board, "fs", "mkdir", "/lib", "/lib/partysocket")
    mpremote(board, "fs", "mkdir", package + "core", package + "net")
    for name in [*sources, "roots.py", "mine.py", "one.mpy.new", "gone.mpy.new"]:
        write(board, package + name, "raise ValueError(1)")
    said = toys.put(board, toy)
    for name in sources:
        assert f"{package}{name} is removed: the same module in another form" in said
    left = mpremote(board, "fs", "ls", package)
    assert "roots.py" in left and "mine.py" in left
    assert "driver.py" not in left and ".new" not in left
    assert "whole ['A'" in board.output()


def test_settings_are_kept_when_told_so_and_not_given_then(toy, board):
    with pytest.raises(Failure, match="no settings to keep"):
        toys.put(board, toy, keeps_settings=True, given={})
    done = run_tool(board.port, "--keep-settings", "--room=attic")
    assert done.returncode == 2 and "leaves ROOM no say" in done.stderr
    toys.put(board, toy)
    # Without sha256 files are read back.
    write(board, "/hashlib.py", "from binascii import crc32")
    for mine in ("HOST = 'a.local'  # by hand\n", "import os\nHOST = os.getcwd()\n"):
        write(board, "/secrets.py", mine)
        said = toys.put(board, toy, keeps_settings=True, given={})
        assert said[2].startswith("Nothing to send")
        assert mpremote(board, "fs", "cat", "secrets.py") == mine


def test_a_newer_version_takes_the_place_of_its_own_files_and_keeps_those_of_others(
    toy, tmp_path, board
):
    kept = "/main.py is not what a deploy put there: it is kept as /before_main.py"
    write(board, "/main.py", "print('mine')")
    assert kept in toys.put(board, toy)
    assert mpremote(board, "fs", "cat", "before_main.py") == "print('mine')"
    newer = toys.make(tmp_path / "B", "B", ("one",))
    said = toys.put(board, newer)
    assert kept not in said and any("/main.py, " in line for line in said)
    assert "/lib/partysocket/two.mpy is removed: of the version before" in said
    assert "two.mpy" not in mpremote(board, "fs", "ls", "/lib/partysocket")
    assert "whole ['B'" in board.output()
    write(board, "/main.py", "print('changed')")
    assert kept in toys.put(board, newer)
    assert mpremote(board, "fs", "cat", "before_main.py") == "print('changed')"


SLOW = """
from binascii import hexlify
class sha256:
    def update(self, data):
        pass
    def digest(self):
        import time
        time.sleep(2)
        return bytes(32)
"""


def test_a_board_that_hashes_slowly_is_waited_for(toy, board, monkeypatch):
    """All waits are a tenth of what they are. mpremote's own would then be one second."""
    real = SerialTransport.follow

    def follow(self, timeout, data_consumer=None):
        return real(self, timeout / 10, data_consumer)

    monkeypatch.setattr(SerialTransport, "follow", follow)
    # For pseudo-terminals it has another way to wait.
    monkeypatch.setattr(SerialTransport, "_is_pty_device", staticmethod(lambda device: False))
    write(board, "/hashlib.py", SLOW)
    # It hashes wrongly, so that the deploy ends there.
    with pytest.raises(Failure, match="arrived damaged, twice"):
        toys.put(board, toy)


TELLS_ALL = """import secrets
print("Wi-Fi:", secrets.NETWORKS, "token:", secrets.TOKEN)
print("in the room")
"""


def test_what_a_board_prints_of_its_secrets_is_not_shown(toy, tmp_path, board):
    library, _ = toy
    (tmp_path / "kind").mkdir()
    (tmp_path / "kind/main.py").write_text(TELLS_ALL)
    about = {"name": "telling", "platform": "linux", "oldest": "1.25"}
    about |= {"parts": ["wifi"], "files": {"main.py": "main.py"}}
    (tmp_path / "kind/board.json").write_text(json.dumps(about))
    (library / "wifi.json").write_text(json.dumps({"urls": [], "version": "A"}))
    kind = forms.load(str(tmp_path / "kind"))
    given = {**toys.SETTINGS, "WIFI_NAME": "home", "WIFI_PASSWORD": PASSWORD, "TOKEN": "t0ken"}
    said = toys.put(board, (library, kind), given)
    assert "  | Wi-Fi: [('home', '***')] token: ***" in said
    said += toys.put(board, (library, kind), {"ROOM": "attic"})
    assert PASSWORD not in str(said) and "t0ken" not in str(said)


def test_a_watchdog_is_fed_while_a_person_thinks(toy, tmp_path, board):
    main = (toy[1].folder / "main.py").read_text()
    main = f"from machine import WDT\nimport time\ndog = WDT(timeout=3000)\n{main}"
    main += "while True:\n    dog.feed()\n    time.sleep(0.1)\n"
    fed = toys.copied(toy, tmp_path / "fed", main)
    toys.put(board, fed)
    secrets = mpremote(board, "fs", "cat", "secrets.py")
    write(board, "secrets.py", secrets + "WATCHDOG_S = 3\n")

    def think(question):
        meals = board.meals
        board.wait_for(lambda: board.meals > meals + 3, "meals")
        return "y"

    said = toys.put(board, fed, given={}, asker=Asker(True, think, think, print))
    assert said[2].startswith("Nothing to send")
