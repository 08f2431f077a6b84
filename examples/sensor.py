"""Sends readings to a room, and obeys the dashboard: micropython sensor.py [HOST ROOM NAME]."""

import asyncio
import sys

from partysocket.device import Device

HOST, ROOM, NAME = sys.argv[1:] or ("localhost:1999", "home", "sensor-1")
SLIDER = {"name": "interval", "type": "slider", "min": 0.5, "max": 60, "step": 0.5}
SWITCH = {"name": "led", "type": "switch", "label": "LED"}
state = {"n": 0, "interval": 2, "led": False}  # put what your sensor reads beside them


async def main():
    device = Device(HOST, ROOM, NAME, units={"interval": "s"}, controls=[SLIDER, SWITCH])
    device.on_command("interval", lambda s: state.update(interval=float(s)))
    device.on_command("led", lambda is_on: state.update(led=is_on))  # or of your machine.Pin
    while True:
        state["n"] += 1
        device.send(state)
        await asyncio.sleep(max(0.1, min(60, state["interval"])))


asyncio.run(main())
