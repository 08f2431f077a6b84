"""The party server's history after many readings in random order: nothing is lost or counted
twice, whatever was moved to chunks, cut in two, or came late.
"""

import os
import random
import time
from fractions import Fraction

from rooms.clients import http, path_of, state_of
from rooms.contract.outbox import come, until_done
from rooms.contract.servers import make

from .stored import batches, opened

S, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 24 * 3_600_000
# How far back a reading's time is, and how many readings there are of that kind. None of them is
# near the age at which a tier ends.
SPANS = [
    # In the order of their times, as from a board that was never away.
    ("steady", 5 * HOUR, 3 * HOUR, 2500),
    # Of this day and the last two, in any order.
    ("late", 2 * DAY, 0, 1500),
    # Too old to be a raw reading: only in minutes and hours.
    ("older", 29 * DAY, 4 * DAY, 800),
    # Only in hours.
    ("oldest", 700 * DAY, 40 * DAY, 400),
]
LENGTHS = [
    *(n * S for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in range(1, 30000)),
]


async def test_after_readings_in_random_order_each_tier_has_what_it_should(tmp_path):
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print("seed", seed)
    chance = random.Random(seed)
    now = int(time.time() * 1000)
    readings = list(readings_of(chance, now))
    with make("party_server", tmp_path, rate=100000) as server:
        await send(server, readings[: len(readings) // 2])
        server.kill()
        server.start()
        await send(server, readings[len(readings) // 2 :], len(readings) // 2)
        model = Model(readings, now)
        for tier in ("raw", "minutes", "hours"):
            assert_same(of_file(server, tier), model.tiers[tier])
        newest = state_of(server, "r")["devices"][0]["history"]["t"]
        assert_same(newest, model.tiers["raw"][-300:])
        for _ in range(60):
            # Between the ages of the tiers, so that it does not matter how long the test takes.
            back = chance.choice([HOUR, DAY // 2, 2 * DAY, 3 * DAY, 28 * DAY, 600 * DAY])
            since = now - chance.randrange(back)
            until = since + 1 + chance.randrange(now - since)
            points = chance.choice([1, 2, 7, 100, 300, 2000])
            query = f"since={since}&until={until}&points={points}"
            [device] = state_of(server, "r", query)["devices"]
            found = device["history"].get("t", [])
            assert len(found) <= points, query
            assert_same(found, model.part(since, until, points), query)
        # No length fits from before 1970 on, but nothing is that old.
        found = state_of(server, "r", f"since=-1&until={now}&points=1")["devices"][0]["history"][
            "t"
        ]
        assert_same(found, model.part(0, now, 1))
        found = state_of(server, "r", "points=5")["devices"][0]["history"]["t"]
        assert len(found) <= 5 and sum(count for *_, count in found) == len(readings)
        server.kill()
        with opened(tmp_path / "storage") as db:
            sizes = db.execute(
                "SELECT length(data) / 8 / iif(tier = 0, 2, 5) FROM chunks"
            ).fetchall()
        # Points of the same time stay together.
        assert len(sizes) > 12 and max(sizes) < (650,)


def readings_of(chance, now):
    """Yield (at, value) in the order in which they are sent."""
    kinds = []
    for name, earliest, latest, count in SPANS:
        times = [now - chance.randrange(latest, earliest) for _ in range(count)]
        # Some have the same time.
        times[: count // 20] = chance.choices(times, k=count // 20)
        kinds.append((sorted(times) if name == "steady" else times)[::-1])
    while any(kinds):
        kind = chance.choice([kind for kind in kinds if kind])
        for _ in range(min(len(kind), chance.randrange(1, 120))):
            value = chance.choice([1.7e308, -1.7e308, 0, 21, 21.5, chance.uniform(-50, 50)])
            yield kind.pop(), value


async def send(server, readings, n=0):
    device = await come(server, "r", n)
    messages = batches([(at, {"t": value}) for at, value in readings], n)
    await device.send_all(messages)
    await until_done(device, n + len(readings))
    await device.socket.close()


class Model:
    """What the tiers should have, computed from all readings at once."""

    def __init__(self, readings, now):
        ordered = sorted(readings, key=lambda reading: reading[0])
        young = {
            tier: [reading for reading in ordered if reading[0] > now - age * DAY]
            for tier, age in (("raw", 3), ("minutes", 30), ("hours", 730))
        }
        self.tiers = {
            "raw": young["raw"],
            "minutes": binned(young["minutes"], MINUTE),
            "hours": binned(young["hours"], HOUR),
        }
        self._young = young

    def part(self, since, until, points):
        """The finest points that fit."""
        raw, minutes, hours = (self.tiers[tier] for tier in ("raw", "minutes", "hours"))
        has_raw = reaches(raw, 1, [(minutes, MINUTE), (hours, HOUR)], since, until)
        has_minutes = reaches(minutes, MINUTE, [(hours, HOUR)], since, until)
        found = [reading for reading in raw if since <= reading[0] < until]
        if has_raw and len(found) <= points:
            return found
        for length in LENGTHS:
            first, end = since // length * length, -(-until // length) * length
            if (end - first) // length > points:
                continue
            if length < MINUTE:
                tier, is_there = "raw", has_raw
            elif length < HOUR:
                tier, is_there = "minutes", has_minutes
            else:
                tier, is_there = "hours", True
            whole = [reading for reading in self._young[tier] if first <= reading[0] < end]
            if is_there and (length >= MINUTE or len(whole) <= 20000):
                return binned(whole, length)
        raise AssertionError("some length must fit")


def reaches(tier, length, longer, since, until):
    first = tier[0][0]
    return first <= since or not any(
        since <= at < min(until, first // length * length)
        for entries, length in longer
        for at, *_ in entries
    )


def binned(readings, length):
    bins = {}
    for at, value in readings:
        bins.setdefault(at // length * length, []).append(value)
    return [[at, *summary(values)] for at, values in sorted(bins.items())]


def summary(values):
    """The mean, without rounding, the least, the greatest, and the number of values."""
    mean = Fraction(sum(map(Fraction, values)), len(values))
    return mean, min(values), max(values), len(values)


def assert_same(found, expected, what=""):
    """Compare entries. Only a mean may be rounded."""
    assert len(found) == len(expected), what
    for one, other in zip(found, expected):
        at, value, *more = one
        assert [at, *more] == [other[0], *other[2:]], what
        if not more:
            assert value == other[1], what
            continue
        least, greatest, _ = more
        assert least <= value <= greatest, what
        allowed = max(abs(least), abs(greatest)) * 1e-12
        assert abs(Fraction(value) - other[1]) <= Fraction(allowed), what


def of_file(server, tier):
    status, file, _ = http(server, path_of("r", f"format=json&tier={tier}"))
    assert status == 200
    fields = ["at", "value"] if tier == "raw" else ["at", "mean", "min", "max", "count"]
    return [[point[field] for field in fields] for point in file["points"]]
