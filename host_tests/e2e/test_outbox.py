"""Readings in an outbox reach the room, whatever ends: devices on real MicroPython, whose flash is
a littlefs in a file, and both servers, all of them processes that are killed.

Each test prints its seed, and SEED=n draws another run; moments are counted in what a device has
printed, so a run comes again as far as processes let it.
"""

import asyncio
import sqlite3
from contextlib import closing, nullcontext
from itertools import pairwise

import pytest

from core.seeds import Chance
from lab.fault_proxy import FaultProxy
from lab.plans import CUTS, WHOLE, draw
from rooms.clients import state_of
from rooms.contract.servers import KINDS, make

from .keepers import Keeper

FORMS = ("micropython", "compiled")
LINKS = (*CUTS, *WHOLE, "slices", "drip", "late", "none", "none")
FAULTY = 40  # connections of a device, to which the one or the other happens
MOST_AT = 5000  # bytes that pass before: of the handshake, or after some messages of readings
LINES = 50  # of a device, at most, from one moment to the next
WRITES = 300  # of its flash, at most, until one in which the power goes
BURSTS = (1, 1, 1, 4, 18)

# All that the room server stores, in the order in which it does. The number is the last one of the
# message: it is stored before the points are.
COUNTING = """
CREATE TABLE told (id INTEGER PRIMARY KEY, device TEXT, epoch TEXT, n INTEGER, i INTEGER);
CREATE TRIGGER counts AFTER INSERT ON history BEGIN
    INSERT INTO told (device, epoch, n, i) SELECT devices.device, epoch, n, NEW.value
    FROM devices JOIN epochs ON epochs.device = devices.id
    WHERE devices.id = NEW.device ORDER BY epochs.id DESC LIMIT 1;
END;
"""


class Fate:
    """What happens to a device, its link and its server, drawn for each device."""

    def __init__(self, keeper, count, restart):
        self.chance = Chance(f"the fate of {keeper.name}")
        self.servers = 0  # kills of the server
        self.cuts = 0  # of the power, in a write
        self._keeper = keeper
        self._count = count
        self._restart = restart

    def links(self):
        plans = [draw(self.chance, self.chance.one_of(LINKS)) for _ in range(FAULTY)]
        return [plan._replace(at=self.chance.below(MOST_AT)) for plan in plans]

    async def fulfil(self):
        """Let the device live, again and again, until all that it took is delivered."""
        is_delivered = False
        while not is_delivered:
            cut = self.chance.below(2) * self.chance.below(WRITES)
            burst = self.chance.one_of(BURSTS)
            with self._keeper.power_on(self._count, burst=burst, every_ms=10, cut=cut) as device:
                for what in (self.chance.one_of(("server", "")), "device"):
                    moment = len(device.lines) + 1 + self.chance.below(LINES)
                    await asyncio.to_thread(device.wait_lines, moment)
                    if what == "server":
                        self.servers += 1
                        await self._restart()
            self.cuts += device.wait_end() not in (0, -9)
            is_delivered = self._keeper.note(device)


def stored(server, keeper):
    """The readings of a device that the room has, in the order of their times."""
    [device] = state_of(server, keeper.room)["devices"]
    return [i for _, i in device["history"]["i"]]


def check_told(path, keepers):
    """Each number came once, in order, and nothing of it was changed."""
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
def test_what_is_kept_arrives_once_and_in_order_whoever_is_killed(kind, devices, count, tmp_path, capsys):
    async def main():
        lock, places = asyncio.Lock(), asyncio.Semaphore(4)

        async def restart():
            async with lock:
                await asyncio.to_thread(server.restart)

        async def live(name, form):
            async with places, FaultProxy(server.port) as proxy:
                keeper = Keeper(tmp_path / "boards", name, form, proxy.port, room=name)
                fate = Fate(keeper, count, restart)
                proxy.plans = fate.links()
                await fate.fulfil()
                assert keeper.kept and len(keeper.epochs) == 1
                got = stored(server, keeper)
                assert all(a < b for a, b in pairwise(got))
                assert keeper.kept <= set(got) <= set(range(1, count + 1))
                with capsys.disabled() if count > 1000 else nullcontext():
                    print(
                        f"{name} on {form}: {len(got)} of {count} arrived, {len(keeper.kept)} were"
                        f" kept; {keeper.lives} lives, {fate.cuts} cut in a write,"
                        f" {len(proxy.passages)} connections, {fate.servers} kills of the server",
                    )
                return keeper

        keepers = await asyncio.gather(
            *(live(f"d{n}", FORMS[n % 2]) for n in range(devices))
        )
        if kind == "room_server":
            check_told(tmp_path / "rooms.db", keepers)

    with make(kind, tmp_path, history=10000) as server:
        if kind == "room_server":
            with closing(sqlite3.connect(tmp_path / "rooms.db")) as db:
                db.executescript(COUNTING)
        asyncio.run(main())
