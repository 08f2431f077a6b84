"""The same for long, with the real lease of 20 s. It prints what is unavailable, and for how long.

10^5 readings through 20 kills and 5 rolling restarts; a bucket that is gone for a minute; 2,000
devices in 300 rooms.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.seeds import Chance
from e2e.keepers import Keeper
from e2e.test_outbox import stored

from .bucket_proxy import GONE, REFUSING, SILENT, SLOW, WELL
from .calm import Calm
from .running import Running

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[3]
KILLS, ROLLS = 20, 5
KEEPERS, READINGS = 10, 10_000
MODES = (
    (SLOW, 60),
    (REFUSING, 8),
    (REFUSING, 60),
    (SILENT, 8),
    (SILENT, 60),
    (GONE, 8),
    (GONE, 60),
)


@contextmanager
def keepers_at_work(folder, server, rooms, count, every_ms):
    """Yield a device with an outbox for each room, and check at the end that each reading is in
    the room once.
    """
    keepers, devices = [], []
    try:
        for n, room in enumerate(rooms):
            keeper = Keeper(folder / "boards", f"d{n}", "micropython", server.port, room=room)
            query = {"role": "device", "name": keeper.name}
            keepers.append(keeper)
            devices.append(
                keeper.power_on(count, burst=10, every_ms=every_ms, socket={"query": query})
            )
        yield devices
        for keeper, device in zip(keepers, devices):
            device.wait("delivered", waiting=0)
            assert device.wait_end() == 0
            assert keeper.note(device)
    finally:
        for device in devices:
            device.kill()
    for keeper in keepers:
        assert stored(server, keeper) == list(range(1, count + 1))


def quantiles(seconds):
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    median = statistics.median(ordered)
    return f"median {median:.1f} s, p99 {p99:.1f} s, worst {ordered[-1]:.1f} s"


def test_a_hundred_thousand_readings_through_kills_and_rolling_restarts(tmp_path, capsys):
    chance = Chance("kills")
    away = []
    with Running(tmp_path, env={"RATE": "1000"}) as server:
        rooms = [f"k{n}" for n in range(KEEPERS)]
        with keepers_at_work(tmp_path, server, rooms, READINGS, 400) as devices:
            for device in devices:
                device.wait("open")
            for n in range(KILLS):
                instance = server.instances[chance.below(3)]
                hit = [room for room in rooms if server.entry(room) is instance]
                pid, since = instance.pid, time.time()
                instance.kill()
                away += [server.answers_after(room, since) for room in hit]
                server.replaced(instance, pid)
                if n % (KILLS // ROLLS) == 0:
                    server.restart_each()
    with capsys.disabled():
        print(
            f"\n{KEEPERS * READINGS} readings, {KILLS} kills, {ROLLS} rolling restarts: none lost"
            f" or doubled. Rooms of a killed instance answered after {quantiles(away)}"
        )


@pytest.mark.parametrize(("mode", "seconds"), MODES)
def test_a_bucket_that_is_disturbed(mode, seconds, tmp_path, capsys):
    with Running(tmp_path) as server:
        rooms = [server.room_on(number) for number in (1, 2, 3)]
        with keepers_at_work(tmp_path, server, rooms, 2000, 400) as devices:
            for device in devices:
                device.wait("open")
            server.bucket.mode = mode
            since = time.time()
            time.sleep(seconds)
            server.bucket.mode = WELL
            back = [server.answers_after(room, since) - seconds for room in rooms]
            ended = [text for _, text in server.told if "has ended" in text]
        closes = sum('"close"' in line for device in devices for line in device.lines)
    with capsys.disabled():
        print(
            f"\nbucket {mode} for {seconds} s: none lost or doubled; {len(ended)} instances ended,"
            f" rooms answer {max(back):.1f} s after it, {closes} connections of 3 devices ended"
        )


class Fleet:
    """The devices of fleet.py."""

    def __init__(self, port, count, rooms, every_s, preset="DEVICE"):
        self.count = count
        # (time, device, "open" or "close"), in their order.
        self.events = []
        arguments = map(str, (port, 0, count, rooms, every_s, preset))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fleet.py")), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT / "lib")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._collect, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _collect(self):
        for line in self._process.stdout:
            event = json.loads(line)
            self.events.append((event["t"], event["k"], event["what"]))

    def wait_all(self, within_s=300):
        """Wait until all are open."""
        began = time.time()
        while sum(self._open().values()) < self.count:
            assert time.time() - began < within_s, f"{sum(self._open().values())} are open"
            time.sleep(0.2)

    def _open(self):
        return {k: what == "open" for _, k, what in tuple(self.events)}

    def back(self, since):
        """For each device that lost its connection after `since`, how long it was away."""
        closed, back = set(), {}
        for at, k, what in tuple(self.events):
            if at >= since and what == "close":
                closed.add(k)
            elif at >= since and k in closed:
                back[k] = at - since
        return [back[k] for k in closed]


@pytest.mark.parametrize("preset", ["DEVICE", "PARTYSOCKET"])
def test_two_thousand_devices_in_three_hundred_rooms(preset, tmp_path, capsys):
    env = {"MAX_CLIENTS": "5000", "RATE": "1000"}
    away, rooms_away = {"kill": [], "stop": []}, {"kill": [], "stop": []}
    # KILLS=n: fewer.
    kills = int(os.environ.get("KILLS", 10 if preset == "DEVICE" else 2))
    with Running(tmp_path, env=env) as server, Fleet(server.port, 2000, 300, 300, preset) as fleet:
        fleet.wait_all()
        for n in range(kills + 3):
            what = "kill" if n < kills else "stop"
            instance = server.instances[n % 3]
            room = next(f"r{k}" for k in range(300) if server.entry(f"r{k}") is instance)
            other = server.instances[(n + 1) % 3]
            calm = Calm(server, server.room_on(other.number))
            with calm.running():
                pid, since = instance.pid, time.time()
                instance.kill() if what == "kill" else instance.ask_to_stop()
                rooms_away[what].append(server.answers_after(room, since))
                server.replaced(instance, pid)
                fleet.wait_all()
                away[what] += fleet.back(since)
            assert calm.close is None
            with capsys.disabled():
                print(
                    f"\n{preset}, {what} {n + 1}: its room {rooms_away[what][-1]:.1f} s;"
                    f" {len(away[what])} devices so far {quantiles(away[what])};"
                    f" the longest gap elsewhere {calm.longest_s:.2f} s",
                    end="",
                )
