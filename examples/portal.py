"""Joins Wi-Fi, which can be entered by phone. For boards with `network`.

    mpremote cp examples/portal.py :main.py      # or micropython portal.py

Without a network for 5 minutes the board opens a Wi-Fi of its own; the console has its name and
its password. Join it with a phone: a page asks for a network, which is written into networks.py.
"""

import asyncio

from partysocket.portal import Portal
from partysocket.wifi import WiFi

FILE = "networks.py"
FIRST = [("my network", "its password")]  # before anything is entered


def known():
    """The networks in FILE, with the one that was entered last first."""
    found = {}
    try:
        with open(FILE) as file:
            exec(file.read(), found)
    except OSError:
        pass
    return found.get("NETWORKS", FIRST)


async def main():
    wifi = WiFi(known())
    wifi.start()
    Portal(wifi, FILE).start()
    while True:
        await wifi.wait_up()
        print("joined", wifi.ssid)
        while wifi.is_up():
            await asyncio.sleep(1)
        print("lost it:", wifi.status())


asyncio.run(main())
