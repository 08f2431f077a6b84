"""How much a room keeps, and who gets messages when there are many members or one is slow."""

import asyncio

from rooms.clients import join, join_many, post, reading, state_of


def devices_of(server, room):
    return {device["device"]: device for device in state_of(server, room)["devices"]}


def test_the_device_longest_offline_is_forgotten_for_a_new_one(start, room):
    server = start(max_devices=3)
    for device in ("a", "b", "c", "a"):
        post(server, room, device, t=1, s="x")
    while devices_of(server, room)["a"]["at"] == devices_of(server, room)["c"]["at"]:  # in one ms
        post(server, room, "a", t=1, s="x")
    post(server, room, "d", t=2)
    assert sorted(devices_of(server, room)) == ["a", "c", "d"]
    post(server, room, "b", s="y")
    b = devices_of(server, room)["b"]
    # Nothing from before it was forgotten.
    assert (b["last"], b["history"], len(b["changes"]["s"])) == ({"s": "y"}, {}, 1)
    server.restart()
    assert sorted(devices_of(server, room)) == ["a", "b", "d"]


def test_the_value_name_longest_without_news_is_forgotten(server, room):
    # A JavaScript object would put "7" first.
    names = [f"v{n}" for n in range(64)] + ["7"]
    for start in range(0, 65, 5):
        post(server, room, "d", **{name: 1 for name in names[start : start + 5]})
        post(server, room, "d", v0=start)
    [device] = state_of(server, room)["devices"]
    assert set(device["last"]) == set(device["history"]) == set(names) - {"v1"}
    # It was never forgotten.
    assert len(device["history"]["v0"]) == 1 + 13
    post(server, room, "d", **{"7": 2, "v1": 5})
    [device] = state_of(server, room)["devices"]
    assert set(device["last"]) == set(names) - {"v2"}
    assert [value for _, value in device["history"]["v1"]] == [5]


async def test_a_snapshot_shares_its_points_by_the_series(start, room):
    server = start(rate=100000)
    devices = [await join(server, room, role="device", name=f"d{n}") for n in range(5)]
    watcher = await join(server, room)
    names = [f"v{n}" for n in range(30)]
    for n in range(140):  # 5 x 30 series of 140 points are 21,000
        for device in devices:
            await device.send(reading(**dict.fromkeys(names, n)))
    for _ in range(700):
        await watcher.next("reading")
    dashboard = await join(server, room, role="dashboard")
    for device in (await dashboard.next("snapshot"))["devices"]:
        for points in device["history"].values():
            assert [value for _, value in points] == list(range(140 - 133, 140))
    # With 32 more series, each has a smaller share.
    post(server, room, "more", **{f"v{n}": n for n in range(32)})
    for name, device in devices_of(server, room).items():
        for points in device["history"].values():
            assert len(points) == (1 if name == "more" else 109)


def test_a_snapshot_of_more_than_ten_thousand_series_has_last_values_alone(start, room):
    server = start()
    names = [f"v{n}" for n in range(64)]
    for n in range(157):  # 157 x 64 are 10,048
        for half in (names[:32], names[32:]):
            post(server, room, f"d{n}", **dict.fromkeys(half, n))
        if n == 155:
            assert all("history" in device for device in state_of(server, room)["devices"])
    devices = state_of(server, room)["devices"]
    assert [device["last"]["v63"] for device in devices] == list(range(157))
    assert not any("history" in device or "changes" in device for device in devices)
    [device] = state_of(server, room, "device=d3&name=v5&points=9")["devices"]
    assert [value for _, value in device["history"]["v5"]] == [3]


async def test_nobody_waits_for_a_client_that_does_not_read_and_all_hear_one_order(server, room):
    healthy, publishers = await join_many(server, room, 20), await join_many(server, room, 3)
    stuck = await join(server, room, role="device", name="stuck")
    stuck.stop_reading()
    messages = [[b"%d %03d" % (who, n) + bytes(16000) for n in range(100)] for who in range(3)]
    streams = [who.send_all(what) for who, what in zip(publishers, messages)]

    async def hear(client):
        """The messages that a healthy member gets, without a presence of the stuck one."""
        heard = []
        while len(heard) < 300:
            message = await client.raw()
            heard += [message] if isinstance(message, bytes) else []
        return heard

    heard, *others = (await asyncio.gather(*map(hear, healthy), *streams))[:20]
    assert others == [heard] * 19
    for who in range(3):
        assert [message for message in heard if message[:1] == b"%d" % who] == messages[who]
    stuck.vanish()


async def test_a_killed_server_has_kept_every_reading_it_passed_on(start, room):
    server = start(rate=1000)
    async with join(server, room) as watcher:
        async with join(server, room, role="device", name="d") as device:
            await device.send_all(reading(t=n) for n in range(200))
            await watcher.next("reading", values={"t": 150})
            server.kill()
            await watcher.closed()
    server.restart()
    dashboard = await join(server, room, role="dashboard")
    snapshot = await dashboard.next("snapshot")
    assert snapshot["clients"] == {"device": 0, "dashboard": 1, "other": 0}
    [state] = snapshot["devices"]
    assert (state["device"], state["online"]) == ("d", False)
    values = [value for _, value in state["history"]["t"]]
    assert values == list(range(len(values))) and len(values) > 150
    assert state["last"] == {"t": values[-1]}
    await join(server, room, role="device", name="d")
    assert (await dashboard.next("presence"))["online"] is True
