"""Pushes readings into a room, and obeys the dashboard's slider and switch.

micropython sensor.py [HOST ROOM NAME]
"""

import asyncio
import gc
import json
import sys

from partysocket import PartySocket

HOST, ROOM, NAME = sys.argv[1:] if len(sys.argv) == 4 else ("localhost:1999", "home", "sensor-1")
SLIDER = {"name": "interval", "type": "slider", "min": 0.5, "max": 60, "step": 0.5}
SWITCH = {"name": "led", "type": "switch", "label": "LED"}
HELLO = json.dumps({"type": "hello", "units": {"interval": "s"}, "controls": [SLIDER, SWITCH]})
state = {"interval": 2, "led": False, "n": 0}  # in every reading, so that the controls show it


def read():
    """One reading, {name: value}: put your own sensor here."""
    values = {"free_memory": gc.mem_free()} if hasattr(gc, "mem_free") else {}
    if sys.platform == "linux":
        with open("/proc/loadavg") as f:
            values["load"] = float(f.read().split()[0])
    return values


def publish(socket):
    state["n"] += 1
    values = dict(state, reconnects=max(0, socket.stats()["opens"] - 1), **read())
    socket.send(json.dumps({"type": "reading", "values": values}))


def obey(event):
    """If it is a command, carry it out, answer, and send the new state."""
    command = json.loads(event.data) if event.data[:1] == "{" else {}
    if command.get("type") != "command":
        return  # another kind of message
    name, value = command["name"], command.get("value")
    is_fit = type(value) in {"led": (bool,), "interval": (int, float)}.get(name, ())
    result = {"type": "result", "name": name, "ok": is_fit, "value": value}
    if is_fit:
        state[name] = value  # a real LED: machine.Pin("LED", machine.Pin.OUT).value(value)
    else:
        result["error"] = "takes interval, a number of seconds, and led, a bool"
    event.target.send(json.dumps(result))
    publish(event.target)


async def main():
    socket = PartySocket(HOST, ROOM, query={"role": "device", "name": NAME}, hello=lambda: HELLO)
    socket.onmessage = obey
    while True:
        publish(socket)
        await asyncio.sleep(max(0.1, min(60, state["interval"])))


asyncio.run(main())
