"""Joins a room and prints what is said there; says something itself every ten seconds.

For boards with CircuitPython that have joined Wi-Fi: with CIRCUITPY_WIFI_SSID and
CIRCUITPY_WIFI_PASSWORD in settings.toml they do so by themselves. Runs on MicroPython too.
"""

import asyncio

from partysocket import PartySocket

HOST = "192.168.1.20:1999"
ROOM = "home"


async def main():
    socket = PartySocket(HOST, ROOM)
    socket.onopen = lambda event: print("in the room")
    socket.onclose = lambda event: print("out of the room:", event.code)
    socket.onmessage = lambda event: print("heard:", event.data)
    n = 0
    while True:
        n += 1
        socket.send("hello %d" % n)  # queued while offline
        await asyncio.sleep(10)


asyncio.run(main())
