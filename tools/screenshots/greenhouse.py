"""A fake device in a greenhouse, for the dashboard's pictures. It has one control of each kind.

micropython greenhouse.py HOST ROOM ID NAME SEED
"""

import asyncio
import gc
import json
import math
import random
import sys

from partysocket import PartySocket

HOST, ROOM, ID, NAME, SEED = sys.argv[1:]
HELLO = {
    "type": "hello",
    "name": NAME,
    "units": {"temperature": "°C", "humidity": "%", "fan": "%"},
    "controls": [
        {"name": "light", "type": "switch", "label": "Grow light"},
        {"name": "fan", "type": "slider", "min": 0, "max": 100, "step": 5, "label": "Fan"},
        {"name": "water", "type": "button", "label": "Water for a minute"},
    ],
}
EVERY_S = 0.25
state = {"light": False, "fan": 40, "window_open": False, "mode": "automatic"}


def measure(n):
    """Temperature and humidity: one goes up while the other goes down."""
    warmth = math.sin(n / 23 + int(SEED)) + 0.3 * math.sin(n / 5)
    noise = (random.getrandbits(8) - 128) / 1024
    return {
        "temperature": round(21 + int(SEED) % 4 + 2.2 * warmth + noise, 1),
        "humidity": round(58 - 6 * warmth + 4 * noise),
        "rssi": -52 - 9 * (int(SEED) % 4) - random.getrandbits(2),
        "free_memory": gc.mem_free(),
    }


def publish(socket, n):
    values = measure(n)
    values.update(state)
    values["reconnects"] = max(0, socket.stats()["opens"] - 1)
    socket.send(json.dumps({"type": "reading", "values": values}))


def obey(event):
    try:
        command = json.loads(event.data)
        if command["type"] != "command":
            return
    except (ValueError, TypeError, KeyError):
        return
    name = command["name"]
    result = {"type": "result", "name": name, "ok": True}
    if name in ("light", "fan"):
        state[name] = result["value"] = command["value"]
    elif name != "water":
        result.update({"ok": False, "error": "takes light, fan and water"})
    event.target.send(json.dumps(result))


async def main():
    random.seed(int(SEED))
    query = {"role": "device", "name": ID}
    socket = PartySocket(HOST, ROOM, query=query, hello=lambda: json.dumps(HELLO))
    socket.onmessage = obey
    n = 0
    while True:
        n += 1
        publish(socket, n)
        await asyncio.sleep(EVERY_S)


asyncio.run(main())
