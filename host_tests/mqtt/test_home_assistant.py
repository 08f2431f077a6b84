"""The real Home Assistant reads what the bridge tells it. It needs Python 3.13, and an environment
of its own in `build`, which the first run makes. Only `make soak` runs this.
"""

import asyncio
import hashlib
import json
import shutil
import subprocess

import pytest

from bootstrap.pythons import with_pip
from library import ROOT
from mqtt.bridges import Bridge
from mqtt.brokers import Hearer, Watcher, free_port
from mqtt.test_bridge import THING, thing
from mqtt.test_discovery import CASES, config
from needs import need
from rooms.clients import join, post

PYTHON = (3, 13)
_PACKAGES = ROOT / "tools/requirements/home_assistant.txt"
_PROGRAM = ROOT / "host_tests/mqtt/home_assistant.py"
# It loads hundreds of modules.
_START_S = 120.0

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def python():
    """A Python with Home Assistant's packages."""
    found = with_pip().get(PYTHON)
    need("Python 3.13 with pip, for Home Assistant", found, "pyenv install 3.13")
    folder = ROOT / "build/home_assistant"
    stamp, digest = folder / "stamp", hashlib.sha256(_PACKAGES.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([found, "-m", "venv", folder], check=True)
        install = [folder / "bin/python", "-m", "pip", "install", "--require-hashes", "--quiet"]
        subprocess.run([*install, "-r", _PACKAGES], check=True)
        stamp.write_text(digest)
    return folder / "bin/python"


class HomeAssistant(Hearer):
    """A running Home Assistant. For an `async with` block.

    `states`: {entity: its last line}. `warnings`: their texts.
    """

    def __init__(self, python, broker):
        super().__init__()
        self._command = [str(python), str(_PROGRAM), str(broker.port), str(free_port())]
        self.states, self.warnings = {}, []
        self._process = self._reading = None
        self._has_started = False

    async def __aenter__(self):
        pipe = subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, limit=1 << 20
        )
        self._reading = asyncio.create_task(self._read())
        await self.until(lambda: self._has_started, _START_S)
        return self

    async def __aexit__(self, *_):
        self._process.kill()
        await self._process.wait()
        await self._reading

    async def call(self, service, **data):
        line = json.dumps([*service.split("."), data])
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()

    async def shows(self, entity, state, **attributes):
        """Wait until an entity has this state, and these attributes. None: it is removed."""

        def is_so():
            line = self.states.get(entity, {"state": None})
            known = line.get("attributes") or {}
            return line["state"] == state and attributes.items() <= known.items()

        await self.until(is_so)

    def told(self):
        return f"{self.states}\n{self.warnings}"

    async def _read(self):
        async for line in self._process.stdout:
            told = json.loads(line)
            if told["what"] == "state":
                self.states[told["entity"]] = told
            elif told["what"] == "warning":
                self.warnings.append(told["text"])
            else:
                self._has_started = True
            self._news.set()


async def test_it_accepts_each_golden_description_and_says_nothing_against_it(python, broker):
    expected = set()
    async with Watcher(broker) as watcher, HomeAssistant(python, broker) as home:
        for case in CASES:
            golden = config(case)
            # All of them at once, and none replaces another.
            topic = golden["topic"].replace("/config", f"-{case}/config")
            payload = golden["payload"]
            payload["dev"]["ids"] = [case]
            for each in payload["cmps"].values():
                if len(each) > 1:
                    each["uniq_id"] += case
                    expected.add(each["uniq_id"])
            await watcher.send(topic, json.dumps(payload), retain=True)
        await home.until(lambda: expected <= {line["id"] for line in home.states.values()})
        assert home.warnings == []


async def test_a_device_of_a_room_lives_in_it(python, server, broker):
    with Bridge(server, broker, "--commands") as bridge, thing(server) as device:
        async with HomeAssistant(python, broker) as home:
            await home.shows("sensor.thing_temperature", "21.5", unit_of_measurement="°C")
            await home.shows("switch.thing_led", "off")
            await home.call("switch.turn_on", entity_id="switch.thing_led")
            await home.shows("switch.thing_led", "on")
            device.wait_line("led True")
            await home.shows("number.thing_fan", "unknown", min=0.0, max=100.0, step=5.0)
            await home.call("number.set_value", entity_id="number.thing_fan", value=55)
            await home.shows("number.thing_fan", "55")
            async with Watcher(broker) as watcher:
                await home.call("button.press", entity_id="button.thing_restart")
                await watcher.hears(f"{THING}/result/restart", '{"ok":true,"value":"see you"}')
            # The broker is gone and back.
            broker.kill()
            await home.shows("switch.thing_led", "unavailable")
            broker.start()
            await home.shows("switch.thing_led", "on")
            # The server too.
            server.kill()
            await home.shows("switch.thing_led", "unavailable")
            server.start()
            await home.shows("switch.thing_led", "on")
            # And the bridge.
            bridge.kill()
            await home.shows("switch.thing_led", "unavailable")
            bridge.start()
            await home.shows("switch.thing_led", "on")
            # A value of another kind is another entity, which has the id of the first.
            post(server, "home", "thing", temperature="hot", door=True)
            await home.shows("sensor.thing_temperature", "hot")
            await home.shows("binary_sensor.thing_door", "on")
            device.kill()
            await home.shows("switch.thing_led", "unavailable")


async def test_it_forgets_what_is_gone(python, start, broker):
    server = start("--max-devices", "1")
    with Bridge(server, broker, "--commands"):
        async with HomeAssistant(python, broker) as home:
            async with join(server, "home", role="device", name="a") as device:
                led = {"name": "led", "type": "switch"}
                await device.send({"type": "hello", "controls": [led]})
                await device.send({"type": "reading", "values": {"led": True, "error": ""}})
                await home.shows("switch.a_led", "on")
                await home.shows("sensor.a_error", "")
                await device.send({"type": "hello"})
                await home.shows("switch.a_led", None)
                await home.shows("binary_sensor.a_led", "on")
            async with join(server, "home", role="device", name="b"):
                await home.shows("binary_sensor.a_led", None)
                await home.shows("sensor.a_error", None)
        assert home.warnings == []
