"""A disk that is locked or full: who is told, what still works, and that nothing is
acknowledged.
"""

import asyncio
import contextlib
import resource
import shutil
import signal
import sqlite3
import time

import pytest

from rooms.clients import http, join, path_of, reading, refusal, state_of, talk
from rooms.local import EPOCH, ack
from rooms.test_metrics import figures_of

# Of the readings: an hour ago.
AT = int(time.time() * 1000) - 3_600_000


@contextlib.contextmanager
def locked(server, path):
    """Another program has locked the file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def full(server, path):
    """The file can't grow: a change is accepted, but its commit fails."""
    size = path.with_name(path.name + "-wal").stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextlib.contextmanager
def removed(server, path):
    """The file is moved away, and comes back."""
    aside = path.rename(path.with_name("aside"))
    yield
    aside.rename(path)
    assert "was removed or replaced: restart the server" in server.stderr


@contextlib.contextmanager
def replaced(server, path):
    """Another file takes its place for a while."""
    with removed(server, path):
        shutil.copy(path.with_name("aside"), path)
        yield


def batch(after, *numbers):
    readings = [{"n": n, "at": AT + n, "values": {"t": n}} for n in numbers]
    return {"type": "batch", "epoch": EPOCH, "after": after, "readings": readings}


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
@pytest.mark.parametrize("window_ms", [0, 20])
@pytest.mark.parametrize("failing", [locked, full, removed, replaced])
async def test_what_is_not_stored_is_said_to_everybody_whom_it_concerns(
    start, tmp_path, failing, window_ms
):
    path = tmp_path / "rooms.db"
    server = start("--db", path, "--metrics", "--commit-ms", window_ms)
    device = await join(server, "r", role="device", name="d", epoch=EPOCH)
    assert await device.next() == ack(0)
    await device.send(batch(0, 1))
    assert await device.next() == ack(1)
    watcher, dashboard = await join(server, "r"), await join(server, "r", role="dashboard")
    assert (await dashboard.next("snapshot"))["storage"] == "disk"

    async def says(status):
        address = path_of("r", "name=p")
        answer = await asyncio.to_thread(http, server, address, reading(t=1).encode())
        assert answer[0] == status and (await watcher.next("reading", device="p"))
        return answer[1]

    with failing(server, path):
        answer = await says(507)
        why = answer["error"].removeprefix("not stored: ")
        told = await dashboard.next("storage")
        assert told == {"type": "storage", "storage": "failing", "error": why}
        state = await asyncio.to_thread(state_of, server, "r")
        assert (state["storage"], state["error"]) == ("failing", why)
        await device.send(reading(t=2))
        assert (await watcher.next("reading"))["values"] == {"t": 2}
        assert await device.next("error") == {"type": "error", **answer, "status": 507}
        await device.send(batch(1, 2, 3))
        assert await device.next() == {"type": "error", **answer, "status": 507}
    await says(200)
    assert await dashboard.next("storage") == {"type": "storage", "storage": "disk"}
    await device.send(batch(3, 4))
    assert await device.next("ack") == ack(1)
    await device.send(batch(1, 2, 3, 4))
    assert await device.next() == ack(4)
    figures = figures_of(server)
    for name, count in (("not_stored", 4), ("acknowledged", 4), ("known", 0), ("refused", 0)):
        assert figures[f"readings_{name}_total",] == count
    assert (figures["store_failing",], figures["refusals_total", "507"]) == (0, 1)
    server.restart()
    again = await join(server, "r", role="device", name="d", epoch=EPOCH)
    assert await again.next() == ack(4)
    [d] = [device for device in state_of(server, "r")["devices"] if device["device"] == "d"]
    assert [value for _, value in d["history"]["t"]][:4] == [1, 2, 3, 4]


async def test_an_ack_waits_for_the_window_and_a_message_does_not(start, tmp_path):
    server = start("--db", tmp_path / "rooms.db", "--commit-ms", 60000)
    device = await join(server, "r", role="device", name="d", epoch=EPOCH)
    assert await device.next() == ack(0)
    watcher = await join(server, "r")
    for n in range(40):
        await device.send(batch(n, n + 1))
        await watcher.next("batch")
    server.signal(signal.SIGTERM)
    # The next is the close, and not an ack.
    with pytest.raises(Exception, match="1001"):
        await device.raw()
    assert (await asyncio.to_thread(server.wait), server.stderr) == (0, "")
    server.start()
    again = await join(server, "r", role="device", name="d", epoch=EPOCH)
    assert await again.next() == ack(40)


async def test_an_epoch_comes_with_a_device_and_stays_between_it_and_the_server(start, room):
    server = start("--verbose")
    for words, query in (
        ("16 hexadecimal digits", {"role": "device", "epoch": EPOCH.upper()}),
        ("16 hexadecimal digits", {"role": "device", "epoch": EPOCH + "0"}),
        ("16 hexadecimal digits", {"role": "device", "epoch": ""}),
        ("role=device", {"role": "dashboard", "epoch": EPOCH}),
        ("role=device", {"epoch": EPOCH}),
    ):
        status, text = await refusal(server, room, **query)
        assert status == 400 and words in text and EPOCH not in text
    watcher = await join(server, room, role="dashboard")
    device = await join(server, room, role="device", name="d", epoch=EPOCH)
    told = await device.next()
    assert (told["n"], "--memory" in told["error"]) == (None, True)
    await device.send(batch(0, 1))
    texts = [await watcher.raw() for _ in range(3)]
    assert '"batch"' in texts[-1] and EPOCH not in "".join(texts)
    assert EPOCH not in str(state_of(server, room)) and EPOCH not in server.stderr


def test_a_post_without_a_type_is_text(server, room):
    body = b'{"type":"reading","values":{"t":2}}'
    head = f"POST {path_of(room, 'name=d')} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    status, answer, _ = talk(server, head.encode() + b"\r\n" + body)
    assert (status, answer) == (200, {"ok": True, "delivered": 0})
    assert [device["last"] for device in state_of(server, room)["devices"]] == [{"t": 2}]
