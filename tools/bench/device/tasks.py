"""The tasks that are measured on MicroPython. The environment variable is BENCH = "TASK CLIENT
PORT ARGUMENT ...". The answer is the line that begins with "=> ", as JSON.
"""

import asyncio
import gc
import json
import os
import sys
import time


def preload():
    """Import modules that every application has imported already."""
    import binascii, errno, hashlib, io, random, re, select, socket, ssl, struct  # noqa

    asyncio.open_connection, asyncio.Event, asyncio.Lock, asyncio.wait_for_ms  # noqa
    asyncio.StreamReader, asyncio.gather  # noqa


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


async def opened(name, port, path, *arguments):
    client = __import__("client_" + name).Client(*arguments)
    await client.open(port, path)
    return client


async def modules(name, port):
    """The modules that are loaded by importing, dialing, and (if possible) dialing again."""
    client = await opened(name, port, "echo")
    if hasattr(client, "reconnect"):
        await client.reconnect()
    return sorted(sys.modules)


async def import_ram(name, port, *names):
    preload()
    used()
    before = used()
    for one in names:
        __import__(one)
    return used() - before


async def outbox_ram(name, port, folder, *before):
    """The heap kept by importing an outbox, then by one in use, then by readings in segments."""
    preload()
    for one in before:
        __import__(one)
    import outbox_stages

    outbox_stages.prepare()
    used()
    found = [used()]
    __import__("partysocket.outbox")
    found.append(used())
    for stage, more in ((outbox_stages.use, [folder]), (outbox_stages.fill, [])):
        stage(*more)
        found.append(used())
    return [found[i + 1] - found[i] for i in range(3)]


async def late_load(name, port, module, *before):
    """Import a module after those in `before`. Measure microseconds, the bytes of heap that it
    keeps, and the modules that came with it.
    """
    preload()
    for one in before:
        __import__(one)
    known = set(sys.modules)
    used()
    heap = used()
    begun = time.ticks_us()
    __import__(module)
    taken = time.ticks_diff(time.ticks_us(), begun)
    kept = used() - heap
    return [taken, kept, sorted(set(sys.modules) - known)]


async def heap_send(name, port, size, n):
    client = await opened(name, port, "sink")
    data = bytes(size)
    for _ in range(2):  # the first warms up
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        await client.send_each(data, n)
        taken = gc.mem_alloc() - before
        gc.enable()
    return taken / n


async def heap_receive(name, port, size, n, view=0):
    client = await opened(name, port, "push")
    for _ in range(2):  # the first warms up
        gc.collect()
        gc.disable()
        taken = await client.count(n, f"{n} {size} binary", bool(view))
        gc.enable()
    return taken / n


async def heap_lock(name, port):
    """Whether the call of send() allocates nothing."""
    import micropython

    client = await opened(name, port, "sink")
    data = bytes(64)
    await client.send(data)
    micropython.heap_lock()
    try:
        client.put(data)
        return True
    except MemoryError:
        return False
    finally:
        micropython.heap_unlock()


async def pace(name, port, task, size, n, *arguments):
    """Messages in a second: echoed, received ("pull") or sent ("push")."""
    client = await opened(name, port, "pace", *arguments)
    data = "x" * size
    before = time.ticks_us()
    if task == "echo":
        await client.echo(data, n)
    elif task == "pull":
        await client.count(n, f"{n} {size} text")
    else:
        await client.send_all(data, n)
    taken = time.ticks_diff(time.ticks_us(), before)
    if task == "push":
        client.size = 1
        # The answer says that all have come. It may wait for a delayed ACK.
        await client.recv()
    return n * 1000000 / taken


async def echoes(name, port, size, n):
    """Milliseconds for n echoes."""
    client = await opened(name, port, "echo")
    data = "x" * size
    await client.echo(data, 1)
    before = time.ticks_ms()
    await client.echo(data, n)
    return time.ticks_diff(time.ticks_ms(), before)


async def mask(name, port, size, n):
    """Nanoseconds for each byte, in the function with which `name` masks."""
    data = bytes(size)
    key = b"\x12\x34\x56\x78"
    if name == "partysocket":
        buf = bytearray(8 + size)
        arguments = (buf, 8, size, key, 0)
        try:
            from partysocket.native import mask as function
        except ImportError:
            try:
                from partysocket.soft import mask as function
            # A release from before the modules were joined.
            except ImportError:
                from partysocket.core.mask import mask as function

                arguments = (buf, 8, size)
    elif name == "chumicro":
        from chumicro_websockets._wire import encode_frame

        arguments = (data,)

        # It masks while it builds the frame.
        def function(data):
            encode_frame(2, data, mask=key)
    elif name == "websockets":
        from micropython_websockets.websockets import _xor_mask as function

        arguments = (data, key)
    # A copy of the code in its write_frame: it has no function for it.
    else:
        arguments = (data, key)

        def function(data, key):
            return bytes(b ^ key[i % 4] for i, b in enumerate(data))

    best = None
    for _ in range(7):
        gc.collect()
        before = time.ticks_us()
        for _ in range(n):
            function(*arguments)
        taken = time.ticks_diff(time.ticks_us(), before)
        best = taken if best is None or taken < best else best
    return best * 1000 / n / size


async def gap(name, port, ms, *arguments):
    """The longest wait, in ms, of a task that sleeps 10 ms at a time while the client dials again
    and again; and how often it dialled.
    """
    from partysocket import PartySocket

    socket = PartySocket(
        f"127.0.0.1:{port}",
        "mute",
        min_reconnection_delay=100,
        max_reconnection_delay=200,
        connection_timeout=400,
        ping_interval_ms=200,
        ping_timeout_ms=200,
    )
    longest = 0
    begun = last = time.ticks_ms()
    while time.ticks_diff(last, begun) < ms:
        await asyncio.sleep_ms(10)
        now = time.ticks_ms()
        longest = max(longest, time.ticks_diff(now, last))
        last = now
    return [longest, socket.stats()["attempts"]]


def main():
    task, name, port, *arguments = os.getenv("BENCH").split()
    arguments = [int(one) if one.isdigit() else one for one in arguments]
    result = asyncio.run(globals()[task](name, int(port), *arguments))
    print("=> " + json.dumps(result))


main()
