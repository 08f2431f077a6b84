"""Pushes readings into a room every few seconds, and obeys the command `interval`.

    micropython sensor.py [HOST [ROOM [NAME]]]

The dashboard shows a card with live values; send it the command `interval` with a number of
seconds.
"""

import asyncio
import gc
import json
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "localhost:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "home"
NAME = sys.argv[3] if len(sys.argv) > 3 else "sensor-1"
interval_s = 2


def number_in(path):
    with open(path) as f:
        return float(f.read().split()[0])


def read():
    """One reading, {name: value}: put your own sensor here."""
    try:
        import esp32

        return {"temperature": esp32.mcu_temperature(), "free heap": gc.mem_free()}
    except (ImportError, AttributeError):
        pass
    values = {"free heap": gc.mem_free()} if hasattr(gc, "mem_free") else {}
    try:  # a Linux host
        values["load"] = number_in("/proc/loadavg")
        values["temperature"] = number_in("/sys/class/thermal/thermal_zone0/temp") / 1000
    except OSError:
        pass
    return values


def obey(event):
    """A message came: if it is a command, carry it out and answer."""
    global interval_s
    try:
        command = json.loads(event.data)
        name, value = command["name"], command["value"]
    except (ValueError, TypeError, KeyError):
        return  # something that others in the room say
    answer = {"type": "result", "name": name, "ok": False, "error": "interval takes 0.1 to 3600 s"}
    if name == "interval" and isinstance(value, (int, float)) and 0.1 <= value <= 3600:
        interval_s = value
        answer = {"type": "result", "name": name, "ok": True, "value": value}
    event.target.send(json.dumps(answer))


async def main():
    socket = PartySocket(HOST, ROOM, query={"role": "device", "name": NAME})
    socket.onmessage = obey
    n = 0
    while True:
        n += 1
        values = read()
        values["n"] = n
        socket.send(json.dumps({"type": "reading", "values": values}))
        await asyncio.sleep(interval_s)


asyncio.run(main())
