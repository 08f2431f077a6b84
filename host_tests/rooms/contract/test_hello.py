"""A device's hello: kept, replaced, kept in part, limited, remembered."""

import json

import pytest

from rooms.clients import join, state_of
from rooms.malformed import LEFT_OUT

HELLO = {
    "name": "Greenhouse, north wall",
    "units": {"t": "°C"},
    "controls": [
        {"name": "led", "type": "switch"},
        {"name": "fan", "type": "slider", "min": 0, "max": 9, "step": 3},
        {"name": "restart", "type": "button", "label": "Restart"},
    ],
}


def about(server, room):
    """{device: its last hello} of a room."""
    return {device["device"]: device["about"] for device in state_of(server, room)["devices"]}


async def test_a_hello_goes_to_everybody_else_and_stays_when_all_have_gone(start, room):
    server = start()
    async with join(server, room) as watcher:
        async with join(server, room, role="device", name="kitchen") as device:
            assert about(server, room) == {"kitchen": {}}
            await device.send({"type": "hello", **HELLO, "device": "other", "at": 5})
            message = await watcher.next("hello")
            assert message.pop("at") > 1.6e12
            assert message == {"type": "hello", "device": "kitchen", **HELLO}
            async with join(server, room, role="dashboard") as dashboard:
                snapshot = await dashboard.next()
                assert snapshot["clients"] == {"device": 1, "dashboard": 1, "other": 1}
                assert snapshot["devices"][0]["about"] == HELLO
            await device.send("end")
            assert await watcher.raw() == "end"
        left = await watcher.next("presence", online=False)
        assert about(server, room) == {"kitchen": HELLO}
    server.restart()
    [device] = state_of(server, room)["devices"]
    assert (device["device"], device["online"], device["at"]) == ("kitchen", False, left["at"])
    assert (device["about"], device["last"], device["history"]) == (HELLO, {}, {})
    await join(server, room, role="device", name="kitchen")
    assert about(server, room) == {"kitchen": HELLO}


async def test_a_hello_replaces_the_one_before_and_what_is_no_json_does_not(server, room):
    watcher = await join(server, room)
    device = await join(server, room, role="device", name="d")
    for hello in ({"name": "North", "controls": []}, {"units": {"t": "K"}}):
        await device.send({"type": "hello", **hello})
        await watcher.next("hello")
        assert about(server, room) == {"d": hello}
    await device.send('{"type":"hello","name":}')
    assert "JSON" in (await device.next("error"))["error"]
    assert about(server, room) == {"d": {"units": {"t": "K"}}}
    await device.send({"type": "hello"})
    await watcher.next("hello")
    assert about(server, room) == {"d": {}}


async def test_a_hello_at_every_limit_is_kept_with_known_fields_alone(server, room):
    units = {f"{n:064}": "é" * 16 for n in range(64)}
    controls = [{"name": f"c{n}", "type": "switch", "label": "😀" * 64} for n in range(14)]
    controls += [
        {"name": "fan", "type": "slider", "min": -(1 << 53), "max": 1 << 53, "step": 0.5},
        {"name": "dim", "type": "slider", "min": 0.25, "max": 0.5},
    ]
    hello = {"name": "n" * 64, "units": units, "controls": controls}
    sent = [{**control, "colour": "red", "min": control.get("min", 0)} for control in controls]
    watcher = await join(server, room)
    device = await join(server, room, role="device", name="d")
    message = {"type": "hello", **hello, "controls": sent, "more": 1}
    await device.send(json.dumps(message, ensure_ascii=False))
    await watcher.next("hello")
    assert about(server, room) == {"d": hello}


def the_sentence(message):
    """The only error about a hello, without its beginning."""
    assert (message["type"], message["status"]) == ("error", 400), message
    beginning, sentence = message["error"][:23], message["error"][23:]
    assert beginning == "left out of the hello: "
    assert len(message["error"]) <= 256 and message["error"].isprintable()
    return sentence


@pytest.mark.parametrize(("fields", "kept", "word"), LEFT_OUT)
async def test_what_breaks_a_rule_is_left_out_and_told_and_the_rest_stays(
    kind, server, room, fields, kept, word
):
    watcher, device = await join(server, room), await join(server, room, role="device", name="d")
    await device.send('{"type":"hello",' + fields + "}")
    await device.send({"type": "command", "device": "nobody", "name": "end"})
    sentence = the_sentence(await device.next())
    assert (word.replace("None", "null") if kind != "room_server" else word) in sentence
    # There is no second error before it.
    assert (await device.next())["name"] == "end"
    message = await watcher.next("hello")
    assert message.pop("at") > 1.6e12
    assert message == {"type": "hello", "device": "d", **kept}
    assert about(server, room) == {"d": kept}


async def test_one_error_tells_of_all_parts_and_counts_those_without_place(server, room):
    watcher, device = await join(server, room), await join(server, room, role="device", name="d")
    led = {"name": "led", "type": "switch"}
    for hello, parts in (
        ({"name": 7, "units": {f"v{n}": "" for n in range(100)}, "controls": [led, 5]}, 67),
        ({"name": 7, "units": {"t": 5, "u": "m"}, "controls": [led, led]}, 3),
        ({"name": "N", "units": {"\u2028" * 64: 1, "v": 2}}, 2),
        ({"name": {"k" * 50: ["x" * 50] * 2, "l" * 50: ["x" * 50] * 2}}, 1),
        ({"units": {"\u2028" * 40 + f"{n}": 1 for n in range(9)}}, 9),
    ):
        await device.send({"type": "hello", **hello})
        named = the_sentence(await device.next("error")).split("; ")
        if len(named) < parts:
            assert named.pop() == f"and {parts - len(named)} more"
            # At least three parts must fit.
            assert parts > 3
        assert named and all(": " in part for part in named), named
        await watcher.next("hello")
    await device.send({"type": "hello", "name": "N"})
    await device.send({"type": "command", "device": "nobody", "name": "end"})
    assert (await device.next())["name"] == "end"


async def test_the_log_tells_of_it_once_until_it_is_another_without_what_it_holds(start, room):
    secret = "h0use-s3cret"
    server = start(token=secret)
    device = {"role": "device", "token": secret}
    bad_name, bad_unit = {"name": secret * 6}, {"units": {secret: [secret], "t": 5}}
    async with join(server, room, name="other", **device) as other:
        for name, *hellos in (
            ("d", bad_name, bad_name),
            # This name is as wrong as the last one.
            ("d", {"name": secret * 7}, bad_unit),
            ("d", {"name": "right"}, bad_unit),
            ("e", bad_unit),
        ):
            async with join(server, room, name=name, **device) as one:
                for hello in hellos:
                    await one.send({"type": "hello", **hello})
                    await other.next("hello")
    server.kill()
    lines = [line for line in server.stderr.splitlines() if "left out" in line]
    told = [line.partition(f"{room}: device ")[2] for line in lines]
    # Two units with one remedy.
    name = "name: give a string of 1 to 64 characters"
    unit = "unit: give a string of 1 to 16 characters"
    expected = [("d", name), ("d", unit), ("d", unit), ("e", unit)]
    assert told == [f"'{device}': left out of its hello: {what}" for device, what in expected]
    assert "s3cret" not in server.stderr
