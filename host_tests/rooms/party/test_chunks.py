"""The party server's history after many readings in random order: nothing is lost or counted
twice, whatever was moved to chunks, cut in two, or came late.
"""

import os
import random
import time

from rooms import tier_model
from rooms.clients import http, path_of, state_of
from rooms.contract.outbox import come, until_done
from rooms.contract.servers import make
from rooms.tier_model import DAY, HOUR, MINUTE, assert_points

from .stored import batches, opened

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
        tiers = tiers_of(readings, now)
        for tier, entries in tiers.items():
            assert_points(of_file(server, tier), entries)
        newest = state_of(server, "r")["devices"][0]["history"]["t"]
        assert_points(newest, tiers["raw"][-300:])

        def check(since, until, points):
            query = f"since={since}&until={until}&points={points}"
            print(query)
            found = state_of(server, "r", query)["devices"][0]["history"].get("t", [])
            assert len(found) <= points
            assert_points(found, tier_model.part(readings, now, since, until, points)[0])

        for _ in range(60):
            # Between the ages of the tiers, so that it does not matter how long the test takes.
            back = chance.choice([HOUR, DAY // 2, 2 * DAY, 3 * DAY, 28 * DAY, 600 * DAY])
            since = now - chance.randrange(back)
            until = since + 1 + chance.randrange(now - since)
            check(since, until, chance.choice([1, 2, 7, 100, 300, 2000]))
        check(-1, now, 1)
        found = state_of(server, "r", "points=5")["devices"][0]["history"]["t"]
        assert len(found) <= 5 and sum(count for *_, count in found) == len(readings)
        server.kill()
        with opened(tmp_path / "storage") as db:
            sizes = db.execute(
                "SELECT length(data) / 8 / iif(tier = 0, 2, 5) FROM chunks"
            ).fetchall()
            starts = db.execute("SELECT min(start) FROM chunks GROUP BY tier").fetchall()
        assert len(sizes) > 6 and max(sizes) <= (1000,)
        # What is too old for a tier is not in its chunks.
        for (start,), age in zip(starts, tier_model.KEEP.values(), strict=True):
            assert start >= now - age


async def test_a_range_may_begin_and_end_at_any_reading(tmp_path):
    start = int(time.time() * 1000) - HOUR
    times = [start + 1000 * n for n in range(2600)]
    with make("party_server", tmp_path, rate=100000) as server:
        await send(server, [(at, n) for n, at in enumerate(times)])
        # Chunks begin at multiples of 100, and there is nothing between two of them.
        for n in range(100, len(times), 100):
            for first, end in ((n, n + 5), (n - 5, n)):
                for since, until in (
                    (times[first - 1] + 1, times[end]),
                    (times[first], times[end]),
                ):
                    query = f"since={since}&until={until}"
                    [device] = state_of(server, "r", query)["devices"]
                    assert [value for _, value in device["history"]["t"]] == list(
                        range(first, end)
                    )
            query = f"since={times[n - 1] + 1}&until={times[n]}"
            assert state_of(server, "r", query)["devices"][0]["history"] == {}


async def test_late_readings_on_both_sides_of_where_a_chunk_begins(tmp_path):
    start = int(time.time() * 1000) - 2 * HOUR
    times = [start + 1000 * n for n in range(2600)]
    late = [times[n] - before for n in range(100, 2000, 100) for before in (500, 0)]
    new = [times[-1] + 1000 * n for n in range(1, 900)]
    readings = [(at, n) for n, at in enumerate([*times, *late, *new])]
    with make("party_server", tmp_path, rate=100000) as server:
        await send(server, readings)
        expected = sorted(readings, key=lambda reading: reading[0])
        assert of_file(server, "raw") == [list(each) for each in expected]


async def test_two_thousand_numbers_of_one_ms_are_all_there(tmp_path):
    start = int(time.time() * 1000) - HOUR // 2
    for count, kept in ((2000, 2000), (5000, 2000)):
        times = [*range(start - 900, start), *[start] * count, *range(start + 1, start + 1800)]
        readings = [(at, n) for n, at in enumerate(times)]
        with make("party_server", tmp_path / f"{count}", rate=100000) as server:
            await send(server, readings)
            assert sum(entry[4] for entry in of_file(server, "minutes")) == len(readings)
            raw = of_file(server, "raw")
            before, same, after = (
                readings[:900],
                readings[900 : 900 + count],
                readings[900 + count :],
            )
            assert raw == [list(each) for each in (*before, *same[-kept:], *after)]


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


def tiers_of(readings, now):
    """What the tiers should have, computed from all readings at once."""
    ordered = sorted(readings, key=lambda reading: reading[0])
    tiers = {"raw": [list(each) for each in ordered if each[0] > now - tier_model.KEEP["raw"]]}
    for tier, length in (("minutes", MINUTE), ("hours", HOUR)):
        young = [each for each in ordered if each[0] > now - tier_model.KEEP[tier]]
        bins = tier_model.means(young, length)
        tiers[tier] = [[start, *values] for start, values in bins.items()]
    return tiers


def of_file(server, tier):
    status, file, _ = http(server, path_of("r", f"format=json&tier={tier}"))
    assert status == 200
    fields = ["at", "value"] if tier == "raw" else ["at", "mean", "min", "max", "count"]
    return [[point[field] for field in fields] for point in file["points"]]
