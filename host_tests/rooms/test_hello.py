"""tools/room_server/hello.py: what a device may tell of itself, and what is left of it."""

import json

from room_server.messages import parse


def test_a_hello_at_every_limit_is_accepted():
    units = {f"{n:064}": "é" * 16 for n in range(64)}
    controls = [{"name": f"c{n}", "type": "switch", "label": "l" * 64} for n in range(13)]
    controls += [
        {"name": "button", "type": "button"},
        {"name": "fan", "type": "slider", "min": -(1 << 53), "max": 1 << 53, "step": 0.5},
        {"name": "dim", "type": "slider", "min": 0.25, "max": 0.5},
    ]
    hello = {"type": "hello", "name": "n" * 64, "units": units, "controls": controls}
    assert parse(json.dumps(hello)) == hello


def test_what_is_not_said_is_not_made_up():
    assert parse('{"type":"hello"}') == {"type": "hello"}
    assert parse('{"type":"hello","units":{},"controls":[]}') == {
        "type": "hello",
        "units": {},
        "controls": [],
    }


def test_unknown_fields_are_left_out_of_controls_too():
    controls = [
        {"name": "led", "type": "switch", "min": 0, "colour": "red"},
        {"name": "fan", "type": "slider", "min": 0, "max": 9, "colour": "red"},
    ]
    text = json.dumps({"type": "hello", "device": "x", "at": 5, "controls": controls})
    assert parse(text) == {
        "type": "hello",
        "controls": [
            {"name": "led", "type": "switch"},
            {"name": "fan", "type": "slider", "min": 0, "max": 9},
        ],
    }
