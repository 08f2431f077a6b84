"""Sends a file to a device that runs firmware_update.py, and waits until it is installed.

    python3 send_firmware.py FILE [HOST [ROOM]]      # or micropython

Use a room for this device only: other clients refuse such a long message, and reconnect. You'll
see `sent` and `installed`. After `lost: 1009` start the server with `--max-message-bytes 1000000`.
"""

import asyncio
import hashlib
import sys

from partysocket import PartySocket

FILE = sys.argv[1] if len(sys.argv) > 1 else "app.mpy"
HOST = sys.argv[2] if len(sys.argv) > 2 else "192.168.1.20:1999"
ROOM = sys.argv[3] if len(sys.argv) > 3 else "firmware-1"
SECRET = b"change me"  # the same on the device
ANSWER_S = 60


def pieces():
    with open(FILE, "rb") as f:
        while piece := f.read(1024):
            yield piece


def signature():
    """The signature of this file. Making it needs SECRET."""
    digest = hashlib.sha256()
    for piece in pieces():
        digest.update(piece)
    return hashlib.sha256(SECRET + digest.digest()).digest().hex()


async def answer(socket):
    """The answer of the device about the file. Other messages are ignored."""
    while True:
        message = await socket.recv()
        if isinstance(message, str) and message.split(":")[0] in ("installed", "refused"):
            return message


async def main():
    async with PartySocket(HOST, ROOM) as socket:
        socket.onclose = lambda event: event.code != 1000 and print("lost:", event.code)
        is_sent = False
        while not is_sent:
            await socket.wait_open()
            socket.send("firmware " + signature())
            is_sent = await socket.send_chunks(pieces())
        print("sent")
        try:
            print(await asyncio.wait_for(answer(socket), ANSWER_S))
        except asyncio.TimeoutError:
            print("no answer: is the device in this room?")


asyncio.run(main())
