"""A device with controls, on MicroPython: its arguments are the server's address and its name."""

import asyncio
import sys

from partysocket.device import Device


async def main(host, name):
    device = Device(
        host,
        "home",
        name,
        title="Thing",
        units={"temperature": "°C", "fan": "%"},
        controls=[
            {"name": "led", "type": "switch"},
            {"name": "fan", "type": "slider", "min": 0, "max": 100, "step": 5},
            {"name": "restart", "type": "button"},
            {"name": "jam", "type": "button"},
        ],
        min_reconnection_delay=100,
    )
    device.on_command("led", lambda is_on: print("led", is_on))
    device.on_command("fan", lambda speed: print("fan", speed))
    device.on_command("restart", lambda _: "see you")

    @device.on_command("jam")
    def jam(_):
        raise ValueError("it is jammed")

    device.send(temperature=21.5, led=False)
    await device.socket.wait_closed()


asyncio.run(main(*sys.argv[1:3]))
