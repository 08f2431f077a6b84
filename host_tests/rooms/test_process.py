"""The process: its one line, its signals, its errors, and what a restart finds."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from rooms.clients import http, join

READING = b'{"type":"reading","values":{"t":%d}}'


def run(*args):
    """Run a server that is not to start; return (status, stdout, stderr)."""
    done = subprocess.run(
        [sys.executable, "-m", "room_server", *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")},
        capture_output=True,
        text=True,
        timeout=20,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_closes_every_client_with_1001_and_exits_0(start, number):
    server = start()
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(join(server, f"r{n}")) for n in range(5)]
        server.signal(number)
        for client in clients:
            assert await client.closed() == (1001, "the server stops")
    assert await asyncio.to_thread(server.wait) == 0
    assert server.stderr == ""


async def test_it_ends_though_clients_do_not_answer(start, tmp_path):
    server = start("--db", tmp_path / "rooms.db")
    async with join(server, "r", role="device", name="d") as stuck, join(server, "r") as other:
        await stuck.send(READING.decode() % 1)
        await other.next("reading")
        stuck.socket.transport.pause_reading()
        assert await asyncio.to_thread(server.stop) == 0
        stuck.socket.transport.abort()
    server.restart()
    [device] = http(server, "/parties/main/r")[1]["devices"]
    assert (device["online"], device["last"]) == (False, {"t": 1})


async def test_a_second_signal_ends_it_at_once(start):
    server = start()
    stuck = await join(server, "r")
    other = await join(server, "r")
    stuck.socket.transport.pause_reading()
    server.signal(signal.SIGTERM)
    assert (await other.closed())[0] == 1001  # the first one has arrived
    server.signal(signal.SIGINT)
    assert await asyncio.to_thread(server.wait) == 128 + signal.SIGINT
    stuck.socket.transport.abort()


async def test_a_disk_that_fails_does_not_stop_the_room(start, tmp_path):
    path = tmp_path / "rooms.db"
    server = start("--db", path)
    locker = sqlite3.connect(path, isolation_level=None)
    async with (
        join(server, "r", role="device", name="d") as device,
        join(server, "r") as other,
    ):
        locker.execute("BEGIN IMMEDIATE")
        for n in range(3):
            await device.send(READING.decode() % n)
            assert (await other.next("reading"))["values"] == {"t": n}
        locker.execute("ROLLBACK")
        locker.close()
        await device.send(READING.decode() % 3)
        await other.next("reading")
    assert server.stop() == 0
    warnings = server.stderr.splitlines()
    assert len(warnings) == 2
    assert "not stored: database is locked" in warnings[0] and "again" in warnings[1]


def test_a_port_in_use_is_said_with_the_way_out(start):
    server = start()
    status, out, err = run("--port", server.port)
    assert (status, out) == (2, "")
    text = f"port {server.port} is in use: give another with --port, or 0 for any free one"
    assert err == f"room_server: {text}\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--port", "70000"), ("'70000'", "0 to 65535")),
        (("--port", "abc"), ("'abc'", "0 to 65535")),
        (("--max-clients", "0"), ("'0'", "1 to 100000")),
        (("--rate", "-1"), ("'-1'", "above 0")),
        (("--heartbeat", "nan"), ("'nan'", "above 0")),
        (("--party", "a/b"), ("'a/b'", "a-z")),
        (("--allow-origin", "example.org"), ("'example.org'", "scheme://")),
        (("--token", "two words"), ("256 ASCII",)),
        (("--db", ""), ("--db", "file")),
        (("--db", "/nowhere/rooms.db"), ("/nowhere/rooms.db", "--db")),
        (("--db", __file__), (__file__, "not an SQLite file")),
        (("--host", "no.such.host.invalid"), ("'no.such.host.invalid'", "address")),
        (("--colour",), ("--colour",)),
    ],
)
def test_a_bad_argument_is_one_line_and_status_2(args, words):
    status, out, err = run("--port", 0, *args)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert all(word in err for word in words)
    assert "two words" not in err


async def test_neither_tokens_nor_queries_are_logged(start, tmp_path):
    server = start("--verbose", "--token", "s3cret")
    async with join(server, "r", token="s3cret", role="device", name="a b\u202ec"):
        pass
    for path in ("/parties/main/r?token=wr0ng", "/%00?token=wr0ng", "/x\x01y?token=wr0ng"):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        request = f"GET {path} HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Protocol: wr0ng\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        writer.close()
    assert http(server, "/parties/main/r?token=s3cret")[0] == 200
    assert server.stop() == 0
    assert "joined" in server.stderr and "left" in server.stderr and "401" in server.stderr
    assert "s3cret" not in server.stderr and "wr0ng" not in server.stderr
    assert "a b\\u202ec" in server.stderr
    assert "Traceback" not in server.stderr
