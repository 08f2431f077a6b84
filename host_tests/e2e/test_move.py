"""A device with readings on flash goes on when its room has moved to the party server: real
MicroPython with a littlefs in a file, and both servers as processes.
"""

import asyncio

from rooms.clients import state_of
from rooms.contract.servers import make
from rooms.moves import IMPORT, move

from .keepers import Keeper

COUNT = 120


def stored(server):
    points = state_of(server, "r", "format=json&name=i")["points"]
    return sorted(point["value"] for point in points)


async def test_no_reading_is_lost_or_doubled_by_a_move(tmp_path):
    old_folder, new_folder = tmp_path / "old", tmp_path / "new"
    old_folder.mkdir()
    new_folder.mkdir()
    old = make("room_server", old_folder)
    with old:
        keeper = Keeper(tmp_path / "board", "k", "micropython", old.port)
        # Acknowledged ones, some that the board may not know to be, and some that were not sent.
        with keeper.power_on(COUNT // 3) as device:
            await asyncio.to_thread(device.wait, "delivered")
            keeper.note(device)
        with keeper.power_on(2 * COUNT // 3, every_ms=20, sync_every=5) as device:
            # Between a reading on disk and the board's knowledge of it.
            await asyncio.to_thread(device.wait, "kept", to=COUNT // 2)
            old.kill()
            await asyncio.to_thread(device.wait, "kept", to=2 * COUNT // 3)
            device.kill()
        keeper.note(device)
    before = COUNT // 3
    with make("party_server", new_folder, import_token=IMPORT) as new:
        status, said = move(old_folder / "rooms.db", new.url)
        assert status == 0, said
        moved = stored(new)
        assert moved == [*range(1, len(moved) + 1)] and before <= len(moved) < keeper.taken
        keeper.dial(new.port)
        with keeper.power_on(COUNT) as device:
            await asyncio.to_thread(device.wait, "delivered", all=True)
            assert device.wait_end() == 0
        assert keeper.note(device)
        assert len(keeper.epochs) == 1
        assert stored(new) == [*range(1, COUNT + 1)]
