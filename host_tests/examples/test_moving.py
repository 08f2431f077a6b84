"""examples/moving.py: a command moves it to a server of its own list, and to no other."""

import pytest

from needs import need_faketime
from rooms.clients import join
from rooms.server_process import RoomServer

from .boards import Board


@pytest.fixture
def other():
    with RoomServer() as running:
        yield running


async def command(member, value):
    """Send the command, and return the result."""
    await member.send({"type": "command", "device": "mover", "name": "move", "value": value})
    return await member.next("result")


async def test_it_moves_to_a_server_of_its_list_and_stays_there(server, other, host, tmp_path):
    new = f"127.0.0.1:{other.port}"
    old_room = await join(server, "home", role="dashboard")
    new_room = await join(other, "home", role="dashboard")
    with Board("moving.py", tmp_path / "board", host, new) as board:
        await old_room.presence("mover")
        for foreign in ("127.0.0.1:9", new + "0", True, "", None, [new]):
            result = await command(old_room, foreign)
            assert not result["ok"] and result["error"] == f"not one of {host}, {new}"
        assert (await command(old_room, new))["ok"]
        await old_room.presence("mover", online=False)
        await new_room.presence("mover")
        await new_room.next("reading")
        while not (board.folder / "host.txt").exists():
            await new_room.next("reading")
        board.kill()
        await new_room.presence("mover", online=False)
    # A restart stays there, and a list without that server begins with its first.
    with Board("moving.py", tmp_path / "board", host, new):
        await new_room.presence("mover")
    with Board("moving.py", tmp_path / "board", host):
        await old_room.presence("mover")


async def test_it_goes_back_from_a_server_that_does_not_answer(server, host, tmp_path):
    room = await join(server, "home", role="dashboard")
    fast = {"LD_PRELOAD": need_faketime(), "FAKETIME": "+0 x40"}
    with Board("moving.py", tmp_path / "board", host, "127.0.0.1:9", env=fast) as board:
        await room.presence("mover")
        assert (await command(room, "127.0.0.1:9"))["ok"]
        await room.presence("mover", online=False)
        await room.presence("mover")
        while not (board.folder / "host.txt").exists():
            await room.next("reading")
        assert (board.folder / "host.txt").read_text() == host
