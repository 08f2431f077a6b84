"""The client under test. It sends back all messages of the conformance server, with one connection
for each case.

    echo.py BASE_URL AGENT MAX_MESSAGE_BYTES CASE...

Runs on MicroPython and CPython. Prints the number of each case when it begins, and `end` after all
of them.
"""

import asyncio
import gc
import sys

from partysocket import WebSocket


async def visit(url, most):
    """Connect, send back messages until the server is done, and return when the connection has
    ended.
    """
    socket = WebSocket(
        url,
        max_retries=0,
        ping_interval_ms=0,
        connection_timeout=30000,
        max_message_bytes=most,
        # More than one message of `most`, because a short one may wait before it.
        queue_bytes=most + 1000,
        overflow="error",
    )
    socket.onmessage = lambda event: socket.send(event.data)
    await socket.wait_closed()
    return socket


async def main(base, agent, most, *cases):
    for case in cases:
        print(case)
        if hasattr(sys.stdout, "flush"):
            sys.stdout.flush()
        await visit(f"{base}/runCase?case={case}&agent={agent}", int(most))
        gc.collect()
    print("end")


asyncio.run(main(*sys.argv[1:]))
