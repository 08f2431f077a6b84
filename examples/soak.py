"""Hours in a room, for owners of real boards: prints one line to report.

    mpremote run examples/soak.py      # or micropython soak.py [HOST [ROUNDS [PAUSE_S]]]

Each round sends a number and waits until the server has it; a second connection gets it. Turn the
server or the Wi-Fi off and on meanwhile. Ctrl-C ends it early, with the line. In the line, `late`
and `discarded` should be 0. `drops` also counts planned redials, one for each pair in `heap`.
"""

import asyncio
import gc
import json
import sys

from partysocket import PartySocket, __version__

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 30000
PAUSE_S = float(sys.argv[3]) if len(sys.argv) > 3 else 1  # after each; together about eight hours
REDIALS = 20  # how often both connections are closed and made again
WHO = {"role": "device", "name": "soak"}
mouth = PartySocket(HOST, "soak", query=WHO, resend="unconfirmed", start_closed=True)
ear = PartySocket(HOST, "soak", start_closed=True)
found = {"rounds": 0, "late": 0, "least free": gc.mem_free(), "heap": []}
found["on"] = [sys.implementation._machine, sys.version, "partysocket " + __version__]


def largest_of(size):
    """The largest block in a heap with `size` bytes free. It shrinks with fragmentation."""
    while True:
        try:
            return len(bytearray(size))
        except MemoryError:
            size -= 1 + size // 32


async def main():
    for n in range(ROUNDS):
        gc.collect()
        free = gc.mem_free()
        found["least free"] = min(found["least free"], free)
        if n % max(1, ROUNDS // REDIALS) == 0:
            found["heap"].append((free, largest_of(free)))
            print(n, "rounds, heap", found["heap"][-1])
            mouth.reconnect()
            ear.reconnect()
        mouth.send(json.dumps({"type": "reading", "values": {"n": n}}))
        while not await mouth.flush(60000):
            found["late"] += 1  # no answer for a minute; it stays in the queue
        found["rounds"] += 1
        await asyncio.sleep(PAUSE_S)


try:
    asyncio.run(main())
finally:
    print("soak", json.dumps(dict(mouth.stats(), heard=ear.stats()["received"], **found)))
