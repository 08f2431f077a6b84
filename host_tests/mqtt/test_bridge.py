"""The bridge between a real broker and real room servers, with a real device."""

import json

from e2e.devices import Device
from mqtt.bridges import Bridge
from mqtt.brokers import Watcher
from rooms.clients import join, post
from rooms.server_process import RoomServer

HOME = "partysocket/main/home"
THING = f"{HOME}/thing"
CONFIG = "homeassistant/device/partysocket__main__home/thing/config"
HELLO = {
    "type": "hello",
    "name": "Porch",
    "controls": [{"name": "led", "type": "switch"}],
}


def thing(server, name="thing"):
    return Device("micropython", "host_tests/mqtt/thing.py", f"127.0.0.1:{server.port}", name)


def describes(watcher, *keys, topic=CONFIG):
    """Whether a description names these entities, and no other that is there."""
    entities = json.loads(watcher.held.get(topic, '{"cmps":{}}'))["cmps"]
    return {key for key, each in entities.items() if len(each) > 1} == set(keys)


async def test_a_command_reaches_a_micropython_device_and_its_state_comes_back(either, broker):
    with Bridge(either, broker, "--commands"), thing(either) as device:
        async with Watcher(broker) as watcher:
            await watcher.holds(f"{THING}/value/led", "false")
            await watcher.holds(f"{THING}/available", "online")
            await watcher.until(lambda: CONFIG in watcher.held)
            assert json.loads(watcher.held[CONFIG])["dev"]["name"] == "Thing"
            assert await watcher.result(f"{THING}/command/led", "true") == {"ok": True}
            await watcher.holds(f"{THING}/value/led", "true")
            device.wait_line("led True")
            assert await watcher.result(f"{THING}/command/fan", "55") == {"ok": True}
            await watcher.holds(f"{THING}/value/fan", "55")
            result = await watcher.result(f"{THING}/command/restart", "PRESS")
            assert result == {"ok": True, "value": "see you"}
            result = await watcher.result(f"{THING}/command/jam", "PRESS")
            assert result == {"ok": False, "error": "it is jammed"}
            # Results are not held: they are of one command.
            assert not any("/result/" in topic for topic in watcher.held)
            device.kill()
            await watcher.holds(f"{THING}/available", "offline")
            result = await watcher.result(f"{THING}/command/led", "false")
            assert result["ok"] is False and "is not here" in result["error"]


async def test_what_is_no_command_reaches_no_device_and_is_told(server, broker):
    device = await join(server, "home", role="device", name="thing")
    await device.send(HELLO)
    topic = f"{THING}/command/led"
    refused = [
        (f"{THING}/command/other", "PRESS", {}, "no control 'other': the device has 'led'"),
        (f"{HOME}/nobody/command/led", "true", {}, "the room has no device 'nobody'"),
        (topic, "1", {}, "'led' is a switch: send true or false"),
        (topic, "t" * 70000, {}, "'led' is a switch: send true or false"),
        (topic, "true", {"retain": True}, "a retained command is ignored: send it without retain"),
    ]
    async with Watcher(broker) as watcher:
        with Bridge(server, broker, "--commands") as bridge:
            await watcher.until(lambda: CONFIG in watcher.held)
            for where, text, options, error in refused:
                result = await watcher.result(where, text, **options)
                assert result == {"ok": False, "error": error}
                assert error in bridge.stderr
            # More than --max-bytes: the broker does not even pass it on.
            start = len(watcher.heard)
            await watcher.send(topic, "t" * 200_000)
            assert (await watcher.result(topic, "", retain=True))["ok"] is False
            results = [where for where, _ in watcher.heard[start:] if "/result/" in where]
            assert len(results) == 1
            await watcher.result(topic, "true", retain=True)
            assert watcher.held[topic] == "true"
        with Bridge(server, broker) as bridge:
            # The retained one is there when it comes, and commands are off.
            where = f"{THING}/result/led"
            error = "a retained command is ignored: send it without retain"
            await watcher.hears(where, f'{{"ok":false,"error":"{error}"}}')
            result = await watcher.result(topic, "true")
            assert result["error"] == "commands are off: start the bridge with --commands"
            await watcher.until(lambda: describes(watcher))
    await device.send({"type": "result", "name": "end", "ok": True})
    # Nothing of all that has come.
    with Bridge(server, broker, "--commands"):
        async with Watcher(broker) as watcher:
            await watcher.until(lambda: describes(watcher, "switch__led"))
            await watcher.send(topic, "false")
            assert json.loads(await device.raw()) == {
                "type": "command",
                "device": "thing",
                "name": "led",
                "value": False,
            }


async def test_a_command_that_nobody_answers_gets_its_result_when_the_room_is_lost(server, broker):
    device = await join(server, "home", role="device", name="thing")
    await device.send(HELLO)
    with Bridge(server, broker, "--commands"):
        async with Watcher(broker) as watcher:
            await watcher.until(lambda: CONFIG in watcher.held)
            await watcher.send(f"{THING}/command/led", "true")
            assert (await device.next("command"))["value"] is True
            start = len(watcher.heard)
            server.kill()
            topic = f"{THING}/result/led"
            await watcher.until(lambda: topic in [where for where, _ in watcher.heard[start:]])
            assert "perhaps it was carried out" in dict(watcher.heard)[topic]


async def test_with_a_token_that_only_reads_everything_is_shown_and_commands_are_refused(
    start, broker, tmp_path
):
    paths = {name: tmp_path / name for name in ("write", "read")}
    for name, path in paths.items():
        path.write_text(f"{name}-t0ken\n")
        path.chmod(0o600)
    lines = tmp_path / "tokens"
    lines.write_text("* write-t0ken\n* read-t0ken read\n")
    server = start("--token-file", lines)
    access = {"Authorization": "Bearer write-t0ken"}
    device = await join(server, "home", access, role="device", name="thing")
    await device.send(HELLO)
    async with Watcher(broker) as watcher:
        with Bridge(server, broker, "--commands") as bridge:
            await watcher.holds("partysocket/bridge", "online")
            bridge.stop()
            assert "a token" in bridge.stderr and watcher.held[f"{HOME}/available"] == "offline"
        with Bridge(server, broker, "--commands", "--token-file", paths["read"]) as bridge:
            await watcher.until(lambda: describes(watcher, "switch__led"))
            result = await watcher.result(f"{THING}/command/led", "true")
            assert result["error"].startswith("the room refuses: your token only reads")
            assert "t0ken" not in bridge.stderr
        start = len(watcher.heard)
        with Bridge(server, broker, "--commands", "--token-file", paths["write"]):
            there = (f"{HOME}/available", "online")
            await watcher.until(lambda: there in watcher.heard[start:])
            await watcher.send(f"{THING}/command/led", "true")
            await device.next("command", value=True)


async def test_broker_server_and_bridge_are_killed_and_come_back_and_nothing_is_stuck(
    server, broker
):
    with Bridge(server, broker, "--commands") as bridge, thing(server):
        async with Watcher(broker) as watcher:
            await watcher.holds(f"{THING}/value/led", "false")
            # The server.
            server.kill()
            await watcher.holds(f"{HOME}/available", "offline")
            result = await watcher.result(f"{THING}/command/fan", "95")
            assert result["error"] == "the room cannot be reached: send it again later"
            server.start()
            await watcher.holds(f"{HOME}/available", "online")
            await watcher.holds(f"{THING}/available", "online")
            assert await watcher.result(f"{THING}/command/led", "true") == {"ok": True}
            await watcher.holds(f"{THING}/value/led", "true")
            # What was refused has not been sent later.
            assert [topic for topic, _ in watcher.heard].count(f"{THING}/result/fan") == 1
            held = dict(watcher.held)
        # The broker, which loses what it has not saved.
        broker.kill()
        post(server, "home", "thing", temperature=22)
        broker.start()
        async with Watcher(broker) as watcher:
            await watcher.holds(f"{THING}/value/temperature", "22")
            held[f"{THING}/value/temperature"] = "22"
            await watcher.until(lambda: watcher.held.keys() >= held.keys())
            assert await watcher.result(f"{THING}/command/led", "false") == {"ok": True}
            await watcher.holds(f"{THING}/value/led", "false")
            # The bridge.
            bridge.kill()
            await watcher.holds("partysocket/bridge", "offline")
            post(server, "home", "thing", temperature=23)
            bridge.start()
            await watcher.holds("partysocket/bridge", "online")
            await watcher.holds(f"{THING}/value/temperature", "23")
            assert await watcher.result(f"{THING}/command/led", "true") == {"ok": True}
            bridge.stop()
            await watcher.holds("partysocket/bridge", "offline")


async def test_a_broker_that_does_not_read_costs_no_value_and_no_memory(server, broker):
    device = await join(server, "home", role="device", name="thing")
    with Bridge(server, broker, "--commands") as bridge:
        async with Watcher(broker) as watcher:
            await watcher.holds("partysocket/bridge", "online")
            await device.send({"type": "reading", "values": {"n": 0}})
            await watcher.holds(f"{THING}/value/n", "0")
            broker.pause()
            # 5 MB, which fit into no socket.
            for n in range(1, 351):
                values = {f"v{m}": chr(0x1F300 + n) * 256 for m in range(14)}
                reading = {"type": "reading", "values": {**values, "n": n}}
                await device.send(json.dumps(reading, ensure_ascii=False))
            await device.send({"type": "hello", "name": "Late"})
            broker.resume()
            await watcher.holds(f"{THING}/value/n", "350")
            await watcher.until(lambda: "Late" in watcher.held.get(CONFIG, ""))
            heard = [topic for topic, _ in watcher.heard]
            assert heard.count(f"{THING}/value/n") < 350
        bridge.stop()


async def test_a_forgotten_device_is_removed_also_if_the_bridge_was_away(either, broker):
    async def alone(name):
        async with join(either, "home", role="device", name=name) as device:
            await device.send({"type": "reading", "values": {"t": 1, "door": True}})
            await watcher.holds(f"{HOME}/{name}/value/door", "true")
            await watcher.until(lambda: config(name) in watcher.held)

    def config(name):
        return f"homeassistant/device/partysocket__main__home/{name}/config"

    def is_gone(name):
        return not any(f"/{name}/" in topic for topic in watcher.held)

    async with Watcher(broker) as watcher:
        with Bridge(either, broker) as bridge:
            for name in ("a", "b"):
                await alone(name)
            # The room has space for two.
            await alone("c")
            await watcher.until(lambda: is_gone("a"))
            assert config("b") in watcher.held
            bridge.stop()
        async with join(either, "home", role="device", name="d"):
            with Bridge(either, broker):
                await watcher.until(lambda: is_gone("b"))
                await watcher.holds(f"{HOME}/d/available", "online")
                assert config("c") in watcher.held


async def test_what_a_device_has_no_longer_is_removed_also_if_the_bridge_was_away(server, broker):
    device = await join(server, "home", role="device", name="thing")
    await device.send(HELLO)
    async with Watcher(broker) as watcher:
        with Bridge(server, broker, "--commands") as bridge:
            await watcher.until(lambda: describes(watcher, "switch__led"))
            await device.send({"type": "reading", "values": {"led": True, "v": 1}})
            await watcher.until(lambda: describes(watcher, "switch__led", "sensor__v"))
            await device.send({"type": "hello"})
            await watcher.until(lambda: describes(watcher, "binary_sensor__led", "sensor__v"))
            entities = json.loads(watcher.held[CONFIG])["cmps"]
            assert entities["switch__led"] == {"p": "switch"}
            bridge.kill()
            await device.send({"type": "reading", "values": {"v": True}})
            bridge.start()
            now = ("binary_sensor__led", "binary_sensor__v")
            await watcher.until(lambda: describes(watcher, *now))
            assert json.loads(watcher.held[CONFIG])["cmps"]["sensor__v"] == {"p": "sensor"}


async def test_home_assistant_is_told_again_when_it_has_started(server, broker):
    device = await join(server, "home", role="device", name="thing")
    await device.send(HELLO)
    with Bridge(server, broker, "--commands"):
        async with Watcher(broker) as watcher:
            await watcher.until(lambda: CONFIG in watcher.held)
            start = len(watcher.heard)
            await watcher.send("homeassistant/status", "offline")
            await watcher.send("homeassistant/status", "online")
            await watcher.until(lambda: (CONFIG, watcher.held[CONFIG]) in watcher.heard[start:])


async def test_a_backlog_that_comes_late_is_no_state(server, broker):
    epoch = "9f0c2ab1d4e65c37"
    device = await join(server, "home", role="device", name="thing", epoch=epoch)
    with Bridge(server, broker):
        async with Watcher(broker) as watcher:
            await watcher.holds(f"{HOME}/available", "online")
            await device.send({"type": "reading", "values": {"t": 30}})
            await watcher.holds(f"{THING}/value/t", "30")
            old = {"n": 1, "at": 1790000000000, "values": {"t": 1, "only_old": 2}}
            await device.send({"type": "batch", "epoch": epoch, "after": 0, "readings": [old]})
            await watcher.holds(f"{THING}/value/only_old", "2")
            assert (f"{THING}/value/t", "1") not in watcher.heard


async def test_rooms_of_several_parties_do_not_mix(broker):
    with RoomServer("--party", "main", "--party", "lab") as server:
        with Bridge(server, broker, rooms=("home", "lab/home")) as bridge:
            assert "main/home, lab/home of 127.0.0.1" in bridge.said
            async with Watcher(broker) as watcher:
                async with join(server, "home", party="lab", role="device", name="x") as device:
                    await device.send({"type": "reading", "values": {"t": 1}})
                    await watcher.holds("partysocket/lab/home/x/value/t", "1")
                    await watcher.holds(f"{HOME}/available", "online")
                    assert not any(topic.startswith(f"{HOME}/x") for topic in watcher.held)
