"""What this board measures and does: an ESP32-C3-DevKitM-1. Its RGB LED can't be used as a
plain LED, so connect one.
"""

from wired import Led, Thermometer

EVERY_S = 10  # between two readings
UNITS = {"temperature": "°C", "chip_temperature": "°C", "free_memory": "B", "rssi": "dBm"}
CONTROLS = [{"name": "led", "type": "switch", "label": "LED"}]

thermometer = Thermometer(4)
led = Led(5)
# What carries out a command; what it raises is told to the sender.
COMMANDS = {"led": led.set}


async def read():
    """The values to send, {name: value}. What it raises is told in the room."""
    return dict(await thermometer.read(), led=led.is_lit())
