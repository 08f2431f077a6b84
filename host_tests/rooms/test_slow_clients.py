"""Clients that read slowly, send fast, or vanish: the others never wait for them."""

import asyncio
import socket
import time

import pytest

from room_server.rate import Rate
from rooms.clients import WAIT_S, join


async def test_a_stuck_client_is_dropped_and_the_others_get_everything(server, room):
    messages = [b"%03d" % n + bytes(16000) for n in range(300)]
    healthy = await join(server, room)
    publisher = await join(server, room)
    stuck = await join(server, room, role="device", name="stuck")
    stuck.socket.transport.pause_reading()
    assert (await healthy.next())["online"] is True
    stream = asyncio.create_task(_send_all(publisher, messages))
    got = []
    offline = False
    while len(got) < len(messages) or not offline:
        message = await healthy.raw()
        if isinstance(message, bytes):
            got.append(message)
        else:
            offline = '"online":false' in message
        if len(got) >= len(messages) and not offline:
            await publisher.send(bytes(16000))  # until its queue is full
    await stream
    assert got[: len(messages)] == messages
    stuck.socket.transport.abort()


async def _send_all(client, messages):
    for message in messages:
        await client.send(message)


async def test_a_burst_of_many_at_once_drops_no_reader(start, room):
    # More messages in one turn of the loop than a queue holds: nobody is slow.
    server = start("--queue-messages", "4", "--rate", "100000")
    reader = await join(server, room)
    sender = await join(server, room)
    for n in range(1000):
        await sender.send(f"{n}")
    assert [await reader.raw() for _ in range(1000)] == [f"{n}" for n in range(1000)]


def test_a_rate_allows_a_burst_and_then_its_pace():
    rate = Rate(10)
    assert [rate.delay_s(5.0) for _ in range(20)] == [0.0] * 20
    assert rate.delay_s(5.0) == pytest.approx(0.1)
    assert rate.delay_s(5.1) == pytest.approx(0.1)
    assert rate.delay_s(1000.0) == 0.0


async def test_a_client_above_its_rate_is_read_slowly_but_whole(start, room):
    # So much that its socket is not read for longer than a silent client may be silent: its pongs
    # can't come either, and it must not be taken for dead.
    messages = [b"%03d" % n + bytes(16000) for n in range(60)]
    server = start("--rate", "10", "--heartbeat", "0.8")
    reader = await join(server, room)
    sender = await join(server, room)
    start = time.monotonic()
    stream = asyncio.create_task(_send_all(sender, messages))
    assert [await reader.raw() for _ in messages] == messages
    await stream
    # 20 at once and 10 a second cannot be done sooner; how much later, nobody promises.
    assert time.monotonic() - start > 3


async def test_a_device_that_vanished_without_a_fin_goes_offline(start, room):
    server = start("--heartbeat", "1")
    watcher = await join(server, room)
    device = await join(server, room, role="device")
    assert (await watcher.next())["online"] is True
    device.socket.transport.pause_reading()  # answers no ping
    assert (await watcher.next())["online"] is False
    device.socket.transport.abort()


def test_a_request_cut_short_harms_nobody(server, room):
    for text in (b"GET /parties/main/x HT", b"POST /parties/main/x HTTP/1.1\r\nContent-Length: 9"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as tcp:
            tcp.sendall(text + b"\r\n\r\nabc")
    asyncio.run(_still_serves(server, room))
    assert "Traceback" not in server.stderr


async def _still_serves(server, room):
    async with join(server, room) as a, join(server, room) as b:
        await a.send("x")
        assert await b.raw() == "x"
