"""What a computer measures and does: its load and temperature on Linux; a printed LED."""

EVERY_S = 10  # between two readings
HELLO = {  # what the room shows about it
    "units": {"temperature": "°C", "free_memory": "B"},
    "controls": [{"name": "led", "type": "switch", "label": "LED"}],
}
is_lit = False


def read():
    """The values to send, {name: value}. An error is shown in the room."""
    values = {"led": is_lit}
    try:
        values["load"] = number_in("/proc/loadavg")
        values["temperature"] = number_in("/sys/class/thermal/thermal_zone0/temp") / 1000
    except OSError:
        pass  # not Linux, or no sensor
    return values


def number_in(path):
    with open(path) as f:
        return float(f.read().split()[0])


def obey(name, value):
    """Carry out a command, and return the new state. An error goes to the sender."""
    global is_lit
    if name == "led" and isinstance(value, bool):
        is_lit = value
        print("the LED is", "on" if value else "off")
        return value
    raise ValueError("no command %r with the value %r here" % (name, value))
