"""Joins a room, prints its messages, and sends a message every ten seconds.

    circup example partysocket/partysocket_simpletest --rename      # CircuitPython: as code.py
    micropython partysocket_simpletest.py [HOST [ROOM]]

The board must be in Wi-Fi already: CircuitPython joins CIRCUITPY_WIFI_SSID in settings.toml.
"""

import asyncio
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "home"


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
