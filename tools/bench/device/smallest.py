"""Connects, and sends 200 messages of 125 bytes back and forth: for the smallest heap.

Environment: BENCH = "CLIENT PORT [ROOT]"; with ROOT, the file of a certificate, over TLS.
"""

import asyncio
import os


async def main():
    name, port, *root = os.getenv("BENCH").split()
    client = __import__("client_" + name).Client()
    await client.open(int(port), "echo", *root)
    if hasattr(client, "hurry"):
        client.hurry()
    data = "x" * 125
    for _ in range(200):
        await client.send(data)
        if len(await client.recv()) != 125:
            raise ValueError("another echo")
    print("=> 1")


asyncio.run(main())
