"""What Home Assistant is told of a device, as golden files. WRITE_GOLDEN=1 writes them anew: look
at what `git diff` shows then.
"""

import json
import os
from pathlib import Path

import pytest

from room_server.mqtt.discovery import BOOL, NUMBER, TEXT, config_of, entities_of
from room_server.mqtt.topics import Topics
from room_server.mqtt.units import classes_of

GOLDEN = Path(__file__).parent / "golden"
ORIGIN = {"name": "partysocket-rooms", "sw": "1.2.3"}
CONTROLS = [
    {"name": "led", "type": "switch"},
    {"name": "restart", "type": "button", "label": "Restart"},
    {"name": "fan", "type": "slider", "min": 0, "max": 100, "step": 5},
    {"name": "hue", "type": "slider", "min": -0.5, "max": 0.5},
    {"name": "fine", "type": "slider", "min": 0, "max": 1, "step": 0.0001},
]
HELLO = {
    "name": "Greenhouse, north wall",
    "units": {"temperature": "°C", "fan": "%", "air humidity": "%", "energy": "kWh"},
    "controls": CONTROLS,
}
KINDS = {
    "temperature": NUMBER,
    "air humidity": NUMBER,
    "energy": NUMBER,
    "level": NUMBER,
    "door": BOOL,
    "led": BOOL,
    "fan": NUMBER,
    "state": TEXT,
    "rssi": NUMBER,
    "free_memory": NUMBER,
    "reconnects": NUMBER,
    "error": TEXT,
}
# File: (device, hello, kinds, entities that are gone, with commands).
CASES = {
    "nothing_but_a_value": ("porch", {}, {"temperature": NUMBER}, {}, False),
    "everything": ("greenhouse", HELLO, KINDS, {}, True),
    "without_commands": ("greenhouse", HELLO, KINDS, {}, False),
    "strange_names": (
        "a+b/#1 Küche%",
        {
            "name": "Küche {{ 1 }}",
            "units": {"t/°+#": "{{ x }}"},
            "controls": [{"name": "a~", "type": "switch", "label": "~"}],
        },
        {"t/°+#": NUMBER, "~": TEXT, "a_b": BOOL, "a b": BOOL},
        {},
        True,
    ),
    "entities_that_are_gone": (
        "porch",
        {},
        {"temperature": NUMBER},
        {"switch__led": "switch", "binary_sensor__door": "binary_sensor"},
        True,
    ),
}


def config(case):
    device, about, kinds, gone, with_commands = CASES[case]
    topics = Topics("partysocket", "main", "home", "homeassistant")
    entities = entities_of(device, about, kinds, topics, with_commands)
    payload = config_of(device, about, entities, gone, topics, "partysocket/bridge", ORIGIN)
    return {"topic": topics.config(device), "payload": payload}


@pytest.mark.parametrize("case", CASES)
def test_the_description_is_that_of_the_golden_file(case):
    path = GOLDEN / f"{case}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(json.dumps(config(case), indent=1, ensure_ascii=False) + "\n")
    assert config(case) == json.loads(path.read_text())


def test_each_golden_file_has_its_case():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize(
    "name, unit, classes",
    [
        ("temperature", "°C", ("temperature", "measurement")),
        ("soil moisture", "%", ("moisture", "measurement")),
        ("Humidity", "%", ("humidity", "measurement")),
        ("fan", "%", (None, "measurement")),
        ("humidity", "g", ("weight", "measurement")),
        ("co2", "ppm", ("carbon_dioxide", "measurement")),
        ("no2", "ppm", (None, "measurement")),
        ("total", "kWh", ("energy", "total_increasing")),
        ("wind gust", "km/h", ("wind_speed", "measurement")),
        ("x", "°c", (None, "measurement")),
        ("x", None, (None, "measurement")),
    ],
)
def test_a_unit_gives_its_classes(name, unit, classes):
    assert classes_of(name, unit) == classes
