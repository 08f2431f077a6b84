"""What this board measures and does: an ESP32-S3-DevKitC-1. The RGB LED on it is no plain one, so
this wants one of yours.
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
