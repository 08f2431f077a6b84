"""A device whose heap is filled by its application: `loaded.py PORT`, on MicroPython.

"fill:N" fills the heap except for N bytes in one piece, "crumbs:N" except for N bytes in pieces of
64. "quit" ends it; any other text is sent back. The letter r on its stdin frees the memory, t asks
for a line "turn" some turns of the loop later. "news" tells whether the socket is lost or open.
None of these lines needs memory.
"""

import asyncio
import gc
import select
import sys

from partysocket import WebSocket

_TURN_MS = 10
# How many turns "t" waits.
_TURNS = 40
_CRUMB = 64

ballast = [None] * 3000
opens = 0
order = None


def hear(event):
    global order
    data = event.data
    if data.startswith(("fill:", "crumbs:")) or data == "quit":
        order = data
    else:
        event.target.send(data)


def heard_open(event):
    global opens
    opens += 1


def fill(how, left):
    size = left if how == "fill" else _CRUMB
    gap = [bytearray(size) for _ in range(left // size)] if left else []
    held = [bytearray(_CRUMB) for _ in range(len(gap))] if how == "crumbs" else []
    n = 0
    for size in (1 << 16, 512, 512):
        gc.collect()
        while size >= 16:
            try:
                ballast[n] = bytearray(size)
                n += 1
            except MemoryError:
                size >>= 1
    ballast[-1] = held
    for i in range(len(gap)):
        gap[i] = None


async def main():
    global order
    stdin = select.poll()
    stdin.register(sys.stdin, select.POLLIN)
    socket = WebSocket(
        f"ws://127.0.0.1:{sys.argv[1]}/",
        min_reconnection_delay=20,
        max_reconnection_delay=200,
        jitter="none",
        ping_interval_ms=300,
        ping_timeout_ms=300,
        connection_timeout=2000,
        queue_bytes=512,
        receive_bytes=512,
        debug_logger=lambda text: None,
    )
    socket.onmessage = hear
    socket.onopen = heard_open
    was_open = False
    told_opens = 0
    turns = -1
    while order != "quit":
        # Nothing in here needs memory.
        await asyncio.sleep_ms(_TURN_MS)
        is_open = socket.ready_state == 1
        if is_open != was_open or opens != told_opens:
            was_open = is_open
            told_opens = opens
            print("news")
        if turns >= 0:
            turns -= 1
            if turns < 0:
                print("turn")
        for _ in stdin.ipoll(0):
            if sys.stdin.read(1) == "t":
                turns = _TURNS
            else:
                for i in range(len(ballast)):
                    ballast[i] = None
                gc.collect()
                print("released")
        if order is not None and order != "quit":
            how, _, left = order.partition(":")
            order = None
            fill(how, int(left))
            print("filled")
    socket.close()
    await socket.wait_closed()
    print("ended")


asyncio.run(main())
