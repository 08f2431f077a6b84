"""Connects, and sends a message of 125 bytes back and forth 200 times, to find the smallest heap.

The environment variable is BENCH = "CLIENT PORT echoes|reconnects [ROOT]". With "reconnects" each
message has a new connection. With ROOT, the file of a certificate, it uses TLS.
"""

import asyncio
import os


async def main():
    name, port, what, *root = os.getenv("BENCH").split()
    client = __import__("client_" + name).Client()
    await client.open(int(port), "echo", *root)
    if hasattr(client, "hurry"):
        client.hurry()
    data = "x" * 125
    for _ in range(200):
        if what == "reconnects":
            await client.reconnect()
        await client.send(data)
        if len(await client.recv()) != 125:
            raise ValueError("another echo")
    print("=> 1")


asyncio.run(main())
