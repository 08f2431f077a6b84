"""In a room: what is passed on to whom, over real sockets."""

import asyncio
import json

import pytest

from rooms.clients import asynchronous, http, join, refusal
from rooms.malformed import MALFORMED
from rooms.server_process import RoomServer


@pytest.mark.parametrize(
    "message", ["", "hello", "7", '{"a": 1,  "a": 2}', b"", b"\x00\xff{", "é😀"]
)
@asynchronous
async def test_other_messages_are_passed_on_verbatim_but_not_back(server, room, message):
    async with join(server, room) as a, join(server, room) as b:
        await a.send(message)
        await b.send("end")
        assert await b.raw() == message
        assert await a.raw() == "end"


@asynchronous
async def test_a_reading_is_stamped_passed_on_and_in_the_next_snapshot(server, room):
    async with (
        join(server, room) as watcher,
        join(server, room, role="device", name="kitchen") as device,
    ):
        await device.send({"type": "reading", "values": {"t": 21.5, "door": True}})
        reading = await watcher.next("reading")
        assert reading.pop("at") > 1.6e12
        assert reading == {
            "type": "reading",
            "device": "kitchen",
            "values": {"t": 21.5, "door": True},
        }
        async with join(server, room, role="dashboard") as dashboard:
            snapshot = await dashboard.next()
            assert (snapshot["type"], snapshot["room"]) == ("snapshot", room)
            [state] = snapshot["devices"]
            assert (state["device"], state["online"]) == ("kitchen", True)
            assert state["last"] == {"t": 21.5, "door": True}
            assert [value for _, value in state["history"]["t"]] == [21.5]


@asynchronous
async def test_a_hello_goes_to_everybody_else_and_into_the_state(server, room):
    hello = {
        "name": "North",
        "units": {"t": "°C"},
        "controls": [{"name": "fan", "type": "slider", "min": 0, "max": 9, "step": 3}],
    }
    async with (
        join(server, room) as watcher,
        join(server, room, role="device", name="kitchen") as device,
    ):
        await device.send({"type": "hello", **hello})
        message = await watcher.next("hello")
        assert message.pop("at") > 1.6e12
        assert message == {"type": "hello", "device": "kitchen", **hello}
        async with join(server, room, role="dashboard") as dashboard:
            snapshot = await dashboard.next()
            assert snapshot["clients"] == {"device": 1, "dashboard": 1, "other": 1}
            assert snapshot["devices"][0]["about"] == hello
        state = (await asyncio.to_thread(http, server, f"/parties/main/{room}"))[1]
        assert state["devices"][0]["about"] == hello


@asynchronous
async def test_a_snapshot_goes_to_dashboards_alone(server, room):
    async with join(server, room) as plain, join(server, room, role="device") as device:
        async with join(server, room, role="dashboard") as dashboard:
            assert (await dashboard.next())["type"] == "snapshot"
            await dashboard.send("end")
            assert (await plain.next())["type"] == "presence"  # of the device
            assert await plain.raw() == "end"
            assert await device.raw() == "end"


@asynchronous
async def test_the_old_connection_of_a_device_that_is_back_closes_in_silence(server, room):
    async with join(server, room) as watcher:
        async with join(server, room, role="device", name="kitchen", pk="new") as new:
            async with join(server, room, role="device", name="kitchen", pk="old"):
                assert (await watcher.next())["online"] is True
            await new.send("still here")
            assert await watcher.raw() == "still here"
        assert (await watcher.next())["online"] is False


@asynchronous
async def test_the_same_id_replaces_without_waiting_for_the_old_connection(server, room):
    async with (
        join(server, room) as watcher,
        join(server, room, role="device", name="kitchen", pk="one") as old,
    ):
        assert (await watcher.next())["online"] is True
        old.socket.transport.pause_reading()  # it vanished: it will not answer its close
        async with join(server, room, role="device", name="kitchen", pk="one") as new:
            await watcher.send("hello")
            assert await new.raw() == "hello"
            await new.send("here")
            assert await watcher.raw() == "here"  # and no presence before it
            old.socket.transport.resume_reading()
            assert await old.closed() == (1008, "replaced by a newer connection with the same id")
            await watcher.send("again")
            assert await new.raw() == "again"


@asynchronous
async def test_a_command_goes_to_its_device_and_the_result_to_all(server, room):
    async with (
        join(server, room, role="device", name="led") as device,
        join(server, room, role="device", name="fan") as other,
        join(server, room, role="dashboard") as dashboard,
    ):
        await dashboard.next("snapshot")
        await dashboard.send({"type": "command", "device": "led", "name": "on", "value": True})
        assert await device.next("command") == {
            "type": "command",
            "device": "led",
            "name": "on",
            "value": True,
        }
        await device.send({"type": "result", "name": "on", "ok": True, "value": 1})
        expected = {"type": "result", "name": "on", "ok": True, "value": 1, "device": "led"}
        assert await dashboard.next() == expected
        assert await other.next() == expected  # and no command before it


@asynchronous
async def test_a_command_to_an_absent_device_comes_back_as_a_failed_result(server, room):
    async with join(server, room) as sender:
        await sender.send({"type": "command", "device": "led", "name": "on"})
        result = await sender.next()
        assert (result["type"], result["device"], result["ok"]) == ("result", "led", False)


@asynchronous
async def test_each_malformed_message_is_answered_and_nothing_else_happens(server, room):
    async with (
        join(server, room, role="device", name="kitchen") as sender,
        join(server, room) as watcher,
    ):
        for text, word in MALFORMED:
            await sender.send(text)
            error = await sender.next()
            assert error["type"] == "error" and word in error["error"], text[:80]
        await sender.send("still here")
        assert await watcher.raw() == "still here"


@pytest.mark.parametrize("length", [16384, 16385, 200000])
@pytest.mark.parametrize("letter", ["x", b"x", "é"])
@asynchronous
async def test_a_message_over_the_limit_is_closed_1009_and_the_room_goes_on(
    server, room, length, letter
):
    message = letter * (length // 2) if letter == "é" else letter * length
    if letter == "é" and length % 2:
        message += "x"
    async with (
        join(server, room) as a,
        join(server, room) as b,
        join(server, room) as c,
    ):
        await a.send(message)
        if length == 16384:
            assert await b.raw() == message
            return
        code, reason = await a.closed()
        assert code == 1009
        if length == 16385:
            assert reason == "message of 16385 bytes: at most 16384"
        await b.send("on we go")
        assert await c.raw() == "on we go"


@asynchronous
async def test_invalid_utf_8_is_closed_1007(server, room):
    async with join(server, room) as a:
        await a.socket.send(b"\xff", text=True)
        assert (await a.closed())[0] == 1007


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4321])
@asynchronous
async def test_a_client_s_close_is_answered_with_its_own_code(server, room, code):
    async with join(server, room) as a:
        await a.socket.close(code)
        assert a.socket.protocol.close_rcvd.code == code


@asynchronous
async def test_a_post_is_published_and_counted(server, room):
    path = f"/parties/main/{room}"
    async with join(server, room) as a, join(server, room) as b:

        async def post(body, query="", **headers):
            return (await asyncio.to_thread(http, server, path + query, body, None, headers))[:2]

        assert await post(b"hello") == (200, {"ok": True, "delivered": 2})
        binary = {"Content-Type": "application/octet-stream"}
        assert await post(b"\xff", **binary) == (200, {"ok": True, "delivered": 2})
        reading = b'{"type":"reading","device":"roof","values":{"t":3}}'
        assert await post(reading) == (200, {"ok": True, "delivered": 2})
        assert await post(reading, "?name=attic") == (200, {"ok": True, "delivered": 2})
        for client in (a, b):
            assert await client.raw() == "hello"
            assert await client.raw() == b"\xff"
            assert (await client.next("reading"))["device"] == "roof"
            assert (await client.next("reading"))["device"] == "attic"
        async with join(server, room, role="device", name="roof") as device:
            command = b'{"type":"command","device":"roof","name":"led","value":1}'
            assert await post(command) == (200, {"ok": True, "delivered": 1})
            assert (await device.next("command"))["value"] == 1


@pytest.mark.parametrize(
    ("body", "query", "headers", "status", "word"),
    [
        (b"{", "", {}, 400, "JSON"),
        (b"\xff", "", {}, 400, "UTF-8"),
        (b'{"type":"reading","values":{"t":1}}', "", {}, 400, "device"),
        (b'{"type":"reading","values":{"t":1}}', "?name=", {}, 400, "device"),
        (b'{"type":"reading","values":{"t":1},"device":[]}', "", {}, 400, "device"),
        (b'{"type":"result","name":"n","ok":true}', "", {}, 400, "result"),
        (b'{"type":"hello","name":"n"}', "?name=d", {}, 400, "hello"),
        (b'{"type":"command","device":"d","name":"n"}', "", {}, 404, "'d' is not here"),
        (b"x" * 16385, "", {}, 413, "16384"),
        (b"junk", "", {"Content-Encoding": "gzip"}, 400, "body"),
    ],
)
def test_a_bad_post_is_refused(server, room, body, query, headers, status, word):
    got, answer, _ = http(server, f"/parties/main/{room}{query}", body, None, headers)
    assert got == status and word in answer["error"]


def test_a_post_of_the_longest_body_is_taken(server, room):
    assert http(server, f"/parties/main/{room}", b"x" * 16384)[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused_with_those_allowed(server, room, method):
    status, _, headers = http(server, f"/parties/main/{room}", method=method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD, POST")


def test_get_shows_last_values_and_a_bounded_history_in_json(room):
    with RoomServer("--history", "3") as server:
        path = f"/parties/main/{room}"
        for n in range(5):
            body = json.dumps({"type": "reading", "values": {"t": n}}).encode()
            assert http(server, path + "?name=roof", body)[0] == 200
        status, state, headers = http(server, path)
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        assert set(state) == {"room", "at", "clients", "devices"}
        [device] = state["devices"]
        assert (device["device"], device["online"], device["last"]) == ("roof", False, {"t": 4})
        assert [value for _, value in device["history"]["t"]] == [2, 3, 4]
        assert http(server, path, method="HEAD")[:2] == (200, "")


def test_an_unknown_room_is_empty(server, room):
    assert http(server, f"/parties/main/{room}")[1]["devices"] == []


@asynchronous
async def test_a_refused_client_leaves_no_trace(server, room):
    assert (await refusal(server, room, role="admin"))[0] == 400
    async with join(server, room, role="dashboard") as dashboard:
        assert (await dashboard.next())["devices"] == []
