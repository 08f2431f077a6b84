"""What this board measures and does: a Pico 2 W, with its own LED, which the radio drives."""

from wired import Led, Thermometer

EVERY_S = 10  # between two readings
HELLO = {  # what the room shows about it
    "units": {"temperature": "°C", "free_memory": "B", "rssi": "dBm"},
    "controls": [{"name": "led", "type": "switch", "label": "LED"}],
}

thermometer = Thermometer(22)
led = Led("LED")


async def read():
    """The values to send, {name: value}. An error is shown in the room."""
    return {"temperature": await thermometer.read(), "led": led.is_lit()}


def obey(name, value):
    """Carry out a command, and return the new state. An error goes to the sender."""
    if name == "led":
        return led.set(value)
    raise ValueError("no command %r here" % name)
