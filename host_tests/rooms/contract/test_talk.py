"""In a room: what is passed on to whom, what is answered, and what ends a connection."""

import asyncio
import json

from rooms.clients import WAIT_S, join, join_many, state_of, until
from rooms.malformed import MALFORMED, reading

LIMIT = 16384
# The words that differ because of the servers' languages.
IN_JAVASCRIPT = {"NaN": "JSON", "Infinity": "JSON", "None": "null"}


async def test_other_messages_are_passed_on_verbatim_but_not_back(server, room):
    a, b = await join_many(server, room, 2)
    for message in (
        *("", "hello", "7", "[1]", "{}", '{"a": 1,  "a": 2}', "é😀", " [", "\ufeff{", "x" * LIMIT),
        *('{"n":%s}' % ("9" * 5000), '{"__proto__":{"type":"reading"}}'),
        *(b"", b"\x00\xff{", bytes(LIMIT), "é" * (LIMIT // 2)),
    ):
        await a.send(message)
        await b.send("end")
        assert await b.raw() == message
        assert await a.raw() == "end"


async def test_a_reading_is_stamped_passed_on_and_in_the_next_snapshot(server, room):
    watcher = await join(server, room)
    device = await join(server, room, role="device", name="kitchen")
    values = {"t": 21.5, "door": True, "mode": "é" * 256, "n": 1 << 53, "low": -(1 << 53)}
    # 32 values in all, which is the most.
    values |= {f"v{n}": n for n in range(27)}
    await device.send({"type": "reading", "values": values, "device": "other", "x": 5})
    await watcher.next("presence")
    text = await watcher.raw()
    # It is not escaped, because MicroPython's json does not always join escapes.
    assert "é" in text
    reading = json.loads(text)
    assert reading.pop("at") > 1.6e12
    assert reading == {"type": "reading", "device": "kitchen", "values": values}
    dashboard = await join(server, room, role="dashboard")
    snapshot = await dashboard.next()
    assert (snapshot["type"], snapshot["room"]) == ("snapshot", room)
    [state] = snapshot["devices"]
    assert (state["device"], state["online"]) == ("kitchen", True)
    assert state["last"] == values
    points = {name: [value for _, value in of] for name, of in state["history"].items()}
    assert points == {name: [values[name]] for name in values if name not in ("door", "mode")}


async def test_a_value_s_name_means_nothing_to_the_server(server, room):
    watcher = await join(server, room)
    device = await join(server, room, role="device", name="d")
    names = ["__proto__", "constructor", "toString", "0", "n" * 64, "😀" * 64]
    for name in names:
        await device.send(reading(f'{{"{name}":1,"{name}":2}}'))
        # The last of two values counts.
        assert (await watcher.next("reading"))["values"] == {name: 2}
        await device.send({"type": "hello", "units": {name: "m"}})
        assert (await watcher.next("hello"))["units"] == {name: "m"}
        await device.send({"type": "result", "name": name, "ok": True, "value": {name: [name]}})
        assert (await watcher.next("result"))["value"] == {name: [name]}
        [state] = state_of(server, room)["devices"]
        assert state["about"] == {"units": {name: "m"}}
    assert state["last"] == dict.fromkeys(names, 2)
    assert all([value for _, value in state["history"][name]] == [2] for name in names)


async def test_a_snapshot_a_command_and_a_result_go_to_whom_they_are_for(server, room):
    device = await join(server, room, role="device", name="led")
    dashboard = await join(server, room, role="dashboard")
    await dashboard.next("snapshot")
    other = await join(server, room, role="device", name="fan")
    # A device gets no snapshot.
    assert (await device.next())["device"] == "fan"
    await dashboard.presence("fan")
    value = [[[[[[[[None]]]]]]]]
    command = {"type": "command", "device": "led", "name": "on", "value": value}
    await dashboard.send({**command, "at": 5})
    assert await device.next() == command
    await dashboard.send({"type": "command", "device": "led", "name": "off"})
    assert await device.next() == {"type": "command", "device": "led", "name": "off"}
    result = {"type": "result", "name": "on", "ok": False, "error": "e" * 256}
    await device.send({**result, "device": "fan", "at": 5})
    expected = {**result, "device": "led"}
    assert await dashboard.next() == expected
    # There is no command before it.
    assert await other.next() == expected


async def test_a_command_to_an_absent_device_comes_back_as_a_failed_result(server, room):
    async with join(server, room, role="device", name="gone"):
        pass
    await until(server, room, lambda state: not state["devices"][0]["online"])
    sender = await join(server, room)
    for name in ("gone", "led", "__proto__", "constructor"):
        await sender.send({"type": "command", "device": name, "name": "on"})
        result = await sender.next()
        assert result.pop("error") == f"device '{name}' is not here"
        assert result == {"type": "result", "device": name, "name": "on", "ok": False}


async def test_only_devices_send_hellos_readings_and_results(server, room):
    sender, watcher = await join(server, room, role="dashboard"), await join(server, room)
    for kind in ("hello", "reading", "result"):
        await sender.send({"type": kind, "values": {"t": 1}, "name": "n", "ok": True})
        error = await sender.next("error")
        text = f"'{kind}' comes from devices alone: join with role=device"
        assert error == {"type": "error", "error": text, "status": 400}
    await sender.send("end")
    assert await watcher.raw() == "end"


async def test_each_malformed_message_is_answered_and_nothing_else_happens(kind, server, room):
    sender = await join(server, room, role="device", name="kitchen")
    watcher = await join(server, room)
    await sender.send({"type": "hello", "name": "before"})
    await watcher.next("hello")
    for text, word in [*MALFORMED, (reading('{"a":1}') + "x", "JSON"), ('{"a":"\n"}', "JSON")]:
        if kind != "room_server":
            word = IN_JAVASCRIPT.get(word, word)
        await sender.send(text)
        answer = await sender.next()
        assert (answer["type"], answer["status"]) == ("error", 400), text[:80]
        assert word in answer["error"], text[:80]
        assert len(answer["error"]) < 250 and answer["error"].isprintable()
    await sender.send("still here")
    assert await watcher.raw() == "still here"
    [state] = state_of(server, room)["devices"]
    assert (state["last"], state["about"]) == ({}, {"name": "before"})


async def test_a_message_over_the_limit_is_closed_1009_and_the_room_goes_on(server, room):
    b, c = await join_many(server, room, 2)
    one_more = ("x" * (LIMIT + 1), bytes(LIMIT + 1), "é" * (LIMIT // 2) + "x")
    for message in (*one_more, "x" * 200000, bytes(200000), "é" * 100000):
        a = await join(server, room)
        await a.send(message)
        if message in one_more:
            # The others do not get this.
            await a.send("and more")
        code, reason = await a.told()
        assert code == 1009
        assert message not in one_more or reason == "message of 16385 bytes: at most 16384"
        await b.send("on we go")
        assert await c.raw() == "on we go"


async def test_no_invalid_utf_8_reaches_anybody(kind, server, room):
    a, b, c = await join_many(server, room, 3)
    await a.socket.send(b"x\xff\xed\xa0\x80", text=True)
    if kind == "room_server":
        assert (await a.told())[0] == 1007
    # workerd replaces it by U+FFFD, without an error.
    else:
        text = await b.raw()
        assert text[0] == "x" and set(text[1:]) == {"\ufffd"}
        assert await c.raw() == text
    await b.send("on we go")
    assert await c.raw() == "on we go"


async def test_pings_are_answered_and_a_close_with_its_own_code(server, room):
    for code in (1000, 1001, 3000, 4321):
        client = await join(server, room)
        await asyncio.wait_for(await client.socket.ping(), WAIT_S)
        await client.socket.close(code)
        assert client.socket.protocol.close_rcvd.code == code


async def test_a_client_above_its_rate_holds_up_nobody_else(kind, start, room):
    server = start(rate=5)
    eager, other, c = await join_many(server, room, 3)
    for n in range(30):
        await eager.send(f"{n}")
    await other.send("me too")
    # The party server can't read more slowly.
    taken = 10 if kind != "room_server" else 30
    heard = []
    while "me too" not in heard:
        heard.append(await c.raw())
    assert "29" not in heard
    while len(heard) <= taken:
        heard.append(await c.raw())
    heard.remove("me too")
    assert heard == [f"{n}" for n in range(taken)]
    if kind != "room_server":
        assert await eager.told() == (1013, "more than 5 messages a second: send less")
