"""Bools and texts of the party server: their changes, in whatever order the values come."""

import os
import random
import time

from rooms.clients import state_of
from rooms.contract.outbox import come, until_done
from rooms.contract.servers import make

from .stored import batches, opened

MOST = 1000


async def test_late_values_change_what_was_true_until_the_next_change(tmp_path):
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print("seed", seed)
    chance = random.Random(seed)
    start = int(time.time() * 1000) - 3_600_000
    with make("party_server", tmp_path, rate=100000) as server:
        device = await come(server, "r")
        n = 0
        for name in ("a", "b", "c", "d"):
            # No time twice. The later names have less order.
            times = list(range(0, 600, chance.randrange(1, 4)))
            times.sort(key=lambda at: at + chance.randrange(1 + {"a": 0, "b": 9}.get(name, 900)))
            model = Model()
            readings = []
            for at in times:
                value = chance.choice([True, False, "open"])
                model.add(at, value)
                readings.append((start + at, {name: value}))
            await device.send_all(batches(readings, n))
            n += len(readings)
            await until_done(device, n)
            expected = [[start + at, value] for at, value in model.changes()]
            [state] = state_of(server, "r", f"name={name}&points=2000")["devices"]
            assert state["changes"][name] == expected
            [state] = state_of(server, "r")["devices"]
            assert state["changes"][name] == expected[-20:]


async def test_a_live_value_does_not_say_how_long_a_change_was_true(tmp_path):
    with make("party_server", tmp_path) as server:
        device = await come(server, "r")
        now = int(time.time() * 1000)
        await device.send_all(batches([(now - 60, {"a": True}), (now - 20, {"a": True})]))
        await device.send({"type": "reading", "live": True, "at": now, "values": {"a": "live"}})
        await device.send_all(batches([(now - 40, {"a": False})], 2))
        await until_done(device, 3)
        [state] = state_of(server, "r")["devices"]
        assert state["last"] == {"a": "live"}
        assert state["changes"]["a"] == [[now - 60, True], [now - 40, False], [now - 20, True]]


class Model:
    """What was true in each ms."""

    def __init__(self):
        self._true = {}

    def add(self, at, value):
        first, last = min(self._true, default=at), max(self._true, default=at)
        if at > last:
            for between in range(last, at):
                self._true.setdefault(between, self._true[last])
            self._true[at] = value
        elif at < first or self._true.get(at) != value:
            # It was already true until the next change, or until the last value.
            later = [change for change, _ in self.changes() if change > at]
            for between in range(at, min(later, default=max(last, at + 1))):
                self._true[between] = value

    def changes(self):
        return [
            (at, value)
            for at, value in sorted(self._true.items())
            if at - 1 not in self._true or (value != self._true[at - 1])
        ]


async def test_the_newest_thousand_changes_are_kept(tmp_path):
    with make("party_server", tmp_path, rate=100000) as server:
        device = await come(server, "r")
        start = int(time.time() * 1000) - 3_600_000
        count = 4 * MOST
        readings = [(start + n, {"a": n % 2 == 0}) for n in range(count)]
        few = 40
        await device.send_all(batches(readings[:-few]))
        for n in range(count - few, count):
            # One at a time: then the oldest are mostly still stored, but not shown.
            await device.send_all(batches([readings[n]], n))
        await until_done(device, count)
        [state] = state_of(server, "r", "points=2000")["devices"]
        assert [at - start for at, _ in state["changes"]["a"]] == list(range(count - MOST, count))
        server.kill()
        with opened(tmp_path / "storage") as db:
            [stored] = db.execute("SELECT count(*) FROM changes").fetchone()
        # They are counted now and then.
        assert MOST <= stored < 2 * MOST
