"""A chat at the console: your lines go to the room, and lines of others are printed.

    micropython chat.py [HOST [ROOM [NAME]]]

Runs in a terminal and, by `mpremote repl`, on a board: waiting for a line never blocks the loop.
Start two and talk; Ctrl-D ends it.
"""

import asyncio
import select
import sys

from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "chat"
NAME = sys.argv[3] if len(sys.argv) > 3 else "somebody"
ECHO = sys.platform not in ("linux", "darwin")  # a terminal shows what you type, a board does not
MOST_CHARS = 500  # of a line


async def read_line():
    """A line from the console without its line end. None when there are no more."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    line = ""
    while True:
        while not poll.poll(0):
            await asyncio.sleep(0.05)
        char = sys.stdin.read(1)
        if char in ("", "\x04"):  # the end, or Ctrl-D
            return None
        if char in "\r\n":  # Enter is \r on a board
            shown = "\r\n"
        elif char in "\b\x7f":
            shown = "\b \b" if line else ""
            line = line[:-1]
        else:
            shown = char if char >= " " and len(line) < MOST_CHARS else ""
            line += shown
        if ECHO:
            sys.stdout.write(shown)
        if shown == "\r\n":
            return line


async def main():
    async with PartySocket(HOST, ROOM) as socket:
        socket.onopen = lambda event: print("* in the room", ROOM)
        socket.onclose = lambda event: print("* offline")
        socket.onmessage = lambda event: print(event.data)
        while (line := await read_line()) is not None:
            if line:
                socket.send(NAME + ": " + line)  # waits while offline
        await socket.flush(5000)


asyncio.run(main())
