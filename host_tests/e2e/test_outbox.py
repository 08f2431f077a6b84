"""Readings in an outbox reach the room, whatever ends. The devices are real MicroPython with a
littlefs in a file as flash. They and both servers are processes that are killed.

Each test prints its seed, and SEED=n replays a run. Moments are counted by the output of a device,
so a run repeats as far as processes allow.
"""

import asyncio
import json
import resource
import sqlite3
from contextlib import closing, nullcontext
from functools import partial
from itertools import pairwise

import pytest

from core.seeds import Chance
from lab.fault_proxy import FaultProxy
from lab.plans import CUTS, SHUT, WHOLE, Plan, draw
from rooms.clients import join, state_of
from rooms.contract.servers import KINDS, make
from rooms.server_process import RoomServer
from rooms.test_disk import full
from strict_server import StrictServer, silent

from .keepers import FORMS, Keeper

LINKS = (*CUTS, *WHOLE, "slices", "drip", "late", *["none"] * 8)
# Readings for each connection with a fault.
FAULTY = 25
# Bytes that pass before the fault: in the handshake, or after some messages of readings.
MOST_AT = 5000
# The most lines of a device from one moment to the next.
LINES = 40
# The most writes to its flash until one with a power cut.
WRITES = 120
# In bursts.
SYNC_EVERY = 5
# Readings that come together. An outbox holds five of them in memory.
BURSTS = (1, 1, 2, 6)

# All that the room server stores, in the order in which it does. The number is the last one of the
# message: it is stored before the points.
COUNTING = """
CREATE TABLE told (id INTEGER PRIMARY KEY, device TEXT, epoch TEXT, n INTEGER, i INTEGER);
CREATE TRIGGER counts AFTER INSERT ON raw BEGIN
    INSERT INTO told (device, epoch, n, i) SELECT devices.device, epoch, n, NEW.value
    FROM all_series JOIN devices ON devices.id = all_series.device
    JOIN epochs ON epochs.device = devices.id
    WHERE all_series.id = NEW.series ORDER BY epochs.id DESC LIMIT 1;
END;
"""


class Fate:
    """What happens to a device, its link and its server. It is random for each device."""

    def __init__(self, keeper, count, restart):
        self.chance = Chance(f"the fate of {keeper.name}")
        # How often the server is killed.
        self.servers = 0
        # How often the power fails during a write.
        self.cuts = 0
        self._keeper = keeper
        self._count = count
        self._restart = restart

    def links(self):
        plans = [
            draw(self.chance, self.chance.one_of(LINKS)) for _ in range(self._count // FAULTY)
        ]
        return [plan._replace(at=self.chance.below(MOST_AT)) for plan in plans]

    async def fulfil(self):
        """Run the device again and again, until all its readings are delivered."""
        is_delivered = False
        while not is_delivered:
            assert self._keeper.lives < self._count, "it gets nowhere"
            cut = self.chance.below(2) * self.chance.below(WRITES)
            burst = self.chance.one_of(BURSTS)
            with self._keeper.power_on(
                self._count, burst=burst, every_ms=20, sync_every=SYNC_EVERY, cut=cut
            ) as device:
                for what in (self.chance.one_of(("server", "")), "device"):
                    moment = len(device.lines) + 1 + self.chance.below(LINES)
                    await asyncio.to_thread(device.wait_lines, moment)
                    if what == "server":
                        self.servers += 1
                        await self._restart()
            self.cuts += device.wait_end() not in (0, -9)
            is_delivered = self._keeper.note(device)


def stored(server, keeper):
    """The readings of a device in the room, in the order of their times."""
    points = state_of(server, keeper.room, "format=json&name=i")["points"]
    return [point["value"] for point in points]


def told(path, keeper):
    """The readings of a device in the order in which they were stored, from the file."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT i FROM told WHERE device = ? ORDER BY id", (keeper.name,))
        return [i for (i,) in rows]


def _count(path):
    with closing(sqlite3.connect(path)) as db:
        db.executescript(COUNTING)


def check_told(path, keepers):
    """Each number came once, in order, and nothing in it was changed."""
    with closing(sqlite3.connect(path)) as db:
        for keeper in keepers:
            query = "SELECT epoch, n, i FROM told WHERE device = ? ORDER BY id"
            rows = db.execute(query, (keeper.name,)).fetchall()
            assert {epoch for epoch, _, _ in rows} == keeper.epochs
            assert all(a[1] <= b[1] and a[2] < b[2] for a, b in pairwise(rows))
            assert keeper.kept <= {i for _, _, i in rows} <= set(range(1, keeper.taken + 1))


@pytest.mark.parametrize(
    "devices, count", [(2, 1000), pytest.param(12, 8400, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_arrives_once_and_in_order_whoever_is_killed(
    kind, devices, count, tmp_path, capsys
):
    # The room server's commits wait, so that a kill can lose something.
    settings = {"commit_ms": 200} if kind == "room_server" else {}
    lock, places = asyncio.Lock(), asyncio.Semaphore(4)

    async def restart():
        async with lock:
            await asyncio.to_thread(server.restart)

    async def live(name, form):
        async with places, FaultProxy(server.port) as proxy:
            # A reading may be on the server before it is on flash: batch_count and sync_every.
            keeper = Keeper(tmp_path / "boards", name, form, proxy.port, room=name, batch_count=16)
            fate = Fate(keeper, count, restart)
            proxy.plans = fate.links()
            await fate.fulfil()
        with capsys.disabled() if devices > 2 else nullcontext():
            print(
                f"\n{name} on {form}: {count} readings, {len(keeper.kept)} were kept;"
                f" {keeper.lives} lives, {fate.cuts} cut in a write, {len(proxy.passages)}"
                f" connections, {fate.servers} kills of the server",
                end="",
            )
        return keeper

    async def live_all():
        return await asyncio.gather(*(live(f"d{n}", FORMS[n % 2]) for n in range(devices)))

    with make(kind, tmp_path, **settings) as server:
        if kind == "room_server":
            _count(tmp_path / "rooms.db")
        keepers = asyncio.run(live_all())
        for keeper in keepers:
            got = stored(server, keeper)
            assert all(a < b for a, b in pairwise(got))
            assert keeper.kept and keeper.kept <= set(got) <= set(range(1, count + 1))
            assert len(keeper.epochs) == 1
        if kind == "room_server":
            check_told(tmp_path / "rooms.db", keepers)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
@pytest.mark.parametrize("ends_by_cut", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_what_a_full_disk_does_not_store_the_device_keeps(ends_by_cut, tmp_path):
    """Then there is space again. The device has lost power meanwhile, or just tries again."""
    path = tmp_path / "rooms.db"
    with make("room_server", tmp_path) as server:
        _count(path)
        dashboard = await join(server, "r", role="dashboard")
        keeper = Keeper(tmp_path / "boards", "d", "micropython", server.port)
        with keeper.power_on(1200, every_ms=10) as device:
            await asyncio.to_thread(device.wait_lines, 100)
            with full(server, path):
                await dashboard.next("storage", storage="failing")
                on_disk = told(path, keeper)
                await asyncio.to_thread(partial(device.wait, "heard", status=507))
                await asyncio.to_thread(device.wait_lines, len(device.lines) + 100)
                assert told(path, keeper) == on_disk
            if not ends_by_cut:
                await asyncio.to_thread(device.wait, "delivered")
        keeper.note(device)
        with keeper.power_on(1200) as device:
            begun = await asyncio.to_thread(device.wait, "begun")
            if ends_by_cut:
                assert begun["acknowledged"] <= on_disk[-1] < on_disk[-1] + 40 < keeper.taken
            await asyncio.to_thread(device.wait, "delivered")
        keeper.note(device)
        assert stored(server, keeper) == told(path, keeper)
        check_told(path, [keeper])


@pytest.mark.parametrize("full", ["drop-oldest", "drop-newest"])
@pytest.mark.parametrize("what", ["outbox", "flash"])
async def test_a_full_flash_drops_as_it_was_told_and_the_rest_arrives(what, full, tmp_path):
    """Either the outbox's own space is full, or the whole littlefs."""
    blocks, size_bytes = (64, 40960) if what == "outbox" else (12, 262144)
    async with FaultProxy(0, [Plan(SHUT)]) as proxy:
        keeper = Keeper(
            tmp_path, "d", "compiled", proxy.port, blocks=blocks, size_bytes=size_bytes, full=full
        )
        with keeper.power_on(2000, burst=5) as device:
            figures = await asyncio.to_thread(device.wait, "all taken")
        keeper.note(device)
        with RoomServer("--db", tmp_path / "rooms.db") as server:
            proxy.target = server.port
            proxy.reopen()
            with keeper.power_on(2000) as device:
                after = await asyncio.to_thread(device.wait, "delivered")
            got = stored(server, keeper)
    assert figures["waiting"] == len(got) > 100 and after["dropped"] == after["torn"] == 0
    assert figures["dropped"] + len(got) == keeper.taken == 2000
    first = 1 if full == "drop-newest" else 2001 - len(got)
    assert got == list(range(first, first + len(got)))


async def test_a_server_that_acknowledges_nothing_gets_all_at_least_once_and_in_order(tmp_path):
    """Readings before a ping that the server answered are done: the next connection begins after
    them. Before these come bytes that the last connection had not written, as for all messages.
    """
    with StrictServer(silent) as server:
        async with FaultProxy(server.port, [Plan(), Plan("rst", "up", 3200)]) as proxy:
            keeper = Keeper(tmp_path, "d", "compiled", proxy.port)
            with keeper.power_on(50) as device:
                await asyncio.to_thread(server.wait_messages, 15)
            keeper.note(device)
            with keeper.power_on(50) as device:
                await asyncio.to_thread(device.wait, "delivered")
            assert keeper.note(device)
    assert not any('"n":' in message for message in server.messages)
    runs = []
    for connection in server.connections:
        messages = [json.loads(message) for message in connection.messages]
        runs.append([each["values"]["i"] for each in messages if "live" not in each])
    print(runs)
    unwritten = runs[2][0] != runs[2][1] - 1
    first, second, third = runs[0], runs[1], runs[2][unwritten:]
    for run in (first, second, third):
        assert run == list(range(run[0], run[-1] + 1))
    assert first[0] == second[0] == 1 < third[0] <= second[-1] + 1 and third[-1] == 50


async def test_a_room_server_without_a_database_says_that_it_acknowledges_nothing(tmp_path):
    with RoomServer() as server:
        keeper = Keeper(tmp_path, "d", "micropython", server.port)
        with keeper.power_on(20) as device:
            warning = await asyncio.to_thread(device.wait, "warning")
            assert (
                "no reading is acknowledged" in warning["text"] and "--memory" in warning["text"]
            )
            await asyncio.to_thread(device.wait, "delivered")
        assert keeper.note(device)
        assert stored(server, keeper) == list(range(1, 21))
        assert state_of(server, "r")["storage"] == "memory"
