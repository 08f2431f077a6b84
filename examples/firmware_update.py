"""New code from the room: receives a file as one message, checks it, and restarts.

    micropython firmware_update.py [HOST [ROOM]]

send_firmware.py sends it. The file is written to flash piece by piece, and may be larger than the
memory. It replaces the old one when it is complete, and if its signature was made with SECRET.
"""

import asyncio
import hashlib
import os
import sys

import machine
from partysocket import PartySocket

HOST = sys.argv[1] if len(sys.argv) > 1 else "192.168.1.20:1999"
ROOM = sys.argv[2] if len(sys.argv) > 2 else "firmware-1"  # the device's own
FILE = "app.mpy"
SECRET = b"change me"


class Update:
    def __init__(self):
        self.signature = ""  # of the next file
        self.is_installed = asyncio.Event()

    def on_message(self, event):
        if isinstance(event.data, bytes):  # a short file comes in one piece
            event.offset, event.is_last = 0, True
            self.on_chunk(event)
        elif event.data.startswith("firmware "):
            self.signature = event.data[9:]

    def on_chunk(self, event):
        if event.offset == 0:  # the first piece, also after an interrupted try
            self.file, self.hash = open(FILE + ".new", "wb"), hashlib.sha256()
        self.file.write(event.data)
        self.hash.update(event.data)
        if event.is_last:
            self.file.close()
            is_right = hashlib.sha256(SECRET + self.hash.digest()).digest().hex() == self.signature
            if is_right:
                os.rename(FILE + ".new", FILE)  # in one step
                self.is_installed.set()
            event.target.send("installed" if is_right else "refused: wrong signature")


async def main():
    update = Update()
    socket = PartySocket(HOST, ROOM, query={"role": "device", "name": ROOM})
    socket.onmessage = update.on_message
    socket.add_event_listener("chunk", update.on_chunk)
    await update.is_installed.wait()
    await socket.flush(5000)  # so that the sender gets the answer
    machine.reset()


asyncio.run(main())
