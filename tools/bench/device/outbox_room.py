"""A device with an outbox in a room. The environment variable is BENCH = "TASK PORT ROOM ARGUMENT
...". The answer is the line that begins with "=> ", as JSON. Bytes are those of frames, without
the handshake.
"""

import asyncio
import json
import os
import time

from counted import Flash

from partysocket import PartySocket
from partysocket.base import net
from partysocket.outbox import Outbox

_READING = '{"type":"reading","values":{"temperature":21.%02d,"hPa":1016}}'
# Readings between two syncs, while there is no connection.
_BATCH = 16
_FLUSH_MS = 120000

traffic = [0, 0]  # bytes sent, and received


class Transport(net.Transport):
    """Counts the bytes that pass."""

    def send(self, view):
        count = super().send(view)
        traffic[0] += count
        return count

    def recv_into(self, view):
        count = super().recv_into(view)
        traffic[1] += count or 0
        return count


async def joined(port, room, **more):
    """Return a socket in the room, after the room's greeting (if there is one)."""
    query = {"role": "device", "name": "bench"}
    socket = PartySocket(
        f"127.0.0.1:{port}", room, query=query, transport=Transport, max_retries=0, **more
    )
    if not await socket.wait_open(5000):
        raise OSError(f"cannot connect: {socket.last_error!r}")
    return socket


def made_outbox():
    Flash(512, 32)
    return Outbox("/flash/outbox", 1 << 20, batch_count=_BATCH)


async def backlog(port, room, count, live_ms):
    """Measure the seconds until `count` readings are acknowledged, while live readings are sent,
    each with its number. Also tell how many those were, and how many were not acknowledged.
    """
    outbox = made_outbox()
    for i in range(count):
        outbox.append(_READING % (i % 100))
        if i % _BATCH == 0:
            await outbox.sync()
    await outbox.sync()
    socket = await joined(port, room, outbox=outbox)
    begun = time.ticks_ms()
    lives = [0]

    async def live():
        while True:
            lives[0] += 1
            socket.send(f'{{"type":"reading","values":{{"live":{lives[0]}}}}}')
            await asyncio.sleep_ms(live_ms)

    task = asyncio.create_task(live())
    is_done = await socket.flush(_FLUSH_MS)
    task.cancel()
    if not is_done:
        raise OSError(f"not acknowledged: {outbox.stats()}")
    took_s = time.ticks_diff(time.ticks_ms(), begun) / 1000
    sent, received = traffic
    # What has waited when the flush ended may still be on its way.
    await socket.flush(_FLUSH_MS)
    return {"s": took_s, "lives": lives[0], "sent": sent, "received": received}


async def alone(port, room, count, has_outbox):
    """Bytes sent and received a reading that is sent when the one before is acknowledged; without
    an outbox: when that is sent.
    """
    more = {"outbox": made_outbox()} if has_outbox else {}
    socket = await joined(port, room, **more)
    for i in range(-1, count):
        socket.send(_READING % (i % 100))
        if has_outbox:
            while len(more["outbox"]):
                await asyncio.sleep_ms(5)
        else:
            while socket.buffered_amount:
                await asyncio.sleep_ms(1)
        if i < 0:  # the greeting, and the first that goes without waiting for it
            await asyncio.sleep_ms(500)
            traffic[:] = (0, 0)
    sent, received = traffic
    return {"sent": sent / count, "received": received / count}


def main():
    task, port, room, *arguments = os.getenv("BENCH").split()
    result = asyncio.run(globals()[task](int(port), room, *map(int, arguments)))
    print("=> " + json.dumps(result))


main()
