"""What this board measures and does: a NodeMCU or D1 mini. Its LED, GPIO 2, lights when low."""

from wired import Led, Thermometer

EVERY_S = 10  # between two readings
UNITS = {"temperature": "°C", "chip_temperature": "°C", "free_memory": "B", "rssi": "dBm"}
CONTROLS = [{"name": "led", "type": "switch", "label": "LED"}]

thermometer = Thermometer(4)
led = Led(2, on=0)
# What carries out a command; what it raises is told to the sender.
COMMANDS = {"led": led.set}


async def read():
    """The values to send, {name: value}. What it raises is told in the room."""
    return dict(await thermometer.read(), led=led.is_lit())
