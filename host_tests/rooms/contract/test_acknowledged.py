"""Readings that are acknowledged: each is stored once, even if it is sent again, and none is
lost.
"""

import json
import time

from rooms.clients import http, join, path_of, refusal, state_of
from rooms.server_process import RoomServer

from .outbox import EPOCH, ack, batch, come, entry, one, until_done

# The time of number 0, in the tests that need a time.
# An hour ago.
AT = int(time.time() * 1000) - 3_600_000


def dated(n):
    return entry(n, at=AT + n)


def kept(server, room, name="t"):
    """The values of the only device that have come into the history, in its order."""
    [device] = state_of(server, room)["devices"]
    return [value for _, value in device["history"].get(name, [])]


async def test_each_number_is_stored_and_passed_on_once_and_acknowledged(server, room):
    watcher = await join(server, room)
    device = await come(server, room)
    await watcher.next("presence")
    await device.send(one(1, 0, at=AT + 1, device="other", x=5))
    expected = {"type": "reading", "device": "d", "at": AT + 1, "values": {"t": 1}}
    assert await watcher.next() == expected
    # Gaps are allowed.
    await device.send(batch(1, dated(2), dated(5)))
    told = await watcher.next()
    assert told.pop("at") > AT
    readings = [{"at": AT + n, "values": {"t": n}} for n in (2, 5)]
    assert told == {"type": "batch", "device": "d", "readings": readings}
    assert await until_done(device, 5) == []

    await device.send_all([one(1, 0), batch(1, dated(2), dated(5)), batch(0, dated(5), dated(9))])
    # It is the next message, without readings that were known.
    told = await watcher.next()
    assert told["readings"] == [{"at": AT + 9, "values": {"t": 9}}]
    await device.send(one(9, 5))
    await device.send("end")
    assert await watcher.raw() == "end"
    assert await until_done(device, 9) == []
    assert kept(server, room) == [1, 2, 5, 9]


async def test_an_ack_is_cumulative_and_comes_again_to_whoever_missed_it(server, room):
    device = await come(server, room, pk="one")
    await device.send_all(one(n, n - 1) for n in range(1, 41))
    assert await until_done(device, 40) == []
    # Sent again, as if the ack had been lost.
    await device.send(one(40, 39))
    assert await device.next() == ack(40)
    # It replaces its own older connection.
    again = await come(server, room, 40, pk="one")
    await again.send(one(41, 40))
    # It is closed before an ack could come.
    await again.socket.close()
    last = await come(server, room, 41)
    await last.send(one(42, 41))
    assert await until_done(last, 42) == []


async def test_what_comes_after_a_loss_is_dropped_and_the_device_is_told_how_far_it_is(
    server, room
):
    watcher = await join(server, room)
    device = await come(server, room)
    await watcher.next("presence")
    await device.send_all([one(7, 3), batch(7, entry(8), entry(9))])
    assert await device.next() == ack(0)
    await device.send(batch(0, dated(3), dated(7)))
    assert await until_done(device, 7) == []
    await device.send_all([batch(8, dated(9)), "end"])
    assert (await watcher.next("batch"))["readings"][0]["values"] == {"t": 3}
    assert await watcher.raw() == "end"
    assert await device.next() == ack(7)
    assert kept(server, room) == [3, 7]


async def test_a_reading_that_breaks_a_rule_is_refused_for_good_and_those_behind_it_are_not(
    server, room
):
    watcher = await join(server, room)
    device = await come(server, room)
    await watcher.next("presence")
    wrong = [
        ({"values": {"x": None}}, "value 'x' is "),
        ({"values": {}}, "1 to 32"),
        ({"values": [1]}, "values"),
        ({"values": {"x": 1 << 60}}, "2**53"),
        ({"values": {"x": "s" * 257}}, "257"),
        ({"at": "noon"}, "at 'noon'"),
        ({"at": 1.5}, "at 1.5"),
        ({"at": 1 << 60}, "at 1152"),
        ({"at": None}, "at "),
        ({"values": {"n" * 65: 1}}, "1 to 64"),
    ]
    entries = [entry(2 * n + 1, **fields) for n, (fields, _) in enumerate(wrong)]
    good = [dated(n + 1) for n in (entry["n"] for entry in entries)]
    pairs = [reading for pair in zip(entries, good) for reading in pair]
    await device.send(batch(0, *pairs))
    refused = await until_done(device, 20)
    # Many refused readings come in several acks.
    while len(refused) < len(wrong):
        refused += (await device.next("ack", n=20))["refused"]
    assert [n for n, _ in refused] == [entry["n"] for entry in entries]
    for (_, reason), (_, words) in zip(refused, wrong):
        assert words in reason and len(reason) < 250 and reason.isprintable()
    told = await watcher.next()
    assert [reading["values"]["t"] for reading in told["readings"]] == list(range(2, 21, 2))

    await device.send_all([one(21, 20, values={}), batch(21, entry(22, values={}))])
    assert [n for n, _ in await until_done(device, 22)] == [21, 22]
    await device.send_all([batch(0, *pairs), one(22, 20, values={}), "end"])
    # Nothing was passed on.
    assert await watcher.raw() == "end"
    # Nothing was refused again.
    assert await device.next() == ack(22)
    await come(server, room, 22)
    assert kept(server, room) == list(range(2, 21, 2))


async def test_a_message_that_cannot_be_counted_is_an_error_and_nothing_happens(server, room):
    watcher = await join(server, room)
    plain = await join(server, room, role="device", name="plain")
    device = await come(server, room)
    await plain.next("presence")
    other = EPOCH[::-1]
    for sender, message, words in (
        (plain, one(1, 0), "epoch"),
        (plain, batch(0, entry(1)), "epoch"),
        (device, one(1, 0, epoch=other), "epoch"),
        (device, batch(0, entry(1), epoch=other), "epoch"),
        (device, batch(0, entry(1), epoch=None), "epoch"),
        (device, {"type": "reading", "n": 1, "after": 0, "values": {"t": 1}}, "epoch"),
        (device, {"type": "reading", "epoch": EPOCH, "values": {"t": 1}}, "after"),
        (device, {"type": "reading", "epoch": EPOCH, "after": 0, "values": {"t": 1}}, "n "),
        (device, {"type": "batch", "epoch": EPOCH, "readings": [entry(1)]}, "after"),
        (device, one(1, -1), "after"),
        (device, one(1, "0"), "after"),
        (device, one(1, 1), "have to grow"),
        (device, one(0, 0), "n 0"),
        (device, one((1 << 53) + 1, 0), "whole number"),
        (device, one("1", 0), "n '1'"),
        (device, one(True, 0), "n "),
        (device, one(1.5, 0), "n 1.5"),
        (device, batch(0), "readings"),
        (device, batch(0) | {"readings": {"1": entry(1)}}, "readings"),
        (device, batch(0, 5), "5"),
        (device, batch(0, {"values": {"t": 1}}), "n "),
        (device, batch(0, entry(2), entry(1)), "have to grow"),
        (device, batch(0, entry(1), entry(1)), "have to grow"),
    ):
        await sender.send(message)
        answer = await sender.next()
        assert answer["type"] == "error" and words in answer["error"], (message, answer)
        assert answer["status"] == 400 and EPOCH not in answer["error"]
    dashboard = await join(server, room, role="dashboard")
    await dashboard.next("snapshot")
    for message in (one(1, 0), batch(0, entry(1))):
        await dashboard.send(message)
        assert "devices alone" in (await dashboard.next())["error"]
        assert http(server, path_of(room, "name=d"), json.dumps(message).encode())[0] == 400
    await device.send_all(["end", one(1 << 53, 0, values={"t": 0})])
    while (text := await watcher.raw()) != "end":
        assert json.loads(text)["type"] == "presence"
    assert await until_done(device, 1 << 53) == []


async def test_an_epoch_is_sixteen_hexadecimal_digits_of_a_device(server, room):
    for epoch in ("", EPOCH[1:], EPOCH + "0", EPOCH.upper(), "g" + EPOCH[1:], EPOCH[1:] + "\n"):
        status, text = await refusal(server, room, role="device", name="d", epoch=epoch)
        assert (status, text) == (400, "epoch: give 16 hexadecimal digits in lower case")
    for role in ("dashboard", ""):
        status, text = await refusal(server, room, role=role, epoch=EPOCH)
        assert status == 400 and "epoch" in text
    assert state_of(server, room)["devices"] == []


async def test_each_device_and_epoch_counts_by_itself_and_the_newest_eight_are_kept(start, room):
    server = start(max_devices=2)
    epochs = [f"{n:016x}" for n in range(9)]
    for n, epoch in enumerate(epochs, 1):
        async with join(server, room, role="device", name="d", epoch=epoch) as device:
            assert await device.next() == ack(0, epoch)
            await device.send(one(n, 0, epoch))
            await until_done(device, n, epoch)
    server.restart()
    for n, epoch in enumerate(epochs, 1):
        async with join(server, room, role="device", name="d", epoch=epoch) as device:
            assert await device.next() == ack(n if n > 1 else 0, epoch)
    await come(server, room, 0, epochs[8], name="other")
    # There is no space left for d.
    await come(server, room, 0, name="third")
    assert "d" not in {device["device"] for device in state_of(server, room)["devices"]}
    other = start()
    await come(other, room, 0, epochs[8])


async def test_nobody_but_the_device_hears_of_its_epoch_and_numbers(server, room):
    watcher = await join(server, room)
    device = await come(server, room)
    await device.send({"type": "hello", "name": "North", "epoch": EPOCH})
    live = {"type": "reading", "live": True, "at": AT, "values": {"t": 1}}
    await device.send_all([live, one(1, 0), batch(1, dated(2), entry(3)), batch(9, entry(10))])
    await until_done(device, 3)
    await device.socket.close()
    dashboard = await join(server, room, role="dashboard")
    # Two presences, a hello, and the new readings.
    texts = [await watcher.raw() for _ in range(6)]
    texts += [json.dumps(state_of(server, room)), await dashboard.raw()]
    for text in texts:
        assert not any(word in text for word in (EPOCH, '"epoch', '"n"', '"ack'))


async def test_a_killed_server_has_what_it_acknowledged_and_no_reading_without_its_number(
    start, room
):
    server = start(rate=10000)
    device = await come(server, room)
    for n in range(1, 601, 3):
        await device.send(batch(n - 1, *(dated(n + i) for i in range(3))))
    acknowledged = 0
    while acknowledged < 48:
        acknowledged = (await device.next("ack"))["n"]
    server.kill()
    server.restart()
    again = await join(server, room, role="device", name="d", epoch=EPOCH)
    n = (await again.next())["n"]
    assert n >= acknowledged and n % 3 == 0
    # The newest 300 are kept.
    assert kept(server, room) == list(range(max(1, n - 299), n + 1))
    await again.send(batch(n - 3, *(dated(n + i) for i in range(-2, 2))))
    await until_done(again, n + 1)
    assert kept(server, room)[-3:] == [n - 1, n, n + 1]


async def test_a_server_without_a_database_acknowledges_nothing_and_says_so(kind, server, room):
    # It always has a database: that of the room's Durable Object.
    if kind != "room_server":
        assert state_of(server, room)["storage"] == "disk"
        return
    with RoomServer() as forgetful:
        watcher = await join(forgetful, room)
        device = await join(forgetful, room, role="device", name="d", epoch=EPOCH)
        greeting = await device.next()
        assert greeting.pop("error")
        assert greeting == ack(None)
        await device.send_all([batch(0, dated(1)), "end"])
        while await watcher.raw() != "end":
            pass
        await watcher.send("end")
        while (text := await device.raw()) != "end":
            assert json.loads(text).get("n") is None
        assert state_of(forgetful, room)["storage"] == "memory"
