"""The process: its output, its signals, its errors, and the data after a restart."""

import asyncio
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from room_server.place import default_file
from room_server.schema import StoreError
from room_server.settings import parse_arguments
from rooms.clients import join, join_many, post, reading, state_of


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_every_client_with_1001_and_exits_0(start, number):
    server = start()
    clients = [await join(server, f"r{n}") for n in range(5)]
    server.signal(number)
    for client in clients:
        reason = "the server stops; retry-after=5; spread=1"
        assert await client.closed() == (1001, reason)
    assert await asyncio.to_thread(server.wait) == 0
    assert server.stderr == ""


async def test_it_ends_though_clients_do_not_answer(start, tmp_path):
    server = start("--db", tmp_path / "rooms.db")
    async with join(server, "r", role="device", name="d") as stuck, join(server, "r") as other:
        await stuck.send(reading(t=1))
        await other.next("reading")
        stuck.stop_reading()
        assert await asyncio.to_thread(server.stop) == 0
        stuck.vanish()
    server.restart()
    [device] = state_of(server, "r")["devices"]
    assert (device["online"], device["last"]) == (False, {"t": 1})


async def test_a_second_signal_ends_it_at_once(start):
    server = start()
    stuck, other = await join_many(server, "r", 2)
    stuck.stop_reading()
    server.signal(signal.SIGTERM)
    # The server has got the first signal.
    assert (await other.closed())[0] == 1001
    server.signal(signal.SIGINT)
    assert await asyncio.to_thread(server.wait) == 128 + signal.SIGINT
    stuck.vanish()


async def test_a_disk_that_fails_does_not_stop_the_room(start, tmp_path):
    path = tmp_path / "rooms.db"
    server = start("--db", path)
    locker = sqlite3.connect(path, isolation_level=None)
    device, other = await join(server, "r", role="device"), await join(server, "r")
    locker.execute("BEGIN IMMEDIATE")
    for n in range(4):
        if n == 3:
            locker.execute("ROLLBACK")
            locker.close()
        await device.send(reading(t=n))
        assert (await other.next("reading"))["values"] == {"t": n}
    assert server.stop() == 0
    # Each is reported once.
    failing, working = server.stderr.splitlines()
    assert "not stored: database is locked" in failing and "again" in working


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("--port 70000", ("'70000'", "0 to 65535")),
        ("--port abc", ("'abc'", "0 to 65535")),
        ("--max-clients 0", ("'0'", "1 to 100000")),
        ("--rate -1", ("'-1'", "above 0")),
        ("--heartbeat nan", ("'nan'", "above 0")),
        ("--away 86401", ("'86401'", "0 to 86400")),
        ("--away soon", ("'soon'", "0 to 86400")),
        ("--join-rate 0", ("'0'", "above 0")),
        ("--party a/b", ("'a/b'", "a-z")),
        ("--allow-origin example.org", ("'example.org'", "scheme://")),
        ("--db ''", ("--db", "leave the option out")),
        ("--db rooms.db --memory", ("--memory", "--db")),
        ("--colour", ("--colour",)),
        ("--token 'two s3cret'", ("256 ASCII",)),
        ("--read-token 's3cret s3cret'", ("ASCII",)),
        ("--room-token home", ("ROOM=TOKEN",)),
        ("--room-token a/b/c=s3cret", ("PARTY/ROOM",)),
        ("--room-token home=s3crét", ("ASCII",)),
        ("--room-token home=", ("1 to 256",)),
        ("--tokn s3cret", ("--tokn",)),
        ("--tokn=s3cret", ("--tokn",)),
        ("s3cret", ("unknown",)),
        ("--token-file /nowhere/tokens", ("/nowhere/tokens",)),
        ("--token-file /dev/null", ("has no token",)),
        ("--key key.pem", ("--cert",)),
        ("--metrics-values 9", ("--metrics too",)),
        ("--open", ("--lan too",)),
        ("--lan --host 0.0.0.0", ("--host", "--lan")),
        ("--lan --open --token s3cret", ("--open", "tokens")),
        ("--metrics --metrics-values 100001", ("'100001'", "0 to 100000")),
    ],
)
def test_a_bad_argument_is_one_line_without_a_token_and_status_2(args, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse_arguments(shlex.split(args))
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    assert all(word in err for word in words) and "s3cr" not in err


def test_what_cannot_be_used_ends_it_with_one_line(start, tmp_path):
    port = start().port
    (tmp_path / "partysocket").write_text("a file where a folder should be")
    in_use = f"port {port} is in use: give another with --port, or 0 for any free one"
    tools = str(Path(__file__).parents[2] / "tools")
    for option, value, words in (
        ("--max-clients", "0", ("'0'", "1 to 100000")),
        ("--port", port, (f"room_server: {in_use}\n",)),
        ("--db", "/nowhere/rooms.db", ("/nowhere/rooms.db", "--db")),
        ("--db", __file__, (__file__, "not an SQLite file")),
        ("--host", "no.such.host.invalid", ("'no.such.host.invalid'", "address")),
        ("--cert", "/nowhere/cert.pem", ("/nowhere/cert.pem",)),
        # An empty variable must not open the rooms.
        ("ROOM_SERVER_TOKEN", "", ("1 to 256",)),
        # Without --db.
        ("HOME", "/home/x", (f"{tmp_path}/partysocket cannot be made", "--db, or --memory")),
    ):
        is_variable = option.isupper()
        done = subprocess.run(
            [sys.executable, "-m", "room_server", "--port", "0"]
            + ([] if is_variable else [option, str(value)]),
            env={**os.environ, "PYTHONPATH": tools, "XDG_DATA_HOME": str(tmp_path)}
            | ({option: value} if is_variable else {}),
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert all(word in done.stderr for word in words)


def test_a_file_is_used_by_one_server_at_a_time(start, tmp_path):
    path = tmp_path / "rooms.db"
    (tmp_path / "link.db").symlink_to(path)
    server = start("--db", path)
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM devices").fetchone() == (0,)
    for name in ("rooms.db", "link.db"):
        with pytest.raises(RuntimeError) as refused:
            start("--db", tmp_path / name)
        words = f"{tmp_path / name} is in use by another server: stop it, or give another"
        assert words in str(refused.value) and str(refused.value).count("\n") <= 1
    server.restart()  # the lock ends with the process
    assert server.stop() == 0
    assert sorted(os.listdir(tmp_path)) == ["link.db", "rooms.db"]


@pytest.mark.parametrize("has_xdg", [True, False])
def test_without_an_option_readings_are_in_a_file_of_the_user_alone(start, tmp_path, has_xdg):
    data = tmp_path / ("data" if has_xdg else ".local/share")
    env = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(data) if has_xdg else ""}
    server = start(env=env, by_default=True)
    path = user_data_folder(env) / "rooms.db"
    assert server.kept == f"readings are kept in {path}\n"
    assert path.is_file() and path.is_relative_to(data if sys.platform == "linux" else tmp_path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    post(server, "r", "d", t=1)
    with pytest.raises(RuntimeError) as refused:
        start(env=env, by_default=True)
    words = f"{path} is in use by another server: stop it, or give another file with --db"
    assert words in str(refused.value)
    # A server without a file is in nobody's way.
    assert start(env=env).kept == "readings are in memory (--memory)\n"
    server.restart()
    assert [device["last"] for device in state_of(server, "r")["devices"]] == [{"t": 1}]


def user_data_folder(env):
    """The folder in which a program of this user keeps its data, asked from the library."""
    code = "import platformdirs; print(platformdirs.user_data_path('partysocket', False))"
    command = [sys.executable, "-c", code]
    out = subprocess.check_output(command, env={**os.environ, **env}, text=True)
    return Path(out.strip())


def test_a_package_that_is_missing_is_told_with_what_helps(monkeypatch, capsys):
    for name in ("platformdirs", "prometheus_client"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        StoreError, match="platformdirs is not installed: run `make demo`, or .*--db"
    ):
        default_file()
    with pytest.raises(SystemExit):
        parse_arguments(["--metrics"])
    assert "prometheus-client is not installed: run `make demo`" in capsys.readouterr().err
