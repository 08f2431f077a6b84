"""What the party server keeps of a history: by age, by size, and when its clock jumps."""

import time

from rooms.clients import http, join, path_of, post, state_of
from rooms.contract.outbox import come, one, until_done
from rooms.contract.servers import make

from .stored import batches
from .test_broken import break_with

S, HOUR, DAY = 1000, 3_600_000, 24 * 3_600_000
# So many readings move older ones to chunks.
FULL = 800

# The text `ahead <ms>` sets how far the clock is ahead. The answer to `now` is its time.
CLOCK = """
import { Main as Whole } from "./worker.ts";
export * from "./worker.ts";
export { default } from "./worker.ts";

const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead;

export class Main extends Whole {
  onMessage(connection, message) {
    if (message.startsWith?.("ahead ")) ahead = Number(message.slice(6));
    else if (message !== "now") return super.onMessage(connection, message);
    connection.send(`${Date.now()}`);
  }
}
"""


class Room:
    """A device that sends, and a member that sets the clock."""

    def __init__(self, server, device, member, n):
        self._server = server
        self._device = device
        self._member = member
        self._n = n

    @classmethod
    async def of(cls, server, n=0):
        """`n` readings were sent before."""
        member = await join(server, "r", hears="commands")
        return cls(server, await come(server, "r", n), member, n)

    async def set_clock(self, ahead):
        await self._member.send(f"ahead {ahead}")
        await self._member.raw()

    async def send(self, count, every_ms=S, **values):
        """Send so many readings. The last one is of now."""
        await self._member.send("now")
        now = int(await self._member.raw())
        times = [now - every_ms * n for n in reversed(range(count))]
        await self._device.send_all(batches([(at, values) for at in times], self._n))
        self._n += count
        await until_done(self._device, self._n)
        return times

    def times(self, tier="raw"):
        status, file, _ = http(self._server, path_of("r", f"format=json&name=t&tier={tier}"))
        assert status == 200
        return [point["at"] for point in file["points"]]


async def test_what_is_too_old_is_deleted_but_not_when_the_clock_jumps(tmp_path, monkeypatch):
    break_with(CLOCK, tmp_path, monkeypatch)
    with make("party_server", tmp_path, rate=100000) as server:
        room = await Room.of(server)
        first = await room.send(4 * FULL, t=1, door=True)
        hours = room.times("hours")
        # A snapshot shows nothing that is too old.
        for ahead, shown in ((0, ["history", "changes"]), (4 * DAY, ["changes"]), (800 * DAY, [])):
            await room.set_clock(ahead)
            [device] = state_of(server, "r")["devices"]
            assert [key for key in ("history", "changes") if device.get(key)] == shown
        # The clock jumps: nothing is deleted, but what looks old is not shown.
        await room.set_clock(4 * DAY)
        second = await room.send(2 * FULL, t=2)
        assert room.times() == second
        assert server.stderr.count("the clock jumped") == 1
        # It is set right: all is there.
        await room.set_clock(0)
        assert room.times() == first + second
        # The clock was right: a day later, what is too old goes.
        await room.set_clock(5 * DAY + HOUR)
        third = await room.send(2 * FULL, t=3)
        assert room.times() == second + third
        await room.set_clock(0)
        left = room.times()
        assert left[-len(second + third) :] == second + third
        # Only a chunk that has younger ones too may be left.
        assert len(left) <= len(second + third) + FULL
        assert room.times("hours")[: len(hours)] == hours
        # Each hold is followed by a day without one.
        assert server.stderr.count("the clock jumped") == 1
        await room.set_clock(7 * DAY)
        await room.send(1, t=4)
        assert server.stderr.count("the clock jumped") == 2
        # A jump that is taken back ends its hold, so there may be another one.
        for ahead, jumps in ((100 * DAY, 3), (7 * DAY, 3), (10 * DAY, 4)):
            await room.set_clock(ahead)
            await room.send(1, t=5)
            assert server.stderr.count("the clock jumped") == jumps
        # From then on what is too old goes again.
        await room.set_clock(100 * DAY)
        await room.send(1, t=6)
        await room.set_clock(10 * DAY + HOUR)
        await room.send(2 * FULL, t=7)
        await room.set_clock(0)
        assert room.times()[0] > left[0]


async def test_a_jump_is_noted_once_though_the_room_sleeps_meanwhile(tmp_path, monkeypatch):
    break_with(CLOCK, tmp_path, monkeypatch)
    with make("party_server", tmp_path) as server:
        for n in range(2):
            room = await Room.of(server, 2 * n)
            await room.send(1, t=1)
            await room.set_clock(4 * DAY)
            await room.send(1, t=1)
            assert server.stderr.count("the clock jumped") == 1
            server.restart()


async def test_above_its_size_a_room_gives_up_the_oldest_raw_readings_first(tmp_path, monkeypatch):
    break_with(CLOCK, tmp_path, monkeypatch)
    most = 1 << 20
    with make("party_server", tmp_path, rate=100000, max_db_bytes=most) as server:
        room = await Room.of(server)
        sent = await room.send(150_000, t=1)
        kept = room.times()
        assert 0 < len(kept) < len(sent)
        assert kept == sent[-len(kept) :]
        status, file, _ = http(server, path_of("r", "format=json&tier=minutes"))
        assert status == 200 and sum(point["count"] for point in file["points"]) == len(sent)
        assert size_of(tmp_path) < 1.5 * most


async def test_above_its_size_a_room_gives_up_the_oldest_changes(tmp_path):
    most = 1 << 20
    texts = [f"{n}".ljust(250) for n in range(800)]
    with make("party_server", tmp_path, rate=100000, max_db_bytes=most) as server:
        device = await come(server, "r")
        for n, text in enumerate(texts):
            values = {f"s{m}": text for m in range(8)}
            at = int(time.time() * 1000) - len(texts) + n
            await device.send(one(n + 1, n, at=at, values=values))
        await until_done(device, len(texts))
        status, file, _ = http(server, path_of("r", "format=json&name=s7"))
        kept = [point["value"] for point in file["points"]]
        assert 0 < len(kept) < len(texts) and kept == texts[-len(kept) :]
        assert size_of(tmp_path) < 1.5 * most


async def test_ages_may_change_between_two_runs(tmp_path):
    # Each minute of the last four days.
    now = int(time.time() * 1000)
    times = [now - 60 * S * n for n in reversed(range(4 * 1440))]

    def counts(server):
        """Of how many days each tier and the widest answer are, and the changes of today."""
        tiers = {}
        for tier in ("raw", "minutes", "hours"):
            points = http(server, path_of("r", f"format=json&tier={tier}"))[1]["points"]
            tiers[tier] = sum(point.get("count", 1) for point in points)
        history = http(server, path_of("r", "points=2000"))[1]["devices"][0]["history"]["t"]
        tiers["all"] = sum(entry[4] for entry in history)
        query = f"since={now - DAY}&name=door"
        [device] = http(server, path_of("r", query))[1]["devices"]
        return *(n // 1400 for n in tiers.values()), len(device.get("changes", {}).get("door", ()))

    with make("party_server", tmp_path, rate=100000) as server:
        device = await come(server, "r")
        # The door is as it was.
        await device.send_all(batches([(at, {"t": 1, "door": True}) for at in times]))
        await until_done(device, len(times))
        assert counts(server) == (3, 4, 4, 4, 1)
    for ages, expected in (
        ({"keep_raw": 1, "keep_minutes": 2, "keep_hours": 3}, (1, 2, 3, 3, 0)),
        ({"keep_raw": 2, "keep_minutes": 9, "keep_hours": 9}, (2, 4, 4, 4, 1)),
        ({"keep_raw": 9, "keep_minutes": 9, "keep_hours": 9}, (3, 4, 4, 4, 1)),
    ):
        with make("party_server", tmp_path, **ages) as server:
            assert counts(server) == expected
            # The first of these changes deletes the one of four days ago.
            post(server, "r", "d", door=False)


def size_of(folder):
    return max(path.stat().st_size for path in (folder / "storage" / "main").glob("*.sqlite"))
