"""A server that is killed again and again. Readings that it had shown or confirmed are there
afterwards.
"""

import asyncio
import itertools
import random
import sqlite3
import time
from contextlib import closing

import pytest

from rooms.clients import join, post, reading, state_of
from rooms.local import EPOCH

# Of the readings: an hour ago.
AT = int(time.time() * 1000) - 3_600_000
ROUNDS = 6


class Traffic:
    """Sends readings until the server dies: from a device, and by POST."""

    def __init__(self, server, begin):
        # (at, value) of the device's readings that a watcher got.
        self.seen = []
        # The values of POSTs that were answered.
        self.answered = []
        self._server = server
        self._numbers = itertools.count(begin)

    async def run(self, enough):
        """Send until `enough(self)`, then kill the server."""
        async with join(self._server, "r") as watcher:
            async with join(self._server, "r", role="device", name="d") as device:
                jobs = [asyncio.create_task(self._send(device)), asyncio.create_task(self._post())]
                while not enough(self):
                    message = await watcher.next("reading", device="d")
                    self.seen.append((message["at"], message["values"]["t"]))
                self._server.kill()
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)

    async def _send(self, device):
        for n in self._numbers:
            await device.send(reading(t=n))
            await asyncio.sleep(0)

    async def _post(self):
        for n in self._numbers:
            await asyncio.to_thread(post, self._server, "r", "p", t=n)
            self.answered.append(n)


def stored(server, device):
    points = state_of(server, "r", f"format=json&device={device}")["points"]
    return {point["value"] for point in points}


@pytest.mark.parametrize("window_ms", [0, 200])
async def test_a_kill_takes_nothing_older_than_the_window(start, tmp_path, window_ms):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    options = ("--commit-ms", window_ms, "--rate", 100000, "--request-rate", 100000)
    server = start("--db", tmp_path / "rooms.db", *options)
    for round in range(ROUNDS):
        count, span_ms = chance.randrange(1, 150), window_ms * chance.uniform(1, 2)

        def enough(traffic, count=count, span_ms=span_ms):
            if len(traffic.seen) < count or not traffic.answered:
                return False
            return traffic.seen[-1][0] - traffic.seen[0][0] >= span_ms

        traffic = Traffic(server, round * 1_000_000)
        await traffic.run(enough)
        server.start()
        last = traffic.seen[-1][0]
        safe = {value for at, value in traffic.seen if at <= last - window_ms}
        assert safe and safe <= stored(server, "d")
        assert set(traffic.answered) <= stored(server, "p")


class Outbox:
    """Numbered readings that stay until they are acknowledged, sent in random batches. Readings
    that are not acknowledged when the server dies are sent again.
    """

    def __init__(self, server, chance):
        self.acknowledged = 0
        self.sent = 0
        self._server = server
        self._chance = chance

    async def run(self, acks):
        """Send until so many acks have come, then kill the server."""
        async with join(self._server, "r", role="device", name="o", epoch=EPOCH) as device:
            greeting = await device.next()
            assert greeting["type"] == "ack" and greeting["n"] >= self.acknowledged
            self.acknowledged = self.sent = greeting["n"]
            sending = asyncio.create_task(self._send(device))
            for _ in range(acks):
                self.acknowledged = (await device.next())["n"]
            self._server.kill()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, device):
        while True:
            numbers = range(self.sent + 1, self.sent + 1 + self._chance.randrange(1, 10))
            readings = [{"n": n, "at": AT + n, "values": {"t": n}} for n in numbers]
            message = {"type": "batch", "epoch": EPOCH, "after": self.sent, "readings": readings}
            self.sent = numbers[-1]
            await device.send(message)
            await asyncio.sleep(0)


@pytest.mark.parametrize("window_ms", [0, 30])
async def test_no_numbered_reading_is_lost_or_there_twice_however_often_it_is_killed(
    start, tmp_path, window_ms
):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    options = ("--commit-ms", window_ms, "--rate", 2000)
    server = start("--db", tmp_path / "rooms.db", *options)
    outbox = Outbox(server, chance)
    for _ in range(ROUNDS):
        await outbox.run(chance.randrange(1, 8))
        server.start()
        points = state_of(server, "r", "format=json&device=o")["points"]
        values = [point["value"] for point in points]
        # Each value is there once, and none is missing.
        assert values == list(range(1, len(values) + 1))
        assert outbox.acknowledged <= len(values) <= outbox.sent
    assert outbox.acknowledged > 0


async def test_what_waits_for_its_commit_is_read_and_a_stop_takes_nothing(start, tmp_path):
    options = ("--commit-ms", 60000, "--rate", 100000)
    server = start("--db", tmp_path / "rooms.db", *options)
    async with join(server, "r") as watcher:
        async with join(server, "r", role="device", name="d") as device:
            await device.send_all(reading(t=n) for n in range(50))
            await watcher.next("reading", values={"t": 49})
    assert stored(server, "d") == set(range(50))
    points = state_of(server, "r", "format=json")["points"]
    assert [point["value"] for point in points] == list(range(50))
    async with join(server, "r", role="dashboard") as dashboard:
        [device] = (await dashboard.next("snapshot"))["devices"]
        assert len(device["history"]["t"]) == 50
    with closing(sqlite3.connect(tmp_path / "rooms.db")) as other:
        # The readings wait for the commit.
        assert other.execute("SELECT count(*) FROM raw").fetchone() == (0,)
    assert await asyncio.to_thread(server.stop) == 0
    server.start()
    assert stored(server, "d") == set(range(50))
