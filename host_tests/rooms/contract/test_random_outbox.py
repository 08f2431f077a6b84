"""Devices that send readings at random: live, alone, in batches, again, too early, wrong, and over
connections and servers that end. A model of a few lines says what the room must answer.
"""

import asyncio
import json
import random
import time

from rooms.clients import join, state_of

from .outbox import batch, come, one, until_done

# As many points of a series are in a snapshot.
HISTORY = 300
# In each of the server's two runs.
ROUNDS = 6
NAMES = ("a", "b", "c")


class Model:
    """The rules of ROOMS.md for one device. Times from `start` on are now or in the future."""

    def __init__(self, start):
        self.start = start
        self.n = 0
        self.has_sent_live = False
        self.refused = []
        # What the others must get.
        self.told = []
        self._last = {}  # name: (time, value)
        self._points = {}
        self._undated = []
        self._step = 0

    def live(self, reading):
        self.has_sent_live = True
        self._show(reading)
        self.told.append(self._told(reading))

    def message(self, after, entries):
        if after > self.n:
            return
        new = [entry for entry in entries if entry["n"] > self.n]
        self.n = max([self.n, *(entry["n"] for entry in new)])
        self.refused += [entry["n"] for entry in new if not entry["values"]]
        good = [entry for entry in new if entry["values"]]
        for entry in good:
            if "at" in entry:
                for name, value in entry["values"].items():
                    self._points.setdefault(name, []).append([entry["at"], value])
            else:
                self._undated.append(entry["values"])
            if "at" in entry or not self.has_sent_live:
                self._show(entry)
        self.told += [self._told(entry) for entry in good]

    def expected(self):
        history = {name: sorted(points)[-HISTORY:] for name, points in self._points.items()}
        last = {name: value for name, (_, value) in self._last.items()}
        return {"last": last, "history": history, "undated": self._undated[-20:]}

    def _show(self, reading):
        self._step += 1
        at = min(reading.get("at", self.start), self.start)
        rank = (at, self._step if at == self.start else 0)
        for name, value in reading["values"].items():
            if name not in self._last or self._last[name][0] <= rank:
                self._last[name] = (rank, value)

    @staticmethod
    def _told(reading):
        return reading.get("at"), reading["values"]


class Device:
    """Writes readings into its log, and sends parts of the log."""

    def __init__(self, name, seed, start):
        self.name = name
        self.epoch = f"{seed % (1 << 64):016x}"
        self.model = Model(start)
        self._chance = random.Random(f"{seed} {name}")
        # All its numbered readings.
        self._log = []
        # The number of all readings.
        self._count = 0
        self._socket = None

    async def come(self, server, room):
        self._socket = await come(server, room, self.model.n, self.epoch, self.name)
        self.model.has_sent_live = False
        self.model.refused.clear()

    async def round(self, server, room):
        """Send a few messages and wait for their ack, or make a new connection."""
        for _ in range(self._chance.randrange(1, 12)):
            await self._say_something()
        # So an ack must come.
        await self._send(*self._part(self._next(), 3))
        if self._chance.random() < 0.3:
            await self._socket.socket.close()
            await self.come(server, room)
            return
        refused = await until_done(self._socket, self.model.n, self.epoch)
        while len(refused) < len(self.model.refused):
            refused += (await self._socket.next("ack", n=self.model.n)).get("refused", [])
        assert [n for n, _ in refused] == self.model.refused
        self.model.refused.clear()

    async def _say_something(self):
        kind = self._chance.choice(["live", "next", "next", "again", "too early"])
        if kind == "live":
            reading = self._reading()
            self.model.live(reading)
            await self._socket.send({"type": "reading", "live": True, **reading})
            return
        start = self._next()
        if kind == "again":
            start = self._chance.randrange(start + 1)
        if kind == "too early":
            start += self._chance.randrange(1, 4)
        await self._send(*self._part(start, 5))

    def _next(self):
        """The index in the log of the first reading that the room does not know."""
        return sum(entry["n"] <= self.model.n for entry in self._log)

    def _part(self, start, most):
        """Return (after, entries) of a part of the log. Add readings if the log is too short."""
        end = start + self._chance.randrange(1, most + 1)
        while len(self._log) < end:
            n = (self._log[-1]["n"] if self._log else 0) + self._chance.choice([1, 1, 1, 7])
            wrong = {"values": {}} if self._chance.random() < 0.1 else {}
            self._log.append({"n": n, **self._reading(), **wrong})
        return self._log[start - 1]["n"] if start else 0, self._log[start:end]

    async def _send(self, after, entries):
        self.model.message(after, entries)
        if len(entries) > 1 or self._chance.random() < 0.3:
            await self._socket.send(batch(after, *entries, epoch=self.epoch))
        else:
            await self._socket.send({**one(0, after, self.epoch), **entries[0]})

    def _reading(self):
        """A reading of the past, rarely of the future, or undated. All times are different."""
        values = {
            name: self._chance.randrange(100) for name in NAMES if self._chance.random() < 0.6
        }
        reading = {"values": values or {"a": 0}}
        kind = self._chance.random()
        self._count += 1
        away_ms = 1000 * self._chance.randrange(10**4) + self._count
        if kind < 0.1:
            # The test ends before this time.
            reading["at"] = self.model.start + 10**6 + away_ms
        elif kind < 0.9:
            reading["at"] = self.model.start - away_ms
        return reading


async def test_a_room_keeps_of_every_log_what_the_model_says(start, room):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    server = start(rate=100000)
    began = int(time.time() * 1000)
    devices = [Device(f"d{n}", seed + n, began) for n in range(4)]

    async def live(device):
        await device.come(server, room)
        for _ in range(ROUNDS):
            await device.round(server, room)

    for _ in range(2):
        watcher = await join(server, room)
        await asyncio.gather(*map(live, devices))
        await watcher.send({"type": "command", "device": "nobody", "name": "end"})
        told = {device.name: [] for device in devices}
        while (message := json.loads(await watcher.raw()))["type"] != "result":
            if message["type"] != "presence":
                told[message["device"]] += _readings_in(message)
        assert told == {device.name: device.model.told for device in devices}
        states = {state["device"]: state for state in state_of(server, room)["devices"]}
        for device in devices:
            state, expected = states[device.name], device.model.expected()
            state["undated"] = [values for _, values in state.get("undated", [])]
            assert {key: state[key] for key in expected} == expected
            device.model.told.clear()
        server.restart()


def _readings_in(message):
    """The readings in a message to the others, in the model's form: (time or None, values)."""
    if message["type"] == "batch":
        return [(reading.get("at"), reading["values"]) for reading in message["readings"]]
    return [(None if message.get("undated") else message["at"], message["values"])]
