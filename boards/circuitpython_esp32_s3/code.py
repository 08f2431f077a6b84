"""Keeps an ESP32-S3 with CircuitPython in a room: examples/sensor.py, with the board's own Wi-Fi.

Copy it to the root of CIRCUITPY, beside settings.toml, which has the network and the room.
"""

import asyncio
import os

import board
import digitalio
import microcontroller
import neopixel_write
from watchdog import WatchDogMode

from partysocket.device import Device
from partysocket.wifi import WiFi

HOST = os.getenv("PARTY_HOST")
ROOM = os.getenv("PARTY_ROOM") or "home"
NAME = os.getenv("PARTY_NAME") or "esp32-" + "".join(["%02x" % b for b in microcontroller.cpu.uid])
TOKEN = os.getenv("PARTY_TOKEN")
WATCHDOG_S = os.getenv("PARTY_WATCHDOG_S")
UNITS = {"interval": "s", "chip_temperature": "°C"}
SLIDER = {"name": "interval", "type": "slider", "min": 0.5, "max": 60, "step": 0.5}
SWITCH = {"name": "led", "type": "switch", "label": "LED"}
state = {"n": 0, "interval": 2, "led": False}  # put what your sensor reads beside them
led = digitalio.DigitalInOut(board.NEOPIXEL)  # a DevKitC's: green, red, blue
led.direction = digitalio.Direction.OUTPUT


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


def set_led(is_on):
    neopixel_write.neopixel_write(led, bytearray((0, 0, 32 if is_on else 0)))
    state["led"] = is_on


async def main():
    if not HOST:
        raise ValueError("settings.toml has no PARTY_HOST: see settings.sample.toml")
    feed = feeder()
    device = Device(
        HOST,
        ROOM,
        NAME,
        units=UNITS,
        controls=[SLIDER, SWITCH],
        token=TOKEN,
        link=WiFi(watchdog=feed),
        watchdog=feed,
    )
    device.socket.onopen = lambda event: print("in the room")
    device.socket.onclose = lambda event: print("out of the room:", event.code)
    device.on_command("interval", lambda s: state.update(interval=float(s)))
    device.on_command("led", set_led)
    while True:
        state["n"] += 1
        device.send(state, chip_temperature=microcontroller.cpu.temperature)
        await asyncio.sleep(max(0.1, min(60, state["interval"])))


asyncio.run(main())
