"""A reading's time: its place in the history, the `last` value, and readings without a time."""

import json
import time

from rooms.clients import http, join, path_of, post, state_of

from .outbox import batch, come, entry, one, until_done

DAY = 24 * 3600 * 1000
# The beginning of 2020.
FIRST = 1_577_836_800_000


def now():
    return int(time.time() * 1000)


def state(server, room):
    [device] = state_of(server, room)["devices"]
    return device


def reading(value, **fields):
    return {"type": "reading", "values": {"t": value}, **fields}


async def test_the_history_is_in_the_order_of_the_readings_times(start, room):
    server = start()
    device = await come(server, room)
    at = now() - 60_000
    await device.send(reading(4, at=at + 40))
    await device.send(batch(0, *(entry(n, at=at + 10 * n) for n in (1, 2, 3, 5))))
    await device.send(one(6, 5, at=at - 10, values={"t": 0, "door": True, "s": 1.5}))
    await until_done(device, 6)
    found = state(server, room)
    assert found["history"]["t"] == [[at - 10, 0], *([at + 10 * n, n] for n in range(1, 6))]
    assert found["history"]["s"] == [[at - 10, 1.5]]
    assert found["last"] == {"t": 5, "s": 1.5, "door": True}
    await device.send(one(7, 6, at=at + 35, values={"t": 3.5}))
    await until_done(device, 7)
    server.restart()
    found = state(server, room)
    assert [value for _, value in found["history"]["t"]] == [0, 1, 2, 3, 3.5, 4, 5]
    assert found["last"]["t"] == 5


async def test_last_is_the_value_with_the_latest_time_of_its_name(server, room):
    device, watcher = await come(server, room), await join(server, room)
    at = now() - 60_000

    async def last_after(*messages):
        await device.send_all([*messages, "end"])
        while await watcher.raw() != "end":
            pass
        return state(server, room)["last"]

    assert await last_after(reading(1, at=at)) == {"t": 1}
    assert await last_after(reading(2, at=at - 1)) == {"t": 1}
    assert await last_after({**reading(3, at=at + 1), "values": {"t": 3, "u": 3}}) == {
        "t": 3,
        "u": 3,
    }
    assert await last_after({**reading(4, at=at), "values": {"t": 4, "u": 4, "v": 4}}) == {
        "t": 3,
        "u": 3,
        "v": 4,
    }
    # A time that is ahead counts as the server's time, so readings that come later replace it.
    assert (await last_after(reading(5, at=now() + DAY // 2)))["t"] == 5
    later = now()
    while now() == later:
        pass
    assert (await last_after(reading(6, at=later)))["t"] == 6
    assert (await last_after(reading(7)))["t"] == 7
    assert [value for _, value in state(server, room)["history"]["t"]] == [2, 1, 4, 3, 6, 7, 5]


async def test_a_live_value_goes_ahead_of_the_backlog_and_is_stored_with_its_number(server, room):
    watcher = await join(server, room)
    device = await come(server, room)
    await watcher.next("presence")
    at = now() - 1000
    await device.send(reading(9, live=True, at=at))
    expected = {"type": "reading", "device": "d", "at": at, "values": {"t": 9}, "live": True}
    assert await watcher.next() == expected
    found = state(server, room)
    assert (found["last"], found["history"]) == ({"t": 9}, {})
    await device.send(batch(0, entry(1, at=at - 2), entry(2, at=at - 1, values={"u": 2})))
    await until_done(device, 2)
    assert state(server, room)["last"] == {"t": 9, "u": 2}
    await device.send(one(9, 2, at=at))
    await until_done(device, 9)
    found = state(server, room)
    assert found["last"] == {"t": 9, "u": 2}
    assert found["history"] == {"t": [[at - 2, 1], [at, 9]], "u": [[at - 1, 2]]}
    assert [(await watcher.next())["type"] for _ in range(2)] == ["batch", "reading"]


async def test_a_reading_whose_time_is_nonsense_or_missing_is_undated(server, room):
    watcher = await join(server, room)
    device = await come(server, room)
    await watcher.next("presence")
    before = now()
    nonsense = (0, 5, -1, FIRST - 1, before + DAY + 60_000, 1 << 53)
    for n, at in enumerate(nonsense):
        await device.send(reading(n, at=at))
        told = await watcher.next()
        assert before <= told.pop("at") <= now()
        assert told == {"type": "reading", "device": "d", "values": {"t": n}, "undated": True}
    await device.send(one(1, 0, values={"t": 6}))
    assert (await watcher.next())["undated"] is True
    at = now()
    await device.send(batch(1, entry(2, values={"t": 7}), entry(3, values={"t": 8}, at=at)))
    told = await watcher.next()
    assert told["readings"] == [{"values": {"t": 7}}, {"at": at, "values": {"t": 8}}]
    await device.send(reading(9, live=True))
    told = await watcher.next()
    assert before <= told.pop("at") and told["undated"] is told["live"] is True
    found = state(server, room)
    assert found["last"] == {"t": 9}
    assert found["history"] == {"t": [[at, 8]]}
    assert [values for _, values in found["undated"]] == [{"t": n} for n in range(8)]
    times = [came for came, _ in found["undated"]]
    assert times == sorted(times) and before <= times[0]

    # It is not known how old it is. A live value may be newer.
    await device.send(one(4, 3, values={"t": 10, "u": 10}))
    await until_done(device, 4)
    assert state(server, room)["last"] == {"t": 9}
    # The earliest valid time.
    await device.send(reading(FIRST, at=FIRST))
    assert (await watcher.next(values={"t": FIRST}))["at"] == FIRST
    # This connection has sent no live value.
    again = await come(server, room, 4)
    await again.send(one(5, 4, values={"t": 11}))
    await until_done(again, 5)
    assert state(server, room)["last"] == {"t": 11}


async def test_the_newest_twenty_undated_readings_of_a_device_are_kept(start, room):
    server = start()
    for n in range(21):
        answer = http(server, path_of(room, "name=d"), json.dumps(reading(n, at=5)).encode())
        assert answer[0] == 200
    post(server, room, "dated", t=1)
    server.restart()
    of_device = {device["device"]: device for device in state_of(server, room)["devices"]}
    assert [values["t"] for _, values in of_device["d"]["undated"]] == list(range(1, 21))
    assert "undated" not in of_device["dated"]
    assert of_device["d"]["last"] == {"t": 20}


def test_a_posted_reading_has_its_own_time_or_is_live(server, room):
    at = now() - 5000
    for message in (reading(1, at=at), reading(2, live=True, at=at + 1), reading(0, at=at - 1)):
        answer = http(server, path_of(room, "name=d"), json.dumps(message).encode())
        assert answer[:2] == (200, {"ok": True, "delivered": 0})
    found = state(server, room)
    assert found["last"] == {"t": 2}
    assert found["history"] == {"t": [[at - 1, 0], [at, 1]]}
