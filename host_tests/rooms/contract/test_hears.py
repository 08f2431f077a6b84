"""A member with hears=commands: what it gets, what it does not get, and how it is counted."""

import json
import random

import pytest

from rooms.clients import http, join, path_of, post, reading, refusal, state_of

from .outbox import batch, come, entry, until_done

COMMANDS = {"hears": "commands"}
STEPS = 150
# More devices than a room remembers as commanded by one member.
DEVICES = [f"d{n}" for n in range(11)]


def command(device, name="on"):
    return {"type": "command", "device": device, "name": name}


def result(name="on"):
    return {"type": "result", "name": name, "ok": True}


async def caught_up(client, name="end"):
    """Return the messages until now."""
    await client.send(command("nobody", name))
    heard = []
    while True:
        message = await client.raw()
        if isinstance(message, str) and '"nobody"' in message:
            assert json.loads(message)["ok"] is False
            return heard
        heard.append(message)


@pytest.mark.parametrize("role", ["device", "dashboard", ""])
async def test_it_gets_what_is_for_it_and_nothing_of_its_neighbours(server, room, role):
    quiet = await join(server, room, role=role, name="quiet", **COMMANDS)
    loud = await join(server, room, hears="all")
    other = await come(server, room, name="other")
    await loud.presence("other")
    await other.send_all([{"type": "hello", "name": "O"}, reading(t=1), "text", b"\x00", result()])
    await other.send(batch(0, entry(1)))
    await until_done(other, 1)
    assert [(await loud.next())["type"] for _ in range(2)] == ["hello", "reading"]
    assert [await loud.raw() for _ in range(2)] == ["text", b"\x00"]
    assert [(await loud.next())["type"] for _ in range(2)] == ["result", "batch"]
    await quiet.send_all(['{"type":"nonsense"}', command("other"), command("absent")])
    assert (await other.next("command"))["name"] == "on"
    await other.send_all([result(), reading(t=2)])
    await loud.next("reading")
    if role == "device":
        await loud.send(command("quiet"))
        # The room has it.
        await caught_up(loud)
    expected = {"dashboard": ["snapshot"]}.get(role, []) + ["error", "result", "result"]
    heard = [json.loads(message) for message in await caught_up(quiet)]
    assert [one["type"] for one in heard] == expected + ["command"] * (role == "device")
    absent, of_other = heard[len(expected) - 2 : len(expected)]
    assert (absent["device"], absent["ok"]) == ("absent", False)
    assert of_other == {**result(), "device": "other"}
    await quiet.send("it may say anything")
    assert await loud.raw() == "it may say anything"


async def test_a_device_that_keeps_its_readings_is_acknowledged(server, room):
    device = await come(server, room, **COMMANDS)
    post(server, room, "other", t=1)
    await device.send(batch(0, entry(1), entry(2, values={})))
    assert [n for n, _ in await until_done(device, 2)] == [2]
    assert await caught_up(device) == []


async def test_only_who_gets_a_message_is_counted(server, room):
    await join(server, room, role="device", name="d", **COMMANDS)
    bodies = (b"text", reading(t=1).encode())

    def delivered(body, query="name=x"):
        return http(server, path_of(room, query), body)[1]["delivered"]

    assert [delivered(body) for body in bodies] == [0, 0]
    await join(server, room)
    assert [delivered(body) for body in bodies] == [1, 1]
    assert delivered(json.dumps(command("d")).encode()) == 1
    assert state_of(server, room)["clients"] == {"device": 1, "dashboard": 0, "other": 1}


async def test_it_gets_the_results_of_the_eight_devices_commanded_last(server, room):
    quiet = await join(server, room, **COMMANDS)
    devices = [await join(server, room, role="device", name=f"d{n}") for n in range(9)]
    for numbers, heard in (
        ((0, 1, 2, 3, 4, 5, 6, 7, 6), {0, 1, 2, 3, 4, 5, 6, 7}),
        ((0, 8), {0, 2, 3, 4, 5, 6, 7, 8}),
    ):
        await quiet.send_all(command(f"d{n}") for n in numbers)
        assert await caught_up(quiet) == []
        for device in devices:
            await device.send(result())
            await caught_up(device)
        results = [json.loads(message)["device"] for message in await caught_up(quiet)]
        assert results == [f"d{n}" for n in sorted(heard)]


async def test_a_new_connection_has_sent_no_command(server, room):
    device = await join(server, room, role="device", name="d")
    first = await join(server, room, pk="me", **COMMANDS)
    await first.send(command("d"))
    # Now the command has been sent to the device.
    assert await caught_up(first) == []
    await device.send(result())
    await first.next("result")
    second = await join(server, room, pk="me", **COMMANDS)
    assert (await first.told())[0] == 1008
    await device.send(result())
    assert [json.loads(message) for message in await caught_up(device)] == [command("d")]
    assert await caught_up(second) == []


async def test_another_value_is_refused_with_those_accepted(server, room):
    for value in ("", "Commands", "none", "all,commands"):
        status, text = await refusal(server, room, hears=value)
        assert (status, text) == (400, f"hears '{value}': give all or commands, or leave it out")
    assert state_of(server, room)["devices"] == []
    assert (await refusal(server, room, hears="all"))[0] == 101


class Member:
    """A member, and the messages that it must get according to ROOMS.md."""

    def __init__(self, client, hears, device):
        self.client, self.hears, self.device = client, hears, device
        self.commanded = []
        self.expected = []

    def hear(self, message, of_device=None):
        """Note a message to all. If it is a result, `of_device` is its device."""
        if self.hears == "all" or of_device in self.commanded[-8:]:
            self.expected.append(message)

    def note(self, device):
        self.commanded = [one for one in self.commanded if one != device] + [device]


async def test_in_a_random_room_each_hears_what_it_has_to_in_order(server, room):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    members = []

    async def come_in(role, hears, name=None):
        query = {"role": role, "hears": hears, **({"name": name} if name else {})}
        client = await join(server, room, **query)
        if role == "dashboard":
            assert (await client.next())["type"] == "snapshot"
        members.append(Member(client, hears, name))

    for name in DEVICES:
        await come_in("device", chance.choice(["all", "commands"]), name)
    for role, hears in (("", "all"), ("dashboard", "commands"), ("", "commands")):
        await come_in(role, hears)
    for step in range(STEPS):
        # Two members send most of the messages, so that their first commands are forgotten.
        sender = chance.choice(members[-2:] if chance.random() < 0.5 else members)
        others = [one for one in members if one is not sender]
        text = f"n{step}"
        kinds = ["command", "command", "text", "bytes", "absent"]
        if sender.device:
            kinds += ["result", "result", "result", "reading"]
        match chance.choice(kinds):
            case "command":
                target = chance.choice(DEVICES)
                message = command(target, text)
                next(one for one in members if one.device == target).expected.append(message)
                sender.note(target)
            case "absent":
                message = command("absent", text)
                sender.expected.append({"type": "result", "device": "absent", "name": text})
            case "result":
                message = result(text)
                for one in others:
                    one.hear({**message, "device": sender.device}, sender.device)
            case "reading":
                message = {"type": "reading", "values": {"t": step}}
                for one in others:
                    one.hear({**message, "device": sender.device})
            case "text" | "bytes" as kind:
                message = text if kind == "text" else text.encode()
                for one in others:
                    one.hear(message)
        await sender.client.send(message)
        # Wait until the server has handled it, before the next one is sent.
        await sender.client.send(command("nobody", text))
        while True:
            heard = await sender.client.raw()
            if isinstance(heard, str) and '"nobody"' in heard:
                break
            assert_heard(sender, heard)
    for member in members:
        for message in await caught_up(member.client):
            assert_heard(member, message)
        assert member.expected == []


def assert_heard(member, message):
    """Check that it is the next message that the member must get. When a presence comes to one
    that hears everything is for test_presence.
    """
    if member.hears == "all" and isinstance(message, str) and '"presence"' in message:
        return
    expected = member.expected.pop(0)
    if isinstance(expected, dict):
        message = json.loads(message)
        assert expected.items() <= message.items(), (expected, message)
    else:
        assert message == expected
