"""A room that an older version of the party server has stored."""

import json
import struct
import time

from rooms.clients import http, join, path_of, post, state_of, until
from rooms.contract.outbox import come, one, until_done
from rooms.contract.servers import make

from .stored import opened

# The most that could be set.
HISTORY = 10000


async def test_a_room_from_before_times_and_numbers_is_taken_as_it_is(tmp_path):
    with make("party_server", tmp_path) as server:
        async with join(server, "r", role="device", name="d") as device:
            await device.send({"type": "hello", "name": "North"})
        await until(server, "r", lambda state: not state["devices"][0]["online"])
        post(server, "r", "d", t=1, s="x")
        [before] = state_of(server, "r")["devices"]
        server.kill()
        with opened(tmp_path / "storage") as db:
            age(db)
        server.start()
        # It kept no changes.
        del before["changes"]
        assert state_of(server, "r")["devices"] == [before]
        [[at, _]] = before["history"]["t"]
        device = await come(server, "r")
        await device.send(one(1, 0, at=at - 5, values={"t": 0, "u": 0, "s": "y"}))
        await until_done(device, 1)
        [state] = state_of(server, "r")["devices"]
        assert state["last"] == {"t": 1, "s": "x", "u": 0}
        assert state["history"]["t"] == [[at - 5, 0], [at, 1]]
        await come(server, "r", 1)


async def test_the_points_of_a_room_from_before_the_tiers_are_in_all_of_them(tmp_path):
    with make("party_server", tmp_path) as server:
        post(server, "r", "d", t=HISTORY)
        server.kill()
        start = int(time.time() * 1000) - (HISTORY + 60) * 1000
        points = [(start + n * 1000, float(n)) for n in range(HISTORY)]
        with opened(tmp_path / "storage") as db:
            age(db)
            packed = b"".join(struct.pack("<dd", *point) for point in points)
            db.execute("UPDATE series SET points = ?", (packed,))
        server.start()
        for expected in (HISTORY, HISTORY + 1):
            for tier, field in (("raw", "value"), ("minutes", "count"), ("hours", "count")):
                found = of_file(server, tier)
                count = len(found) if tier == "raw" else sum(point[field] for point in found)
                assert count == expected
            # The first one fills the chunks.
            post(server, "r", "d", t=HISTORY)
        assert [point["value"] for point in of_file(server, "raw")[:HISTORY]] == list(
            range(HISTORY)
        )


def of_file(server, tier):
    return http(server, path_of("r", f"format=json&tier={tier}"))[1]["points"]


def age(db):
    """Remove from the room's file what the first version did not have."""
    for name, last in db.execute("SELECT name, last FROM devices").fetchall():
        without = json.dumps([entry[:2] for entry in json.loads(last)])
        db.execute("UPDATE devices SET last = ? WHERE name = ?", (without, name))
    for column in ("undated", "epochs"):
        db.execute(f"ALTER TABLE devices DROP COLUMN {column}")
    for table in ("chunks", "changes"):
        db.execute(f"DROP TABLE {table}")
