"""What a peer can cost the server before and after it joins: memory, time and disk."""

import asyncio
import json
import resource
import time
import weakref
from contextlib import AsyncExitStack, ExitStack, contextmanager

import pytest

from room_server.alerts import Alerts
from room_server.device import Device, bytes_of
from room_server.metrics import Counts
from room_server.rate import Rate, Rates
from room_server.receipts import Receipts
from room_server.rooms import Rooms
from room_server.settings import Settings
from room_server.store import Store
from rooms.clients import (
    connect,
    flood,
    get,
    http,
    join,
    join_many,
    path_of,
    post,
    read_all,
    read_answer,
    reading,
    refusal,
    state_of,
    talk,
    upgraded,
)
from rooms.local import Local


@contextmanager
def at_most(mib, server):
    """A block in which the server's memory may grow by at most so much, checked at its end."""
    before = server.memory_kib()
    yield
    assert server.memory_kib() - before < mib * 1024


def test_a_head_beyond_its_size_is_refused(server, start):
    small = start("--max-header-bytes", "1024")
    headers = [f"X{n}: y" for n in range(70)]
    assert talk(small, get("/?" + "q" * 900))[0] == 200
    for request in (get("/?" + "q" * 8000), get("/", "X: " + "h" * 8100), get("/", *headers[:60])):
        assert talk(server, request)[0] == 200
    for at, request in (
        (small, get("/?" + "q" * 1100)),
        (server, get("/?" + "q" * 8200)),
        (server, get("/", "X: " + "h" * 8300)),
        (server, get("/", *headers)),
        (server, b"G" * 9000),
        (server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),  # TLS
    ):
        status, answer, _ = talk(at, request)
        assert status == 400 and "its head is too long" in answer["error"], request[:20]


def test_endless_heads_of_many_connections_take_no_memory(server):
    with ExitStack() as stack, at_most(64, server):
        for _ in range(100):
            tcp = stack.enter_context(connect(server))
            tcp.sendall(b"GET /?")
            # 2 MiB without an end on each connection, 200 MiB in all.
            flood(tcp, b"x" * 65536, 2 << 20)
    assert http(server, "/parties/main/r")[0] == 200


def test_a_body_without_a_length_is_read_up_to_the_limit(server, room):
    head = f"POST /parties/main/{room} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, answer, _ = talk(server, head.encode() + (b"4000\r\n" + bytes(0x4000) + b"\r\n") * 100)
    assert status == 413 and "at most 16384" in answer["error"]


def test_a_flood_of_wrong_tokens_is_answered_429_and_cut_off(start):
    server = start("--token", "s3cret", "--request-rate", "5")
    answers = [talk(server, get(f"/parties/main/r?token={n}")) for n in range(50)]
    statuses = [status for status, _, _ in answers]
    assert statuses[:10] == [401] * 10 and set(statuses) == {401, 429}
    _, answer, headers = answers[statuses.index(429)]
    assert (headers["Retry-After"], headers["Connection"]) == ("1", "close")
    assert "--request-rate" in answer["error"]
    assert talk(server, get("/parties/main/r?token=s3cret"))[0] == 429


def test_a_rate_allows_a_burst_and_then_its_pace():
    rate, strict = Rate(10), Rate(10)
    assert [rate.delay_s(5.0) for _ in range(20)] == [0.0] * 20
    assert [rate.delay_s(at) for at in (5.0, 5.1)] == [pytest.approx(0.1)] * 2
    assert rate.delay_s(1000.0) == 0.0
    # A refused thing is not counted.
    assert [strict.refuse_s(5.0) for _ in range(20)] == [0.0] * 20
    assert [strict.refuse_s(5.0) for _ in range(5)] == [pytest.approx(0.1)] * 5
    assert [strict.refuse_s(5.15) > 0 for _ in range(3)] == [False, True, True]


def test_each_address_has_a_rate_and_the_oldest_are_forgotten():
    rates = Rates(1)
    assert [rates.refuse_s("a", 0) > 0 for _ in range(3)] == [False, False, True]
    assert rates.refuse_s("b", 0) == 0
    for n in range(10000):
        rates.refuse_s(f"10.{n}", 0)
    assert len(rates) == 4096
    assert rates.refuse_s("a", 0) == 0


def test_requests_one_behind_the_other_are_not_all_kept(server):
    # The requests and their answers wait in the socket, not in the server's memory.
    with connect(server) as tcp, at_most(32, server):
        assert flood(tcp, get("/nothing") * 1000)


def test_a_frame_that_may_not_be_is_closed_when_it_is_announced(server, room):
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    fragment = b"\x00\xfe\x20\x00" + bytes(8196)
    for frames, code in (
        (b"\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00" + bytes(4), 1009),  # 1 GiB
        (b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4), 1009),  # 2**63
        (b"\x02" + fragment[1:] + fragment * 10, 1009),
        # A client that keeps sending more than the socket's buffers hold can still read the close.
        (b"\x82\xff" + (4 << 20).to_bytes(8, "big") + bytes(4 + (4 << 20)), 1009),
        (b"\xc2\x81\x00\x00\x00\x00x", 1002),  # compressed unasked
    ):
        with connect(server) as tcp:
            upgraded(tcp, path_of(room), offer)
            tcp.sendall(frames)
            assert tcp.recv(4)[2:] == code.to_bytes(2, "big"), frames[:10]


@pytest.mark.parametrize(
    "frame",
    [
        b"\x89\xfd" + bytes(4 + 125),
        b"\x82\xfe\x08\x00" + bytes(4 + 2048),
        b"\x81\x81\x00\x00\x00\x00{",
    ],
    ids=["pings", "messages", "errors"],
)
async def test_a_flood_is_read_at_the_allowed_rate_and_nobody_else_waits(start, room, frame):
    server = start("--rate", "20")
    a, b = await join_many(server, "other", 2)
    with connect(server) as tcp, at_most(32, server):
        upgraded(tcp, path_of(room))
        # The server has stopped reading it.
        assert flood(tcp, frame * (65536 // len(frame)))
        await a.send("x")
        assert await b.raw() == "x"


async def test_a_client_above_its_rate_is_not_taken_for_dead(start, room):
    # So many messages that its socket is not read for longer than the heartbeat. Its pongs can't
    # come in that time either.
    messages = [b"%03d" % n + bytes(16000) for n in range(60)]
    server = start("--rate", "10", "--heartbeat", "0.8")
    reader, sender = await join_many(server, room, 2)
    stream = asyncio.create_task(sender.send_all(messages))
    assert [await reader.raw() for _ in messages] == messages
    await stream


async def test_rooms_and_parties_cannot_be_made_without_end(start, room):
    server = start("--max-rooms", "5", "--request-rate", "10000")
    await join(server, "busy")
    statuses = []
    for n in range(30):
        path = path_of(f"{room}-{n}", "name=d")
        statuses.append(http(server, path, reading(t=1).encode())[0])
        assert http(server, f"/parties/p{n}/r")[0] == 400
    assert statuses == [200] * 5 + [503] * 25
    status, text = await refusal(server, "one-more")
    assert status == 503 and "--max-rooms" in text
    # To look at a room needs no place for it.
    state = state_of(server, "one-more")
    assert state["devices"] == [] and sum(state["clients"].values()) == 0
    await join(server, room + "-0")


async def test_a_room_unheard_of_for_long_gives_way_to_a_new_one_if_that_is_asked_for(
    start, tmp_path
):
    path, now = tmp_path / "rooms.db", int(time.time() * 1000)
    store = Store(path)
    for name, devices, days in (("old", 1, 31), ("older", 3, 40), ("used", 1, 50), ("new", 1, 29)):
        for n in range(devices):
            store.save("main", name, Device(f"d{n}", now - days * 86400000))
    store.close()
    options = ("--db", path, "--max-rooms", "4", "--list-rooms")

    def rooms():
        return {room["room"] for room in http(server, "/rooms")[1]["rooms"]}

    server = start(*options)
    status, answer, _ = http(server, path_of("one", "name=d"), reading(t=1).encode())
    assert status == 503 and answer["error"] == "the server keeps 4 rooms: raise --max-rooms"
    assert (await refusal(server, "two", role="device"))[0] == 503
    assert rooms() == {"old", "older", "used", "new"}
    server.stop()
    server = start(*options, "--keep-room-days", "30")
    await join(server, "used")
    assert state_of(server, "look")["devices"] == []  # who only looks makes nobody give way
    assert (await refusal(server, "look", role="dashboard"))[0] == 503
    assert rooms() == {"old", "older", "used", "new"} and server.stderr == ""
    post(server, "one", "d", t=1)
    assert rooms() == {"old", "used", "new", "one"}
    assert "main/older: deleted with its readings" in server.stderr
    await join(server, "two", role="device")
    assert rooms() == {"used", "new", "one", "two"}
    status, text = await refusal(server, "three")
    assert status == 503 and "in the last 30 days: raise --max-rooms" in text
    await join(server, "new")


def test_rooms_that_are_only_looked_at_leave_nothing(server, room):
    def look_at(first, count):
        for n in range(first, first + count, 100):
            with connect(server) as tcp:
                for each in range(n, n + 100):
                    tcp.sendall(get(path_of(f"{room}-{each}")))
                    assert read_answer(tcp)[0] == 200

    look_at(0, 500)
    with at_most(4, server):
        look_at(500, 2500)


LONG = "😀" * 256


VALUES = {f"v{n}": LONG for n in range(15)}
UNITS = {"units": {f"v{n:062}": "😀" * 16 for n in range(64)}}


@pytest.mark.parametrize(
    "sent, known",
    [
        ({"type": "reading", "values": VALUES}, {"last": VALUES}),
        ({"type": "hello", **UNITS}, {"about": UNITS}),
    ],
    ids=["values", "hellos"],
)
async def test_what_all_rooms_know_has_one_bound_in_memory(start, room, sent, known):
    # About 20 KB. The size of a str differs between versions of Python.
    each = bytes_of(Device("d", 0, **known))
    server = start("--max-state-bytes", str(each * 11 // 2))

    async def errors(device):
        """Send it twice, so that the second replaces the first, and return the errors."""
        text = json.dumps(sent, ensure_ascii=False)
        await device.send_all([text, text, "{"])
        found = []
        while "JSON" not in (error := await device.next("error"))["error"]:
            assert error["status"] == 503
            found.append(error["error"])
        return found

    told = []
    async with AsyncExitStack() as stack:
        for n in range(6):
            device = join(server, f"{room}{n}", role="device", name="d")
            told += await errors(await stack.enter_async_context(device))
        # There is space for five.
        assert len(told) == 2
        assert all("--max-state-bytes" in error for error in told)
    # The devices that left have freed their memory.
    assert await errors(await join(server, room, role="device", name="d")) == []


def test_a_file_that_is_full_says_so_and_keeps_its_size(start, tmp_path, room):
    path = tmp_path / "rooms.db"
    server = start("--db", path, "--max-db-bytes", "300000", "--request-rate", "10000")
    answers = []
    for n in range(30):
        full = reading(**{f"v{i}": "x" * 256 for i in range(32)}).encode()
        answers.append(http(server, path_of(room, f"name=d{n}"), full)[:2])
    stored = [status for status, _ in answers].count(200)
    text = "not stored: last values fill half of the file (raise --max-db-bytes)"
    assert answers[stored:] == [(507, {"error": text})] * (30 - stored) and 0 < stored < 30
    assert server.stop() == 0
    assert text in server.stderr
    assert path.stat().st_size <= 300000


def test_a_late_release_of_an_old_room_leaves_its_successor():
    store = Store()
    rooms = Rooms(store, Settings(), Receipts(store, Counts()), Alerts(store, {}, 9))
    old = rooms.open("main", "home")
    rooms.release(old)
    new = rooms.open("main", "home")
    rooms.release(old)
    assert rooms.open("main", "home") is new


def test_what_a_member_has_commanded_goes_with_it():
    local = Local()
    local.device()
    member = local.join(hears="commands")
    member.say({"type": "command", "device": "d", "name": "on"})
    local.room.leave(member, local.now)
    gone = weakref.ref(member)
    del member
    assert gone() is None


async def test_what_waits_for_slow_clients_has_one_bound(start, room):
    options = ("--max-message-bytes", "16777216", "--max-backlog-bytes", "1000000")
    server = start(*options, "--queue-bytes", "1000000000")
    sender, watcher = await join_many(server, room, 2)
    async with join(server, room, role="device", name="stuck") as stuck:
        stuck.stop_reading()
        assert (await sender.next())["online"] is True
        # More than the system's buffers hold.
        await sender.send(bytes(16 << 20))
        while isinstance(await watcher.raw(), str):
            pass
        status, error = await refusal(server, "another-room")
        assert status == 503 and "--max-backlog-bytes" in error
        await sender.send("one more")
        while await watcher.raw() != "one more":
            pass
        # The stuck device was dropped.
        assert (await watcher.next())["online"] is False
        stuck.vanish()
    await join(server, "another-room")


async def test_what_a_client_left_in_the_backlog_is_given_back(start, room):
    options = ("--max-backlog-bytes", "400000", "--request-rate", "10000")
    server = start(*options)
    sender = await join(server, room)
    for n in range(60):
        async with join(server, room, pk=f"p{n}") as leaver:
            for _ in range(3):
                await sender.send(bytes(16000))
            leaver.vanish()
    last = await join(server, room)
    await sender.send("end")
    while await last.raw() != "end":
        pass


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
def test_a_server_that_may_not_open_enough_files_says_so_and_lives(start):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    server = start("--max-connections", "100", "--request-timeout", "1")
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (40, hard))
    with ExitStack() as stack:
        inside = [stack.enter_context(connect(server)) for _ in range(60)]
        while "no connection can be accepted" not in server.stderr:
            pass
        for tcp in inside:
            # In the end each is accepted, and then closed because it sends no request.
            read_all(tcp)
    assert http(server, "/parties/main/r")[0] == 200
    assert server.stderr.count("\n") == 1
