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
    """Return {topic: text} of what the broker must hold of the room as it is now, with "" for each
    description, and the topics of which that is not clear.
    """
    held, unclear = {TOPICS.room: "online", "partysocket/bridge": "online"}, set()
    for device in state_of(server, "home")["devices"]:
        name, about, last = device["device"], device["about"], device["last"]
        if device["online"] or about:
            held[TOPICS.available(name)] = "online" if device["online"] else "offline"
        else:
            # A kill may have lost its hello. So nobody knows whether it only posts.
            unclear.add(TOPICS.available(name))
        for each, value in last.items():
            held[TOPICS.value(name, each)] = json.dumps(value, ensure_ascii=False)
        if last or about.get("controls"):
            held[TOPICS.config(name)] = ""
    return held, unclear


def wrong(held, server):
    """Return what the broker holds and should not, and what it should hold and does not."""
    right, unclear = expected(server)
    found = {}
    for topic, text in held.items():
        if not TOPICS.is_config(topic):
            if topic not in unclear:
                found[topic] = text
        elif any(len(each) > 1 for each in json.loads(text)["cmps"].values()):
            # Another one only tells that all entities are gone.
            found[topic] = ""
    return found.items() - right.items(), right.items() - found.items()


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
