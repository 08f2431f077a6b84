"""What a computer measures and does: its load and temperature, if Linux tells; an LED of words."""

EVERY_S = 10  # between two readings
HELLO = {  # what the room is told about it
    "units": {"temperature": "°C", "free_memory": "B"},
    "controls": [{"name": "led", "type": "switch", "label": "LED"}],
}
is_lit = False


def read():
    """The values to send, {name: value}. What it raises is told in the room."""
    values = {"led": is_lit}
    try:
        values["load"] = number_in("/proc/loadavg")
        values["temperature"] = number_in("/sys/class/thermal/thermal_zone0/temp") / 1000
    except OSError:
        pass  # another system, or no sensor
    return values


def number_in(path):
    with open(path) as f:
        return float(f.read().split()[0])


def obey(name, value):
    """Carry out a command, and return what is so now. What it raises is told to who sent it."""
    global is_lit
    if name == "led" and isinstance(value, bool):
        is_lit = value
        print("the LED is", "on" if value else "off")
        return value
    raise ValueError("no command %r with the value %r here" % (name, value))
