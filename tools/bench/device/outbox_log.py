"""Counts what an outbox does to its flash. The environment variable is BENCH = "TASK ARGUMENT
...". The answer is the line that begins with "=> ", as JSON.
"""

import asyncio
import json
import os
import random

from counted import Clock, Flash

clock = Clock()

from partysocket import PartySocket  # noqa: E402 (it takes its clock when it is imported)
from partysocket.outbox import Outbox  # noqa: E402

FOLDER = "/flash/outbox"
PAYLOAD_BYTES = 60
_BLOCKS = 512
# Enough bytes for more than 10,000 records.
_MUCH = 1 << 20
# After so many turns of the loop the outbox's task has done its work.
_TURNS = 8
_WARM_UP = 256
_LATEST = 2000
_EACH_MS = 60000  # a reading a minute
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Sensor:
    """Gives readings of 60 bytes: with values that drift, or with "noise", which share nothing."""

    def __init__(self, kind):
        self._is_noise = kind == "noise"
        self._degrees = 2150  # hundredths
        random.seed(1)

    def reading(self):
        clock.move(_EACH_MS)
        if self._is_noise:
            name = "".join([_LETTERS[random.getrandbits(6)] for _ in range(19)])
            text = f'{{"{name}":0,"type":"reading","values":{{"x":10}}}}'
        else:
            self._degrees += random.getrandbits(5) - 16
            self._degrees = min(9999, max(1000, self._degrees))
            pressure = 1000 + random.getrandbits(5)
            degrees = f"{self._degrees // 100}.{self._degrees % 100:02d}"
            values = f'"temperature":{degrees},"hPa":{pressure}'
            text = f'{{"type":"reading","values":{{{values}}}}}'
        assert len(text) == PAYLOAD_BYTES, text
        return text


class Room:
    """Plays the room for an outbox whose socket never dials. What the outbox sends stays in the
    ring, so the outbox waits before it sends more.
    """

    type = "open"  # of the event

    def __init__(self, outbox):
        self._outbox = outbox
        PartySocket("127.0.0.1", "room", outbox=outbox, start_closed=True)
        outbox.handle_event(self)
        self.acknowledge(0)

    def acknowledge(self, number):
        self._outbox.hear(f'{{"type":"ack","epoch":"{self._outbox.epoch}","n":{number}}}')


async def settle(outbox):
    """Wait until the outbox has written all that it wants to."""
    await outbox.sync()
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class Log:
    """An outbox with its flash and its sensor, and perhaps its room."""

    def __init__(self, program_bytes, kind="sensor", size_bytes=_MUCH, batch=1, has_room=False):
        self.flash = Flash(_BLOCKS, program_bytes)
        self.outbox = Outbox(FOLDER, size_bytes, batch_count=batch)
        self.sensor = Sensor(kind)
        self.number = 0
        self._batch = batch
        self._room = Room(self.outbox) if has_room else None

    async def write(self, count, acknowledged=0):
        """Write `count` readings, with a sync after each `batch`. After each `acknowledged`
        readings they are acknowledged.
        """
        for _ in range(count):
            self.outbox.append(self.sensor.reading())
            self.number += 1
            if self.number % self._batch == 0:
                await settle(self.outbox)
            if acknowledged and self.number % acknowledged == 0:
                self._room.acknowledge(self.number)
                await settle(self.outbox)
        await settle(self.outbox)

    def begin(self):
        self.flash.begin()
        self._begun = self.number

    def told(self):
        """The counts since begin()."""
        flash = self.flash
        return {
            "count": self.number - self._begun,
            "erases": flash.erases,
            "programmed": flash.programmed,
            "most erased": max(flash.erased),
            "used": flash.used_bytes(),
        }


async def few(program_bytes, batch, acknowledged, count):
    """Records that are acknowledged as they go."""
    log = Log(program_bytes, batch=batch, has_room=True)
    await log.write(_WARM_UP, acknowledged)
    log.begin()
    await log.write(count, acknowledged)
    return log.told()


async def filling(program_bytes, batch, kind, *counts):
    """Write until each of these numbers of records waits. "read" is the median, the mean and the
    maximum of the bytes that the latest writes have read.
    """
    log = Log(program_bytes, kind, batch=batch)
    log.begin()
    sizes = []
    found = []
    for count in counts:
        while log.number < count:
            before = log.flash.read
            await log.write(batch)
            sizes.append(log.flash.read - before)
        latest = sorted(sizes[-min(_LATEST, len(sizes) // 2) :])
        told = log.told()
        told["read"] = [latest[len(latest) // 2], sum(latest) // len(latest), latest[-1]]
        found.append(told)
    return found


async def full(program_bytes, batch, kind, size_bytes, count):
    """Write records to a full outbox, which must free a block from time to time."""
    log = Log(program_bytes, kind, size_bytes, batch)
    while not log.outbox.stats()["dropped"]:
        await log.write(_WARM_UP)
    log.begin()
    await log.write(count)
    return log.told()


def main():
    task, *arguments = os.getenv("BENCH").split()
    arguments = [int(one) if one.isdigit() else one for one in arguments]
    print("=> " + json.dumps(asyncio.run(globals()[task](*arguments))))


main()
