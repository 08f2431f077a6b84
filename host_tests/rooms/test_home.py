"""`--lan`: who reaches the server, and with which token. Networks are made by the tests."""

import os
import pty
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp

import processes
from room_server import home_token, qr
from room_server.home_token import kept_token
from room_server.schema import StoreError
from room_server.settings import parse_arguments
from rooms.network import Computer, need_networks
from rooms.server_process import COMMAND, RoomServer

HERE = Path(__file__).parent
TOOLS = str(HERE.parents[1] / "tools")
ADDRESS, OTHER = "10.77.0.1", "10.77.0.2"
FETCH = "import sys; from rooms.neighbour import fetch; print(fetch(*sys.argv[1:]))"
# The beginnings of lines that a newcomer is told to look for.
QUOTED = (
    "to install a board on USB, open http://localhost:1999/install#",
    "on this computer, open",
    "for boards",
)
# Sends this many records that nobody asked for.
FLOOD = "from rooms.neighbour import Liar; Liar({0!r}).list({1}, {2!r})"
# Holds the port of mDNS, and lets nobody else use it.
HOLD = """
import socket
held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
held.bind(("", 5353))
print("held", flush=True)
input()
"""


@pytest.fixture
def laptop():
    need_networks()
    with Computer() as laptop:
        yield laptop


@pytest.fixture
def start(laptop, tmp_path):
    """Start servers on the laptop, for a user whose data is in `tmp_path`."""
    running = []

    def start(*args, **env):
        env = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), **env}
        server = RoomServer(*args, env=env, inside=laptop.inside)
        running.append(server)
        return server.start()

    yield start
    for server in running:
        server.kill()


def token_in(folder):
    return (folder / "partysocket" / "token").read_text().strip()


def fetch(computer, url, *token):
    """The status of a GET from a computer."""
    return int(python(computer, "-c", FETCH, url, *token))


def fetch_by_name(computer, name, port, *token):
    """The same, for the address that the other computer gets by mDNS."""
    return int(python(computer, HERE / "neighbour.py", OTHER, "fetch", name, port, *token))


def python(computer, *arguments):
    return computer.run("env", f"PYTHONPATH={HERE.parent}", sys.executable, *arguments)


def resolve(computer, address, name):
    return python(computer, HERE / "neighbour.py", address, "resolve", name)


def lines_until(server, beginning):
    lines = [server.read_line()]
    while not lines[-1].startswith(beginning):
        assert lines[-1], server.stderr
        lines.append(server.read_line())
    return lines


def named(server):
    """The lines up to the one with the name, and the name."""
    lines = lines_until(server, "in your network it is also ")
    return lines, re.search(r"http://(\S+)\.local:", lines[-1])[1]


# The token.


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token"


def test_a_token_is_made_once_for_this_user_alone(path, caplog):
    token = kept_token(path)
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", token)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept_token(path) == token and os.listdir(path.parent) == [path.name]
    # Not for a moment could others read it.
    assert caplog.text == ""
    path.unlink()
    assert kept_token(path) != token


def test_of_two_servers_that_make_a_token_one_wins(path, monkeypatch):
    def write(path, token):
        # The other was quicker.
        original(path, "the-other-one")
        original(path, token)

    original = home_token._write
    monkeypatch.setattr(home_token, "_write", write)
    assert kept_token(path) == "the-other-one"


@pytest.mark.parametrize("text", ["", "two words", "x" * 257, "schlüssel"])
def test_a_file_without_a_token_is_not_taken_for_one(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(StoreError, match="has no token: remove it") as error:
        kept_token(path)
    assert not text or text not in str(error.value)


def test_a_file_that_others_could_read_is_closed_and_that_is_said(path, caplog):
    path.write_text("s3cret-s3cret\n")
    path.chmod(0o644)
    assert kept_token(path) == "s3cret-s3cret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"others could read {path}" in caplog.text and "s3cret" not in caplog.text


def test_settings_do_not_show_the_token_of_links():
    settings = parse_arguments(["--lan", "--token", "s3cret"])
    assert settings.link_token == settings.own_token == "s3cret" not in repr(settings)


@pytest.mark.parametrize("package", ["segno", "zeroconf"])
def test_a_package_that_is_missing_is_told_with_what_helps(monkeypatch, capsys, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SystemExit):
        parse_arguments(["--lan"])
    said = capsys.readouterr().err
    assert f"{package} is not installed: run `make rooms`" in said and said.count("\n") == 1
    # Others do not need it.
    assert not parse_arguments([]).lan


# The code.


def decoded(lines):
    """What another program reads in a code on a terminal."""
    assert all(line.startswith("\x1b[30;107m") and line.endswith("\x1b[0m") for line in lines)
    rows = []
    for line in lines:
        drawn = line[len("\x1b[30;107m") : -len("\x1b[0m")]
        rows.append([one in "▀█" for one in drawn])
        rows.append([one in "▄█" for one in drawn])
    size = 4
    pixels = bytes(
        0 if is_dark else 255
        for row in rows
        for _ in range(size)
        for is_dark in row
        for _ in range(size)
    )
    image = memoryview(pixels).cast("B", (len(rows) * size, len(rows[0]) * size))
    [found] = zxingcpp.read_barcodes(image)
    return found.text


@pytest.mark.parametrize("length", [1, 20, 100, 700])
def test_a_code_is_read_by_another_program(length):
    text = "http://192.168.1.20:1999/#token=" + "x" * length
    assert decoded(qr.lines_of(text)) == text


def test_a_terminal_shows_the_token_as_a_code_and_in_words(laptop, tmp_path):
    laptop.plug(ADDRESS)
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": TOOLS, "PYTHONIOENCODING": "utf-8"}
    env |= {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    command = [*laptop.inside, *COMMAND, "--lan", "--memory", "--port", "1999"]
    server = subprocess.Popen(command, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        with closing(os.fdopen(ours, encoding="utf-8")) as terminal:
            said = ""
            while "rooms.local" not in said:
                said += terminal.readline()
    finally:
        server.terminate()
        assert server.wait(30) == 0
    token = token_in(tmp_path)
    lines = said.splitlines()
    code = [line for line in lines if line.startswith("\x1b")]
    assert decoded(code) == f"http://{ADDRESS}:1999/#token={token}"
    assert f"  http://{ADDRESS}:1999/ and give the token {token}" in lines
    assert f"on this computer, open http://127.0.0.1:1999/#token={token}" in lines
    assert f"for boards, TOKEN is {token}" in lines
    assert f"for boards, HOST is {ADDRESS}:1999" in lines
    assert any("plain http" in line for line in lines)
    page = (HERE.parents[1] / "boards/first_board.md").read_text("utf-8")
    for quoted in QUOTED:
        assert f"`{quoted}" in page and any(line.startswith(quoted) for line in lines), quoted


# The server.


def test_addresses_are_those_of_the_home_the_one_to_the_internet_first(laptop):
    def addresses():
        program = "from room_server.adapters import own_addresses as own; print(*own())"
        return laptop.run("env", f"PYTHONPATH={TOOLS}", sys.executable, "-c", program).split()

    assert addresses() == []
    laptop.plug("169.254.7.7")
    assert addresses() == ["169.254.7.7"]
    for address in (f"{ADDRESS}/24", "10.88.0.9/24", "10.9.0.1/24"):
        laptop.run("ip", "address", "add", address, "dev", "plug0")
    laptop.run("ip", "route", "add", "default", "via", "10.88.0.1")
    # Leads to containers alone.
    laptop.run(*"ip link add docker0 type veth peer name other".split())
    laptop.run(*"ip address add 172.17.0.1/16 dev docker0".split())
    assert addresses() == ["10.88.0.9", "10.9.0.1", ADDRESS]


def test_it_is_reached_at_every_address_with_the_token_that_it_made_once(laptop, start, tmp_path):
    laptop.plug(ADDRESS)
    server = start("--lan")
    assert server.address == f"http://{ADDRESS}:{server.port}"
    assert server.hint == f"for boards, HOST is {ADDRESS}:{server.port}\n"
    lines, name = named(server)
    token = token_in(tmp_path)
    for host in (ADDRESS, "127.0.0.1", "[::1]"):
        room = f"http://{host}:{server.port}/parties/main/r"
        assert [fetch(laptop, room), fetch(laptop, room, token)] == [401, 200]
        assert fetch(laptop, room, "another") == 401
    assert name == "rooms" and ADDRESS in resolve(laptop, ADDRESS, name)
    # A pipe may be a log, and everyone may see the command line.
    assert token not in "".join(lines) + server.stderr + processes.arguments(server.pid)
    assert f"the token is in {tmp_path}/partysocket/token\n" in lines
    assert server.stop() == 0 and server.stderr == ""
    server.start()
    assert fetch(laptop, f"{server.address}/parties/main/r", token) == 200


def test_tokens_that_are_given_are_used_and_none_is_made(laptop, start, tmp_path):
    laptop.plug(ADDRESS)
    server = start("--lan", ROOM_SERVER_TOKEN="s3cret")
    lines, _ = named(server)
    assert "clients need one of the tokens that you gave\n" in lines
    room = f"{server.address}/parties/main/r"
    assert [fetch(laptop, room), fetch(laptop, room, "s3cret")] == [401, 200]
    assert os.listdir(tmp_path) == [] and "s3cret" not in "".join(lines)


def test_without_a_token_it_warns_and_leaves_ipv6_alone(laptop, start, tmp_path):
    laptop.plug(ADDRESS)
    server = start("--lan", "--open")
    named(server)
    assert fetch(laptop, f"{server.address}/parties/main/r") == 200
    assert "--open: everyone who can reach this computer may read and write" in server.stderr
    assert os.listdir(tmp_path) == []
    with pytest.raises(AssertionError, match="refused"):
        fetch(laptop, f"http://[::1]:{server.port}/")


def test_a_port_of_mdns_that_is_taken_costs_one_warning_and_not_the_server(laptop, start):
    laptop.plug(ADDRESS)
    command = [*laptop.inside, sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout.readline() == b"held\n"
        server = start("--lan", "--open")
        assert fetch(laptop, f"{server.address}/parties/main/r") == 200
        assert server.stop() == 0
        held.communicate()
    _, warning = server.stderr.splitlines()
    assert "the network gives no name (Address already in use): use the address" in warning


@pytest.mark.soak
def test_without_a_network_it_waits_for_one(laptop, start):
    server = start("--lan", "--open")
    assert server.address == f"http://127.0.0.1:{server.port}" and "no network yet" in server.hint
    laptop.plug(ADDRESS)
    lines, name = named(server)
    assert f"the network has changed: http://{ADDRESS}:{server.port}/\n" in lines
    assert f"for boards, HOST is {ADDRESS}:{server.port}\n" in lines
    assert ADDRESS in resolve(laptop, ADDRESS, name)


@pytest.mark.soak
def test_a_second_computer_reaches_it_by_number_and_name_with_the_token_alone(
    laptop, start, tmp_path
):
    need_networks(joined=True)
    with Computer() as phone:
        laptop.plug(ADDRESS, phone, OTHER)
        owner = [*phone.inside, sys.executable, HERE / "neighbour.py", OTHER, "own", "rooms"]
        with subprocess.Popen(owner, stdout=subprocess.PIPE) as owning:
            assert owning.stdout.readline() == b"mine\n"
            server = start("--lan")
            _, name = named(server)
            # The name is the phone's.
            assert name == "rooms-2"
            assert ADDRESS in resolve(phone, OTHER, name)
            owning.kill()
        server.stop()
        server = server.start()
        assert named(server)[1] == "rooms"
        assert ADDRESS in resolve(phone, OTHER, "rooms")
        for token, status in ((), 401), (("another",), 401), ((token_in(tmp_path),), 200):
            assert fetch(phone, f"{server.address}/parties/main/r", *token) == status
            assert fetch_by_name(phone, "rooms", server.port, *token) == status


@pytest.mark.soak
def test_lists_without_end_cost_bounded_memory(laptop, start):
    laptop.plug(ADDRESS)
    server = start("--lan", "--open")
    named(server)

    def grown(records):
        before = server.memory_kib()
        python(laptop, "-c", FLOOD.format(ADDRESS, records, f"n{records}"))
        # After the answer, what was sent before has been read.
        assert ADDRESS in resolve(laptop, ADDRESS, "rooms")
        return server.memory_kib() - before

    first = grown(20_000)
    # It keeps 10,000 records.
    second = grown(100_000)
    print(f"memory: {first} KiB, then {second} KiB")
    assert second < first + 4096
    assert fetch(laptop, f"{server.address}/parties/main/r") == 200
