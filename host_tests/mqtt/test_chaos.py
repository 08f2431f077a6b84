"""Broker, server and bridge are killed at random, also together, while devices come and go. After
each time the broker holds exactly what the room knows. Only `make soak` runs this.
"""

import json
import random
from contextlib import AsyncExitStack

import pytest

from mqtt.bridges import Bridge
from mqtt.brokers import Mosquitto, Watcher
from mqtt.test_discovery import CONTROLS
from room_server.mqtt.topics import Topics
from rooms.clients import join, state_of
from rooms.server_process import RoomServer

TOPICS = Topics("partysocket", "main", "home", "homeassistant")
NAMES = ["a", "b/c", "d+", "e é", "#"]
ROUNDS = 60


def expected(server):
    """What the broker must hold of the room as it is now, without descriptions."""
    held = {TOPICS.room: "online", "partysocket/bridge": "online"}
    for device in state_of(server, "home")["devices"]:
        name = device["device"]
        # Without a hello, which a kill may have lost, nobody knows whether it only posts.
        if device["online"] or device["about"]:
            held[TOPICS.available(name)] = "online" if device["online"] else "offline"
        for each, value in device["last"].items():
            text = json.dumps(value, ensure_ascii=False)
            held[TOPICS.value(name, each)] = text
    return held


def described(server):
    """The descriptions that the broker must hold."""
    devices = state_of(server, "home")["devices"]
    has_entities = [each for each in devices if each["last"] or each["about"].get("controls")]
    return {TOPICS.config(device["device"]) for device in has_entities}


def wrong(held, server):
    """Return what the broker holds and should not, and what it should hold and does not."""
    states = {key: text for key, text in held.items() if not TOPICS.is_config(key)}
    configs = {topic for topic in held if TOPICS.is_config(topic)}
    # One that has no entities any more may be there still, to tell that they are gone.
    gone = {
        topic
        for topic in configs
        if all(len(each) == 1 for each in json.loads(held[topic])["cmps"].values())
    }
    found = states.items() | {(topic, "") for topic in configs - gone}
    right = expected(server).items() | {(topic, "") for topic in described(server)}
    named = {topic for topic, _ in right}
    names = {device["device"] for device in state_of(server, "home")["devices"]}
    unclear = {TOPICS.available(name) for name in names} - named
    return {each for each in found - right if each[0] not in unclear}, right - found


@pytest.mark.soak
async def test_after_whatever_happened_the_broker_holds_what_the_room_knows(tmp_path):
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed)
    drawn = random.Random(seed)
    arguments = ["--db", tmp_path / "rooms.db", "--max-devices", 3, "--away", 0]
    async with AsyncExitStack() as stack:
        enter = stack.enter_context
        server = enter(RoomServer(*arguments))
        broker = enter(Mosquitto(tmp_path / "broker"))
        bridge = enter(Bridge(server, broker, "--commands"))
        parts = [server, broker, bridge]
        for turn in range(ROUNDS):
            down = drawn.sample(parts, drawn.choice([0, 0, 1, 1, 2, 3]))
            drawn.shuffle(down)
            async with AsyncExitStack() as guests:
                for name in drawn.sample(NAMES, drawn.choice([0, 1, 2])):
                    device = await guests.enter_async_context(
                        join(server, "home", role="device", name=name)
                    )
                    controls = drawn.sample(CONTROLS, drawn.randrange(3))
                    await device.send({"type": "hello", "name": name * 2, "controls": controls})
                    value = drawn.choice([turn, turn + 0.5, True, "", f"text {turn}"])
                    await device.send({"type": "reading", "values": {drawn.choice("xyz"): value}})
                for part in down:
                    part.kill()
                if server not in down and drawn.random() < 0.5:
                    name = drawn.choice(NAMES)
                    async with join(server, "home", role="device", name=name) as device:
                        await device.send({"type": "hello", "name": "short"})
                drawn.shuffle(down)
                for part in down:
                    part.start()
                if not down and drawn.random() < 0.3:
                    broker.pause()
                    await device_says(server, turn)
                    broker.resume()
                async with Watcher(broker) as watcher:
                    await watcher.becomes(lambda held: wrong(held, server), (set(), set()))


async def device_says(server, turn):
    async with join(server, "home", role="device", name="a") as device:
        await device.send({"type": "hello", "name": "much"})
        for n in range(20):
            await device.send({"type": "reading", "values": {"x": turn * 100 + n}})
