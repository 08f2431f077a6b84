"""Many readings a second into one room, with ten listeners: nothing is lost, and memory stays as
it is. And a year's readings fit into the file.
"""

import asyncio
import json
import time

import pytest

from bench import year
from rooms.clients import join, reading, state_of, until_all_left
from rooms.contract.servers import make

LISTENERS, DEVICES = 10, 20
# No listener is further behind, because a server must keep what it has not sent.
MOST_BEHIND = 2000


@pytest.mark.parametrize(
    "kind, pace, seconds",
    [
        ("room_server", 1000, 3),
        ("party_server", 1000, 3),
        pytest.param("room_server", 1000, 600, marks=pytest.mark.soak),
        pytest.param("party_server", 1000, 600, marks=pytest.mark.soak),
    ],
)
def test_nothing_is_lost_and_memory_stays(tmp_path, kind, pace, seconds):
    with make(kind, tmp_path, rate=100000) as server:
        asyncio.run(until_all_left(load(server, pace, seconds)))


async def load(server, pace, seconds):
    """Send `pace` readings a second, or as many as the server takes."""
    count = pace * seconds // DEVICES
    # workerd sends no pong to a client while messages wait to be sent to it.
    listeners = [await join(server, "r", pings=False) for _ in range(LISTENERS)]
    devices = [
        await join(server, "r", role="device", name=f"d{n}", hears="commands")
        for n in range(DEVICES)
    ]
    behind = [asyncio.Semaphore(MOST_BEHIND) for _ in listeners]
    hearing = [hear(*both, count) for both in zip(listeners, behind)]
    begun = time.monotonic()
    memory, *_ = await asyncio.gather(send(server, devices, behind, pace, count), *hearing)
    took_s = time.monotonic() - begun
    print(f"{count * DEVICES / took_s:,.0f} readings a second, memory {memory} KiB")
    for n in range(DEVICES):
        found = state_of(server, "r", f"format=json&device=d{n}")["points"]
        assert [point["value"] for point in found] == list(range(count))
    if len(memory) > 12:
        # It may grow for the first minutes, while caches fill.
        first, last = max(memory[: len(memory) // 3]), max(memory[-3:])
        assert last < first * 1.15 + 4096


async def send(server, devices, behind, pace, count):
    """Send `count` readings of each device. Return the server's memory meanwhile."""
    memory = []
    begun = told = time.monotonic()
    for n in range(count):
        due = begun + n * DEVICES / pace
        if (wait_s := due - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        for device in devices:
            for places in behind:
                await places.acquire()
            await device.send(reading(t=n))
        if time.monotonic() - told > 10:
            told = time.monotonic()
            memory.append(server.memory_kib())
            print(f"{n / count:.0%}, {memory[-1]:,} KiB", flush=True)
    return memory


async def hear(listener, behind, count):
    """Hear every reading of every device, each device's in order."""
    heard = dict.fromkeys((f"d{n}" for n in range(DEVICES)), 0)
    left = count * DEVICES
    while left:
        message = json.loads(await listener.raw())
        if message["type"] == "reading":
            name = message["device"]
            assert message["values"] == {"t": heard[name]}
            heard[name] += 1
            behind.release()
            left -= 1


@pytest.mark.parametrize("days, values", [(8, 2), pytest.param(365, 50, marks=pytest.mark.soak)])
def test_a_year_of_fifty_values_takes_at_most_200_megabytes(tmp_path, days, values):
    path = tmp_path / "rooms.db"
    year.make(path, int(time.time() * 1000), days, values, lambda share: print(f"{share:.1%}"))
    size = path.stat().st_size
    print(f"{size:,} bytes")
    # What is kept of so many days: readings of 3 days, minutes of 30, all hours. A year of 50
    # values is 3,894,000 rows.
    rows = values * (min(days, 3) * 8640 + min(days, 30) * 1440 + days * 24)
    assert size <= rows * 200_000_000 / 3_894_000
