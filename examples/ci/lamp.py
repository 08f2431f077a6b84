"""A lamp that the room switches: the device that test_lamp.py tests.

micropython lamp.py [HOST [ROOM]]
"""

import asyncio
import json
import sys

from machine import Pin
from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "home"
LAMP = Pin(2, Pin.OUT, value=0)
HELLO = {"type": "hello", "controls": [{"name": "lamp", "type": "switch"}]}


def obey(event):
    """Carry out a command, and answer it."""
    try:
        command = json.loads(event.data)
        if command["type"] != "command":
            return
        name, value = command["name"], command["value"]
    except (ValueError, TypeError, KeyError):
        return  # another kind of message
    result = {"type": "result", "name": name, "ok": name == "lamp" and isinstance(value, bool)}
    if result["ok"]:
        LAMP.value(value)
        reading = {"type": "reading", "values": {"lamp": value}}
        event.target.send(json.dumps(reading))
    else:
        result["error"] = "there is a lamp, and it takes true or false"
    event.target.send(json.dumps(result))


async def main():
    query = {"role": "device", "name": "lamp-1"}
    socket = PartySocket(HOST, ROOM, query=query, hello=lambda: json.dumps(HELLO))
    socket.onmessage = obey
    await socket.wait_closed()  # it is never closed


asyncio.run(main())
