"""Joins Wi-Fi, then a room, and prints when they come and go. For boards with `network`.

    mpremote cp examples/wifi.py :main.py      # or micropython wifi.py [HOST]

Carry the board out of reach of the network and back: it joins again, and then the room at once.
"""

import asyncio
import sys

from partysocket import PartySocket
from partysocket.wifi import ResetBudget, WiFi

NETWORKS = [("my network", "its password"), ("another one", None)]  # tried in this order
HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = "home"


async def tell(wifi):
    """Print the radio's status whenever it changes."""
    told = None
    while True:
        now = wifi.status()
        if now != told:
            print("Wi-Fi:", wifi.ssid, now, wifi.rssi() or "")
            told = now
        await asyncio.sleep(1)


async def main():
    # If nothing else helps, the board resets itself, at most three times until it has joined.
    wifi = WiFi(NETWORKS, on_stuck=ResetBudget(3))
    socket = PartySocket(HOST, ROOM, link=wifi)  # dials only while the link is up
    socket.onopen = lambda event: print("in the room")
    socket.onclose = lambda event: print("out of the room:", event.code)
    socket.onmessage = lambda event: print(event.data)
    await tell(wifi)


asyncio.run(main())
