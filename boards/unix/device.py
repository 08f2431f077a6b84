"""What a computer measures and does: its load and temperature on Linux; a printed LED."""

EVERY_S = 10  # between two readings
UNITS = {"temperature": "°C", "free_memory": "B"}
CONTROLS = [{"name": "led", "type": "switch", "label": "LED"}]
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


def set_led(lit):
    global is_lit
    if not isinstance(lit, bool):
        raise ValueError("an LED takes true or false, not %r" % (lit,))
    is_lit = lit
    print("the LED is", "on" if lit else "off")


# What carries out a command; what it raises is told to the sender.
COMMANDS = {"led": set_led}
