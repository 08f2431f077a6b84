"""tools/party_server.py, which `make party-server` runs: its address, its end, its errors."""

import os
import re
import signal
import subprocess
import sys

import pytest

import needs
import party_server
from rooms.clients import WAIT_S, http, post, state_of
from rooms.contract.servers import make


class Starter:
    """The program as a process. It has printed its address."""

    def __init__(self, options, **env):
        needs.need_party_server()
        words = [str(word) for option in options.items() for word in option]
        self._process = subprocess.Popen(
            [sys.executable, party_server.__file__, *words],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        self.hint = line and self._process.stdout.readline()
        found = re.fullmatch(r"party server: (http://\S+:([0-9]+))/\n", line)
        self.url = found and found[1]
        self.port = found and int(found[2])

    def end(self, number=None):
        """Send a signal if one is given. Return (status, output since the start)."""
        if number:
            self._process.send_signal(number)
        out, err = self._process.communicate(timeout=WAIT_S)
        return self._process.returncode, out + err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_at_once_with_what_it_started(tmp_path, number):
    options = {"--port": 0, "--storage": tmp_path / "a" / "b"}
    server = Starter(options)
    assert server.url.startswith("http://127.0.0.1:") and "--host 0.0.0.0" in server.hint
    post(server, "r", "d", t=1)
    assert server.end(number) == (0, "")
    with pytest.raises(OSError):
        http(server, "/")
    again = Starter({**options, "--port": server.port}, TOKEN="s3cret", ROOM_TOKENS="r r00m")
    assert again.port == server.port
    # The variable TOKEN has closed the rooms.
    assert http(again, "/parties/main/r")[0] == 401
    for token in ("s3cret", "r00m"):
        assert len(state_of(again, "r", f"token={token}")["devices"]) == 1
    assert again.end(number) == (0, "")


def test_on_every_address_it_prints_one_that_answers(tmp_path):
    server = Starter({"--port": 0, "--storage": tmp_path, "--host": "0.0.0.0"})
    assert "0.0.0.0" not in server.url and "HOST is" in server.hint
    post(server, "r", "d", t=1)
    assert server.end(signal.SIGTERM) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TOKEN", "", ("TOKEN:", "1 to 256")),
        ("READ_TOKEN", "s3cret s3cret", ("READ_TOKEN:", "1 to 256")),
        ("ROOM_TOKENS", "# none\n", ("ROOM_TOKENS", "has no token")),
        ("ROOM_TOKENS", "a s3cret\nb s3cret write", ("line 2", "PLACE TOKEN read")),
        ("ROOM_TOKENS", "a/b/c s3cret", ("line 1", "PARTY/ROOM")),
        ("ROOM_TOKENS", "\n".join(f"r{n} s3cret" for n in range(1001)), ("1001", "1000")),
        ("HISTORY", "300", ("HISTORY is gone", "KEEP_RAW", "KEEP_HOURS")),
        ("KEEP_RAW", "0", ("KEEP_RAW", "'0'", "1 to 36500")),
        ("KEEP_RAW", "31", ("KEEP_RAW 31", "KEEP_MINUTES 30")),
        ("KEEP_HOURS", "29", ("KEEP_MINUTES 30", "KEEP_HOURS 29")),
        ("MAX_DB_BYTES", "1000000", ("MAX_DB_BYTES", "1048576 to 10000000000")),
        ("MAX_CLIENTS", "0", ("MAX_CLIENTS", "1 to 32768")),
        ("MAX_DEVICES", "many", ("MAX_DEVICES", "'many'", "1 to 5000")),
        ("MAX_MESSAGE_BYTES", "1e4", ("MAX_MESSAGE_BYTES", "128 to 16777216")),
        ("RATE", "", ("RATE", "1 to 100000")),
        ("ALLOW_ORIGINS", "example.org", ("ALLOW_ORIGINS", "scheme://")),
        ("--port", "70000", ("70000",)),
        ("--storage", __file__, ("--storage",)),
        ("--host", "no.such.host.invalid", ("--host",)),
    ],
)
def test_a_bad_variable_or_argument_is_told_and_status_2(tmp_path, name, value, words):
    options = {"--port": 0, "--storage": tmp_path}
    env = {}
    (options if name.startswith("--") else env)[name] = value
    status, said = Starter(options, **env).end()
    # An error of argparse has the usage too.
    assert status == 2 and (said.count("\n") == 1 or name == "--port")
    assert all(word in said.splitlines()[-1] for word in words), said
    assert "s3cret" not in said


def test_a_port_in_use_is_said_with_the_way_out(tmp_path):
    with make("party_server", tmp_path) as running:
        status, said = Starter({"--port": running.port, "--storage": tmp_path / "b"}).end()
    assert (status, said.count("\n")) == (2, 1)
    assert f"port {running.port} of 127.0.0.1" in said and "--port" in said


def test_a_folder_is_used_by_one_server_at_a_time(tmp_path):
    options = {"--port": 0, "--storage": tmp_path}
    server = Starter(options)
    status, said = Starter(options).end()
    assert (status, said.count("\n")) == (2, 1)
    assert f"{tmp_path} is in use by another server" in said and "--storage" in said
    assert server.end(signal.SIGTERM) == (0, "")
    again = Starter(options)
    assert again.url and again.end(signal.SIGTERM) == (0, "")
