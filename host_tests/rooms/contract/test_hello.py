"""What a device tells of itself: kept, replaced, refused, bounded, remembered."""

import json

from rooms.clients import join, state_of

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


async def test_a_hello_replaces_the_one_before_and_a_bad_one_does_not(server, room):
    watcher = await join(server, room)
    device = await join(server, room, role="device", name="d")
    for hello in ({"name": "North", "controls": []}, {"units": {"t": "K"}}):
        await device.send({"type": "hello", **hello})
        await watcher.next("hello")
        assert about(server, room) == {"d": hello}
    await device.send({"type": "hello", "name": "Bad", "units": {"t": ""}})
    assert "1 to 16" in (await device.next("error"))["error"]
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
