"""A thermometer on a battery: it wakes up, sends a reading, and sleeps again when it has arrived.

    micropython thermometer.py [HOST]

Deep sleep ends the program, which then starts again. Its state is in the memory of an ESP32's
RTC. A reading without an answer is sent again at the next wake-up, and may come twice. While
there is no answer, each sleep is twice as long as the last, up to MOST_S.
"""

import asyncio
import json
import sys
import time

import esp32
import machine
from partysocket.device import Device
from partysocket.wifi import WiFi

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = "home"
NAME = "balcony"
NETWORKS = [("my network", "its password")]
SLEEP_S = 300
MOST_S = 4 * 3600
AWAKE_MS = 20000  # at most, for Wi-Fi, the server and its answer
KEPT = 20  # readings that may wait: RTC memory is small


async def push(readings):
    """Send readings. Returns whether all have arrived. It dials only once, to save time."""
    wifi = WiFi(NETWORKS, stable_ms=0)
    async with Device(HOST, ROOM, NAME, link=wifi, max_retries=0) as device:
        for taken, value in readings:
            device.send(temperature=value, age_s=time.time() - taken)
        return await device.flush(AWAKE_MS)


async def main():
    if machine.reset_cause() == machine.PWRON_RESET:
        print("Ctrl-C within 5 s keeps it awake")
        await asyncio.sleep(5)
    try:
        failures, readings = json.loads(machine.RTC().memory())
    except (ValueError, TypeError):
        failures, readings = 0, []  # empty after power-on
    try:
        value = esp32.mcu_temperature()  # put your sensor here
        readings = (readings + [[time.time(), value]])[-KEPT:]
        failures, readings = (0, []) if await push(readings) else (failures + 1, readings)
    except Exception as e:  # no error may drain the battery
        print("failed:", repr(e))
        failures += 1
    machine.RTC().memory(json.dumps([failures, readings]))
    machine.deepsleep(min(SLEEP_S << min(failures, 9), MOST_S) * 1000)


asyncio.run(main())
