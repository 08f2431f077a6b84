"""A device with an outbox, for tests. It takes readings, each with a value `i` that counts them,
and prints what it did with each as a line of JSON, written in one piece.

Runs on MicroPython. The argument is the path of a JSON file:

    flash, blocks    the file that is its flash, a littlefs; it stays when the process ends
    cut              the write or erase of a block during which the power fails: half of it is
                     done, and the process dies; 0: never
    outbox, socket   options; `address` is [host, room]
    night            [ms since 1970, ms from one to the next, count]: readings of a night that
                     takes no time, which come first; or null. `clock` must be on the path
    first, last      readings to take now, `burst` of them together, `every_ms`: "taken" is
                     printed before. After every `sync_every` bursts, all is written to flash:
                     "kept"
    live             they are sent, not appended, so they may be sent ahead of older ones

Then it waits until all is delivered, prints "delivered" and ends.
"""

import asyncio
import json
import sys
import time

import uctypes
import vfs

from partysocket import PartySocket
from partysocket.outbox import Outbox

BLOCK = 4096
PAYLOAD = '{"type":"reading","values":{"i":%d}}'

with open(sys.argv[1]) as file:
    settings = json.load(file)


class Flash:
    """A block device in a file of the computer. The power fails in one of its writes."""

    def __init__(self):
        self._file = open(settings["flash"], "r+b")
        self._cut = settings["cut"]

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._cut -= 1
        self._file.seek(block * BLOCK + offset)
        if self._cut == 0:
            self._file.write(memoryview(buf)[: len(buf) // 2])
            # The process dies in the middle of an instruction.
            uctypes.bytearray_at(0, 1)[0] = 0
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op == 6:
            self.writeblocks(arg, b"\xff" * BLOCK)
        return {4: settings["blocks"], 5: BLOCK}.get(op, 0)


def mount():
    flash = Flash()
    try:
        vfs.mount(vfs.VfsLfs2(flash), "/flash")
    # The power failed before it was formatted.
    except OSError:
        vfs.VfsLfs2.mkfs(flash)
        vfs.mount(vfs.VfsLfs2(flash), "/flash")


def tell(what, **fields):
    fields["what"] = what
    sys.stdout.write(json.dumps(fields) + "\n")


def figures(outbox):
    stats = outbox.stats()
    stats["last_error"] = str(stats["last_error"])
    return stats


async def take(outbox, first, last, burst, put):
    """Take the readings from `first` to `last`, `burst` of them together, and write them to
    flash.
    """
    for begin in range(first, last + 1, burst):
        end = min(begin + burst - 1, last)
        tell("taken", to=end)
        for i in range(begin, end + 1):
            put(PAYLOAD % i)
        if begin // burst % settings["sync_every"] == 0 or end == last:
            await outbox.sync()
            tell("kept", to=end)
        await asyncio.sleep_ms(settings["every_ms"])


async def main():
    mount()
    outbox = Outbox("/flash/log", **settings["outbox"])
    tell("begun", epoch=outbox.epoch, **figures(outbox))
    socket = PartySocket(
        *settings["address"],
        outbox=outbox,
        debug_logger=lambda text: tell("warning", text=text),
        **settings["socket"],
    )
    socket.onopen = lambda e: tell("open")
    socket.onclose = lambda e: tell("close", code=e.code)
    socket.onmessage = lambda e: tell("heard", **json.loads(e.data))
    if settings["night"]:
        time.shown_ms, step_ms, count = settings["night"]
        for i in range(1, count + 1):
            time.shown_ms += step_ms
            outbox.append(PAYLOAD % i)
            await outbox.sync()
        time.shown_ms = None
        tell("night", **figures(outbox))
    put = socket.send if settings["live"] else outbox.append
    await take(outbox, settings["first"], settings["last"], settings["burst"], put)
    tell("all taken", **figures(outbox))
    is_delivered = await socket.flush()
    tell("delivered", all=is_delivered, **figures(outbox))


asyncio.run(main())
