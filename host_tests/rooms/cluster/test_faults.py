"""Instances that are killed or restarted, and a bucket that is slow, refuses, or is gone for a
moment: real devices lose no reading, and rooms elsewhere notice nothing. `make soak` has more.
"""

import time
from pathlib import Path

from e2e.keepers import Keeper
from e2e.test_outbox import stored
from rooms.clients import state_of

from .bucket_proxy import GONE, REFUSING, WELL
from .calm import Calm
from .running import Running

QUICK = Path(__file__).with_name("quick.capnp")
# Less than a lease.
DISTURBED_S = 3
COUNT = 800


def power_on(keeper, count=COUNT):
    """Start a device with the default preset, that takes 50 readings a second."""
    query = {"role": "device", "name": keeper.name}
    return keeper.power_on(count, burst=5, every_ms=100, socket={"query": query})


def test_what_is_acknowledged_is_there_once_whatever_ends(tmp_path):
    with Running(tmp_path, config=QUICK) as server:
        rooms = [server.room_on(number) for number in (1, 2, 3)]
        keepers = [
            Keeper(tmp_path / "boards", f"d{n}", "micropython", server.port, room=room)
            for n, room in enumerate(rooms[:2])
        ]
        calm = Calm(server, rooms[2])
        with power_on(keepers[0]) as first, power_on(keepers[1]) as second:
            with calm.running():
                disturb_instances(server, rooms, (first, second))
            assert calm.close is None and calm.longest_s > 0
            disturb_bucket(server, rooms)
            for keeper, device in zip(keepers, (first, second)):
                device.wait("delivered", waiting=0)
                assert device.wait_end() == 0
                assert keeper.note(device)
        for keeper in keepers:
            assert stored(server, keeper) == list(range(1, COUNT + 1))
        assert state_of(server, rooms[2])["devices"][0]["last"]["n"] > 0


def disturb_instances(server, rooms, devices):
    """Kill the instance of the first room, and stop that of the second."""
    for device in devices:
        device.wait("open")
    killed, stopped = server.instances[:2]
    pids = killed.pid, stopped.pid
    since = time.time()
    killed.kill()
    server.answers_after(rooms[0], since)
    stopped.ask_to_stop()
    server.answers_after(rooms[1], since)
    for instance, pid in zip((killed, stopped), pids):
        server.replaced(instance, pid)


def disturb_bucket(server, rooms):
    for mode in (REFUSING, GONE):
        server.bucket.mode = mode
        time.sleep(DISTURBED_S)
        server.bucket.mode = WELL
        for room in rooms:
            server.answers_after(room, time.time())
