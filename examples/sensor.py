"""Pushes readings into a room every few seconds, and obeys the dashboard's slider and switch.

    micropython sensor.py [HOST [ROOM [NAME]]]

The dashboard shows a card with live values, a slider for the interval and a switch for the LED.
"""

import asyncio
import gc
import json
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "localhost:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "home"
NAME = sys.argv[3] if len(sys.argv) > 3 else "sensor-1"
HELLO = {
    "type": "hello",
    "name": "Sensor on " + sys.platform,  # what people call it
    "units": {"interval": "s"},
    "controls": [
        {"name": "interval", "type": "slider", "min": 0.5, "max": 60, "step": 0.5},
        {"name": "led", "type": "switch", "label": "LED"},
    ],
}
state = {"interval": 2, "led": False, "n": 0}  # is in every reading, so the controls show it


def read():
    """One reading, {name: value}: put your own sensor here."""
    values = {"free_memory": gc.mem_free()} if hasattr(gc, "mem_free") else {}
    try:  # a board with Wi-Fi
        import network

        values["rssi"] = network.WLAN(network.STA_IF).status("rssi")
    except (ImportError, AttributeError, OSError, ValueError):
        pass
    if sys.platform == "linux":
        with open("/proc/loadavg") as f:
            values["load"] = float(f.read().split()[0])
    return values


def publish(socket):
    state["n"] += 1
    values = dict(state, reconnects=max(0, socket.stats()["opens"] - 1))
    values.update(read())
    socket.send(json.dumps({"type": "reading", "values": values}))


def obey(event):
    """A message came: if it is a command, carry it out, answer, and show what it changed."""
    try:
        command = json.loads(event.data)
        if command["type"] != "command":
            return
        name, value = command["name"], command.get("value")
    except (ValueError, TypeError, KeyError):
        return  # something else that is said in the room
    result = {"type": "result", "name": name, "ok": True, "value": value}
    if name == "interval" and type(value) in (int, float) and 0.1 <= value <= 3600:
        state["interval"] = value
    elif name == "led" and isinstance(value, bool):
        state["led"] = value  # on a Pico W also: machine.Pin("LED", machine.Pin.OUT).value(value)
    else:
        result.update({"ok": False, "error": "takes interval, 0.1 to 3600 s, and led, a bool"})
    event.target.send(json.dumps(result))
    publish(event.target)


async def main():
    query = {"role": "device", "name": NAME}
    socket = PartySocket(HOST, ROOM, query=query, hello=lambda: json.dumps(HELLO))
    socket.onmessage = obey
    while True:
        publish(socket)
        await asyncio.sleep(state["interval"])


asyncio.run(main())
