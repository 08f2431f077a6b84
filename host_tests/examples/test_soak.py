"""examples/soak.py: a few rounds of it, while the server is killed and comes back."""

import asyncio
import json
import signal
import time
from pathlib import Path

from e2e.devices import WAIT_S
from needs import need
from rooms.clients import join, state_of

from .boards import Board

ROUNDS = 100
TCP = Path("/proc/net/tcp")


def report(board):
    return json.loads(board.wait_start("soak {")[5:])


def wait_unread(port):
    """Wait until something that was sent to the port waits there unread."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for line in TCP.read_text().splitlines()[1:]:
            _, local, _, state, queues = line.split()[:5]
            # The state "established".
            is_ours = local.endswith(f":{port:04X}") and state == "01"
            if is_ours and int(queues.split(":")[1], 16):
                return
    raise AssertionError("nothing comes")


async def test_its_line_tells_of_a_server_that_was_away_and_that_nothing_was_lost(
    server, host, tmp_path
):
    need("/proc/net/tcp", TCP.exists(), "run it on Linux")
    with Board("soak.py", tmp_path / "board", host, str(ROUNDS), "0.02") as board:
        async with join(server, "soak", role="dashboard") as dashboard:
            while (await dashboard.next("reading"))["values"]["n"] < 20:
                pass
        server.signal(signal.SIGSTOP)
        await asyncio.to_thread(wait_unread, server.port)
        server.kill()
        server.start()
        assert board.wait_end() == 0
    found = report(board)
    assert found["rounds"] == ROUNDS and found["late"] == 0 and found["discarded"] == 0
    assert found["opens"] >= 20 and found["drops"] >= 1
    # It is more than ROUNDS if a reading had to be sent twice.
    assert found["heard"] > 0
    assert len(found["heap"]) == 20
    assert 0 < found["least free"] <= min(free for free, _ in found["heap"])
    assert all(0 < largest <= free for free, largest in found["heap"])
    assert "MicroPython" in found["on"][1] and found["on"][2].startswith("partysocket ")
    (device,) = state_of(server, "soak")["devices"]
    assert {n for _, n in device["history"]["n"]} == set(range(ROUNDS))


def test_ctrl_c_ends_it_with_the_line(host, tmp_path):
    with Board("soak.py", tmp_path / "board", host, "1000", "0") as board:
        board.wait_start("100 rounds")
        board.interrupt(signal.SIGINT)
        assert board.wait_end() != 0
        assert 100 <= report(board)["rounds"] < 1000
