"""In two rooms at once: gets the readings of one, and raises an alarm in the other.

    micropython two_rooms.py [HOST]

On the dashboard of the room `house`, the device fire-bell has `alarm` on while it is too hot in
the room `greenhouse`. Run sensor.py there, or send a reading yourself:

    curl http://HOST/parties/main/greenhouse?name=me \\
      -d '{"type":"reading","values":{"temperature":31}}'
"""

import asyncio
import json
import sys

from partysocket import PartySocket
from partysocket.device import Device

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
HEARD = "greenhouse"
TOLD = "house"
LIMIT = 30  # degrees; the alarm ends one degree below


def temperature_in(message):
    """The temperature of a reading. None for other messages."""
    try:
        value = json.loads(message)["values"]["temperature"]
        return value if isinstance(value, (int, float)) else None
    except (ValueError, TypeError, KeyError):
        return None


async def main():
    # The sockets are independent: one room may be away while the other is there.
    heard = PartySocket(HOST, HEARD)
    told = Device(HOST, TOLD, "fire-bell")
    heard.onopen = lambda event: print("listening to", HEARD)
    is_hot = None  # not known yet
    async for message in heard:
        temperature = temperature_in(message)
        if temperature is None:
            continue
        was_hot = is_hot
        is_hot = temperature > (LIMIT - 1 if was_hot else LIMIT)
        if is_hot != was_hot:
            told.send(alarm=is_hot)


asyncio.run(main())
