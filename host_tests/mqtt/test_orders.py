"""Which commands of the broker are passed on, and with which value."""

import pytest

from mqtt.test_discovery import HELLO
from room_server.mqtt.orders import Refusal, order_of

ACCEPTED = [
    ("led", "true", True),
    ("led", "false", False),
    ("fan", "0", 0),
    ("fan", "100", 100),
    ("fan", "55.0", 55.0),
    ("hue", "-0.123456", -0.123456),
    ("hue", "5e-1", 0.5),
    ("fine", "0.0003", 0.0003),
    ("fine", "1", 1),
]
REFUSED = [("led", text) for text in ("", "ON", "1", "True", '"true"', "null", "truetrue", "\xff")]
REFUSED += [("fan", text) for text in ("", "-1", "101", "57", "NaN", "Infinity", "1e999", "1e5")]
REFUSED += [("fan", text) for text in ("true", '"5"', "[5]", "5 5", "0" * 65, "[" * 64, "9" * 64)]
REFUSED += [("restart", text) for text in ("", "press", "true", "PRESS ")]


@pytest.mark.parametrize("name, text, value", ACCEPTED)
def test_a_value_within_the_controls_bounds_is_passed_on(name, text, value):
    order = order_of(HELLO, "d", name, text.encode())
    assert order == {"type": "command", "device": "d", "name": name, "value": value}
    assert type(order["value"]) is type(value)


@pytest.mark.parametrize("name, text", REFUSED)
def test_another_value_is_refused_and_what_is_accepted_is_told(name, text):
    remedy = {"led": "send true or false", "restart": "send PRESS"}
    with pytest.raises(Refusal, match=remedy.get(name, "send a number from 0 to 100, in steps")):
        order_of(HELLO, "d", name, text.encode("latin-1"))


def test_a_button_has_no_value():
    order = order_of(HELLO, "d", "restart", b"PRESS")
    assert order == {"type": "command", "device": "d", "name": "restart"}


def test_a_range_beyond_all_numbers_has_no_steps():
    controls = [{"name": "x", "type": "slider", "min": -1e308, "max": 1e308, "step": 1e-300}]
    with pytest.raises(Refusal):
        order_of({"controls": controls}, "d", "x", b"5")
    assert order_of({"controls": controls}, "d", "x", b"1e308")["value"] == 1e308


def test_what_is_no_control_is_refused_and_those_that_are_there_are_told():
    with pytest.raises(Refusal, match="the device has 'led', 'restart', 'fan', 'hue', 'fine'"):
        order_of(HELLO, "d", "temperature", b"5")
    with pytest.raises(Refusal, match="the device has none"):
        order_of({}, "d", "led", b"true")
