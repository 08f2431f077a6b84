"""What a peer can cost the server before and after it is let in: memory, time and disk."""

import gzip
import json
import resource
import subprocess
from contextlib import AsyncExitStack, ExitStack

import pytest

from room_server.rate import Rate, Rates
from rooms.clients import (
    WAIT_S,
    connect,
    http,
    join,
    read_all,
    read_answer,
    refusal,
    talk,
    upgrade,
)

MIB = 1024  # in the KiB that ps counts in


def memory_kib(server):
    """Return what the server's process holds in memory now."""
    command = ["ps", "-o", "rss=", "-p", str(server.pid)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def reading(**values):
    return json.dumps({"type": "reading", "values": values}).encode()


def get(path, *lines):
    head = [f"GET {path} HTTP/1.1", "Host: a", *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/?" + "q" * 8000), b"200"),
        (get("/?" + "q" * 8200), b"400"),
        (get("/", "X: " + "h" * 8100), b"200"),
        (get("/", "X: " + "h" * 8300), b"400"),
        (get("/", *[f"X{n}: y" for n in range(60)]), b"200"),
        (get("/", *[f"X{n}: y" for n in range(70)]), b"400"),
        (b"G" * 9000, b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"400"),  # TLS
    ],
)
def test_a_head_beyond_its_size_is_refused(server, request_, status):
    answer = talk(server, request_)
    assert answer.split(b" ")[1] == status
    assert status == b"200" or b"its head is too long" in answer


def test_a_size_of_headers_is_an_option(start):
    server = start("--max-header-bytes", "1024")
    assert talk(server, get("/?" + "q" * 900)).split(b" ")[1] == b"200"
    assert talk(server, get("/?" + "q" * 1100)).split(b" ")[1] == b"400"


def test_endless_heads_of_many_connections_take_no_memory(server):
    before = memory_kib(server)
    with ExitStack() as stack:
        for _ in range(100):
            tcp = stack.enter_context(connect(server))
            tcp.settimeout(0.5)
            try:
                tcp.sendall(b"GET /?")
                for _ in range(32):
                    tcp.sendall(b"x" * 65536)  # 2 MiB without an end, 200 in all
            except (ConnectionError, TimeoutError):
                pass
        assert memory_kib(server) - before < 64 * MIB
    assert http(server, "/parties/main/r")[0] == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP, identity"])
def test_a_compressed_body_is_refused_unopened(server, room, encoding):
    bomb = gzip.compress(bytes(10_000_000))
    assert len(bomb) < 16384
    path = f"/parties/main/{room}"
    status, answer, _ = http(server, path, bomb, None, {"Content-Encoding": encoding})
    assert status == 400 and "Content-Encoding" in answer["error"]


def test_a_body_without_a_length_is_read_up_to_the_limit(server, room):
    head = f"POST /parties/main/{room} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = talk(server, head.encode() + (b"4000\r\n" + bytes(0x4000) + b"\r\n") * 100)
    assert answer.startswith(b"HTTP/1.1 413 ") and b"at most 16384" in answer


def test_a_flood_of_wrong_tokens_is_answered_429_and_cut_off(start):
    server = start("--token", "s3cret", "--request-rate", "5")
    answers = [talk(server, get(f"/parties/main/r?token={n}")) for n in range(50)]
    statuses = [answer.split(b" ")[1] for answer in answers]
    assert statuses[:10] == [b"401"] * 10
    assert b"429" in statuses and set(statuses) == {b"401", b"429"}
    refused = answers[statuses.index(b"429")]
    assert b"\r\nRetry-After: 1\r\n" in refused and b"\r\nConnection: close\r\n" in refused
    assert b"--request-rate" in refused
    assert talk(server, get("/parties/main/r?token=s3cret")).split(b" ")[1] == b"429"


def test_a_rate_that_refuses_counts_what_it_lets_through():
    rate = Rate(10)
    assert [rate.refuse_s(5.0) for _ in range(20)] == [0.0] * 20
    assert [rate.refuse_s(5.0) for _ in range(5)] == [pytest.approx(0.1)] * 5
    assert [rate.refuse_s(5.15) > 0 for _ in range(3)] == [False, True, True]


def test_each_address_has_a_rate_and_the_oldest_are_forgotten():
    rates = Rates(1)
    assert [rates.refuse_s("a", 0) > 0 for _ in range(3)] == [False, False, True]
    assert rates.refuse_s("b", 0) == 0
    for n in range(10000):
        rates.refuse_s(f"10.{n}", 0)
    assert len(rates) == 4096
    assert rates.refuse_s("a", 0) == 0


def test_requests_one_behind_the_other_are_not_all_kept(server):
    # They wait in the socket, and so do their answers: neither is the server's memory.
    before = memory_kib(server)
    with connect(server) as tcp:
        tcp.settimeout(0.5)
        sent, request = 0, get("/nothing") * 1000
        try:
            while sent < 64 << 20:
                sent += tcp.send(request)
        except (TimeoutError, ConnectionError):
            pass
        assert sent < 64 << 20
        assert memory_kib(server) - before < 32 * MIB


@pytest.mark.parametrize(
    "frame",
    [
        b"\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00",  # announces 1 GiB
        b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4),
        (b"\x02\xfe\x20\x00" + bytes(4 + 8192)) + (b"\x00\xfe\x20\x00" + bytes(4 + 8192)) * 10,
    ],
    ids=["1 GiB", "2**63", "fragments"],
)
def test_a_frame_too_big_is_closed_when_it_is_announced(server, room, frame):
    with connect(server) as tcp:
        tcp.sendall(upgrade(f"/parties/main/{room}"))
        assert read_answer(tcp).startswith(b"HTTP/1.1 101 ")
        tcp.sendall(frame)
        assert tcp.recv(4)[2:] == (1009).to_bytes(2, "big")


def test_who_sends_on_after_its_fault_can_read_what_it_was(server, room):
    with connect(server) as tcp:
        tcp.sendall(upgrade(f"/parties/main/{room}"))
        assert read_answer(tcp).startswith(b"HTTP/1.1 101 ")
        tcp.sendall(b"\x82\xff" + (4 << 20).to_bytes(8, "big") + bytes(4))
        for _ in range(64):  # what a socket takes without being read is less
            tcp.sendall(bytes(65536))
        assert tcp.recv(4)[2:] == (1009).to_bytes(2, "big")


def test_no_compression_is_agreed_and_a_compressed_frame_is_a_fault(server, room):
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    with connect(server) as tcp:
        tcp.sendall(upgrade(f"/parties/main/{room}", offer))
        assert b"Extensions" not in read_answer(tcp)
        tcp.sendall(b"\xc2\x81\x00\x00\x00\x00x")
        assert tcp.recv(4)[2:] == (1002).to_bytes(2, "big")


@pytest.mark.parametrize("kind", ["pings", "messages", "errors"])
async def test_a_flood_is_read_at_the_allowed_rate_and_nobody_else_waits(start, room, kind):
    frames = {
        "pings": b"\x89\xfd" + bytes(4 + 125),
        "messages": b"\x82\xfe\x08\x00" + bytes(4 + 2048),
        "errors": b"\x81\x81\x00\x00\x00\x00{",
    }
    server = start("--rate", "20")
    a = await join(server, "other")
    b = await join(server, "other")
    before = memory_kib(server)
    with connect(server) as tcp:
        tcp.sendall(upgrade(f"/parties/main/{room}"))
        tcp.settimeout(0.5)  # and nothing is read
        accepted, flood = 0, frames[kind] * (65536 // len(frames[kind]))
        try:
            while accepted < 64 << 20:
                accepted += tcp.send(flood)
        except (TimeoutError, ConnectionError):
            pass
        assert accepted < 64 << 20  # it is not read any more
        assert memory_kib(server) - before < 32 * MIB
        await a.send("x")
        assert await b.raw() == "x"


async def test_rooms_and_parties_cannot_be_made_without_end(start, room):
    server = start("--max-rooms", "5", "--request-rate", "10000")
    await join(server, "busy")
    statuses = []
    for n in range(30):
        path = f"/parties/main/{room}-{n}?name=d"
        statuses.append(http(server, path, reading(t=1))[0])
        assert http(server, f"/parties/p{n}/r")[0] == 400
    assert statuses == [200] * 5 + [503] * 25
    assert (await refusal(server, "one-more"))[0] == 503
    await join(server, room + "-0")


def test_rooms_that_are_only_looked_at_leave_nothing(server, room):
    for n in range(3000):
        if n % 100 == 0:
            tcp = connect(server)
        tcp.sendall(get(f"/parties/main/{room}-{n}"))
        assert b" 200 " in read_answer(tcp)[:20]
        if n % 100 == 99:
            tcp.close()
        if n == 500:
            before = memory_kib(server)
    assert memory_kib(server) - before < 4 * MIB


async def test_values_of_all_rooms_have_one_bound_in_memory(start, room):
    values = {f"v{n}": "😀" * 256 for n in range(15)}
    text = json.dumps({"type": "reading", "values": values}, ensure_ascii=False)
    server = start("--max-state-bytes", "100000")
    async with AsyncExitStack() as stack:
        errors = []
        for n in range(6):
            device = join(server, f"{room}{n}", role="device", name="d")
            device = await stack.enter_async_context(device)
            await device.send(text)
            await device.send(text)  # the same place again
            await device.send("{")
            while "JSON" not in (error := (await device.next("error"))["error"]):
                errors.append(error)
        assert len(errors) == 2  # 18 KB in each room: five rooms
        assert all("--max-state-bytes" in error for error in errors)
    # Whoever left has given it back.
    device = await join(server, room, role="device", name="d")
    await device.send(text)
    await device.send("{")
    assert "JSON" in (await device.next("error"))["error"]


def test_the_file_grows_to_its_bound_and_full_series_go_on(start, tmp_path, room):
    path = tmp_path / "rooms.db"
    options = ("--max-db-bytes", "300000", "--history", "5", "--request-rate", "100000")
    server = start("--db", path, *options)
    for n in range(10):
        assert http(server, f"/parties/main/{room}?name=old", reading(t=n))[0] == 200
    values = {f"v{n}": "x" * 256 for n in range(32)}
    for n in range(150):
        assert http(server, f"/parties/main/{room}?name=d{n}", reading(**values))[0] == 200
    for n in range(300):  # these need no more place, since the oldest go
        assert http(server, f"/parties/main/{room}?name=old", reading(t=n))[0] == 200
    assert server.stop() == 0
    assert "not stored: last values fill half of the file" in server.stderr
    assert path.stat().st_size <= 300000
    server.start()
    devices = http(server, f"/parties/main/{room}")[1]["devices"]
    [old] = [device for device in devices if device["device"] == "old"]
    assert [value for _, value in old["history"]["t"]] == [295, 296, 297, 298, 299]


async def test_what_waits_for_slow_clients_has_one_bound(start, room):
    options = ("--max-message-bytes", "16777216", "--max-backlog-bytes", "1000000")
    server = start(*options, "--queue-bytes", "1000000000")
    sender = await join(server, room)
    watcher = await join(server, room)
    async with join(server, room, role="device", name="stuck") as stuck:
        stuck.socket.transport.pause_reading()
        assert (await sender.next())["online"] is True
        await sender.send(bytes(16 << 20))  # more than the system's buffers
        while isinstance(await watcher.raw(), str):
            pass
        status, error = await refusal(server, "another-room")
        assert status == 503 and "--max-backlog-bytes" in error
        await sender.send("one more")
        while await watcher.raw() != "one more":
            pass
        assert (await watcher.next())["online"] is False  # it was dropped
        stuck.socket.transport.abort()
    await join(server, "another-room")


async def test_what_a_client_left_in_the_backlog_is_given_back(start, room):
    options = ("--max-backlog-bytes", "400000", "--request-rate", "10000")
    server = start(*options)
    sender = await join(server, room)
    for n in range(60):
        async with join(server, room, pk=f"p{n}") as leaver:
            for _ in range(3):
                await sender.send(bytes(16000))
            leaver.socket.transport.abort()
    last = await join(server, room)
    await sender.send("end")
    while await last.raw() != "end":
        pass


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
def test_a_server_that_may_not_open_enough_files_says_so_and_lives(start, tmp_path):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    server = start("--max-connections", "100", "--request-timeout", "1")
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (40, hard))
    with ExitStack() as stack:
        inside = []
        while "no connection can be accepted" not in server.stderr:
            assert len(inside) < 60
            inside.append(stack.enter_context(connect(server)))
            inside[-1].settimeout(0.3)
            try:
                inside[-1].sendall(get("/nothing"))
                inside[-1].recv(1000)
            except TimeoutError:
                pass
        for tcp in inside:
            tcp.settimeout(WAIT_S)
            read_all(tcp)
    assert http(server, "/parties/main/r")[0] == 200
    assert server.stderr.count("\n") == 1
