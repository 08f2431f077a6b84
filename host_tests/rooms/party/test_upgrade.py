"""A room that an older version of the party server has stored."""

import json
import sqlite3
from contextlib import closing

from rooms.clients import join, post, state_of, until
from rooms.contract.outbox import come, one, until_done
from rooms.contract.servers import make


async def test_a_room_from_before_times_and_numbers_is_taken_as_it_is(tmp_path):
    with make("party_server", tmp_path) as server:
        async with join(server, "r", role="device", name="d") as device:
            await device.send({"type": "hello", "name": "North"})
        await until(server, "r", lambda state: not state["devices"][0]["online"])
        post(server, "r", "d", t=1, s="x")
        before = state_of(server, "r")["devices"]
        server.kill()
        age(tmp_path / "storage")
        server.start()
        assert state_of(server, "r")["devices"] == before
        [[at, _]] = before[0]["history"]["t"]
        device = await come(server, "r")
        await device.send(one(1, 0, at=at - 5, values={"t": 0, "u": 0}))
        await until_done(device, 1)
        [state] = state_of(server, "r")["devices"]
        assert state["last"] == {"t": 1, "s": "x", "u": 0}
        assert state["history"]["t"] == [[at - 5, 0], [at, 1]]
        await come(server, "r", 1)


def age(storage):
    """Remove from the room's file what the first version did not have."""
    paths = [path for path in storage.glob("main/*.sqlite") if "metadata" not in path.name]
    assert len(paths) == 1
    with closing(sqlite3.connect(paths[0])) as db:
        for name, last in db.execute("SELECT name, last FROM devices").fetchall():
            without = json.dumps([[key, value] for key, value, _ in json.loads(last)])
            db.execute("UPDATE devices SET last = ? WHERE name = ?", (without, name))
        for column in ("undated", "epochs"):
            db.execute(f"ALTER TABLE devices DROP COLUMN {column}")
        db.commit()
