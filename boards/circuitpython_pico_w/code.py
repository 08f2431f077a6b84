"""Keeps a Pico W with CircuitPython in a room: examples/sensor.py, with the board's own Wi-Fi.

Copy it to the root of CIRCUITPY, beside settings.toml, which has the network and the room.
"""

import asyncio
import gc
import json
import os

import board
import digitalio
import microcontroller
from watchdog import WatchDogMode

from partysocket import PartySocket
from partysocket.wifi import WiFi

HOST = os.getenv("PARTY_HOST")
ROOM = os.getenv("PARTY_ROOM") or "home"
NAME = os.getenv("PARTY_NAME") or "pico-" + "".join(["%02x" % b for b in microcontroller.cpu.uid])
TOKEN = os.getenv("PARTY_TOKEN")
WATCHDOG_S = os.getenv("PARTY_WATCHDOG_S")  # at most 8; a send may take 10
SLIDER = {"name": "interval", "type": "slider", "min": 0.5, "max": 60, "step": 0.5}
SWITCH = {"name": "led", "type": "switch", "label": "LED"}
HELLO = json.dumps({"type": "hello", "units": {"interval": "s"}, "controls": [SLIDER, SWITCH]})
state = {"interval": 2, "led": False, "n": 0}  # in every reading, so that the controls show it
led = digitalio.DigitalInOut(board.LED)
led.direction = digitalio.Direction.OUTPUT


def read():
    """One reading, {name: value}: put your own sensor here."""
    led.value = state["led"]
    return {"free_memory": gc.mem_free(), "cpu_temperature": microcontroller.cpu.temperature}


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
        state[name] = value
    else:
        result["error"] = "takes interval, a number of seconds, and led, a bool"
    event.target.send(json.dumps(result))
    publish(event.target)


def feeder():
    """Start the board's watchdog if there is a setting for it. Returns the function that feeds it.
    A watchdog can't be stopped.
    """
    if not WATCHDOG_S:
        return None
    dog = microcontroller.watchdog
    dog.timeout = WATCHDOG_S
    dog.mode = WatchDogMode.RESET
    return dog.feed


async def main():
    if not HOST:
        raise ValueError("settings.toml has no PARTY_HOST: see settings.sample.toml")
    feed = feeder()
    link = WiFi(watchdog=feed)
    query = {"role": "device", "name": NAME}
    headers = {"Authorization": "Bearer " + TOKEN} if TOKEN else None
    socket = PartySocket(
        HOST,
        ROOM,
        query=query,
        hello=lambda: HELLO,
        headers=headers,
        link=link,
        watchdog=feed,
    )
    socket.onmessage = obey
    socket.onopen = lambda event: print("in the room")
    socket.onclose = lambda event: print("out of the room:", event.code)
    while True:
        publish(socket)
        await asyncio.sleep(max(0.1, min(60, state["interval"])))


asyncio.run(main())
