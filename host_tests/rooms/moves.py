"""Rooms to move: a life of the room server in virtual time, and what both servers show of it."""

import os
import random
import subprocess
import sys
import time

from rooms.clients import state_of
from rooms.local import Local
from rooms.server_process import _ROOT

OWNER, IMPORT = "0wner-s3cret-of-all", "1mport-s3cret-of-all"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# What is just as old as a tier may be shown by one server, and a moment later by the other no more.
EDGES = [(3 * DAY, 10 * MINUTE), (30 * DAY, 10 * MINUTE), (730 * DAY, 2 * HOUR)]
HOT = {"id": "hot", "device": "*", "name": "t", "kind": "above", "limit": 30, "targets": ["phone"]}
LOST = {"id": "lost", "device": "pump", "kind": "silent", "name": "t", "minutes": 90}
LAYOUT = {"cards": [{"device": "roof", "from": -0.5, "7": None, "1": 1e21}], "é": "☂"}
TARGETS = {"phone": {"kind": "ntfy", "url": "http://127.0.0.1:9/topic"}}
QUERIES = (
    "",
    "history=0",
    *(f"points={n}&device={device}" for n in (7, 300, 2000) for device in ("roof", "pump", "gone")),
    *(f"format=json&tier={tier}" for tier in ("raw", "minutes", "hours")),
)


def fill(path, seed=1, count=400):
    """Store a room `home` of two years with all kinds of data, and a small room `attic`."""
    chance = random.Random(seed)
    end = int(time.time() * 1000) - 5 * MINUTE
    local = Local(path, now=end - 740 * DAY, targets={"phone": "ntfy"})
    roof, pump = local.device("roof"), local.device("pump", "00000000000000aa")
    gone = local.join("device", "gone")
    roof.say({"type": "hello", "name": "Roof", "units": {"t": "°C"}, "sw": "1.2"})
    watch = local.join("dashboard")
    watch.say({"type": "layout", "version": 0, "layout": {}})
    watch.say({"type": "layout", "version": 1, "layout": LAYOUT})
    watch.say({"type": "alerts", "version": 0, "rules": [HOT, LOST]})
    ages = [740 * DAY, 200 * DAY, 60 * DAY, 29 * DAY, 10 * DAY, 2.5 * DAY, 2 * HOUR, 0]
    n = 0
    for begin, until in zip(ages, ages[1:]):
        times = sorted(end - chance.uniform(until, begin) for _ in range(count))
        for at in map(int, times):
            if any(abs(end - at - age) < width for age, width in EDGES):
                continue
            local.now = max(local.now, at)
            # Now and then one comes late.
            at -= chance.choice((0, 0, 0, 30_000, 2 * HOUR, 2 * DAY))
            n += 1
            t = chance.choice((round(chance.gauss(20, 8), 2), 1 / 3, -(2**53), 5))
            roof.batch(n - 1, (n, at, {"t": t, "on": chance.random() < 0.5, "é": "a\n☂"[n % 3]}))
            if n % 5 == 0:
                pump.say({"type": "reading", "values": {"t": 31.5 + n}, "at": at})
            if n % 97 == 0:
                pump.say({"type": "reading", "n": n, "epoch": "00000000000000aa", "values": {"x": n}})
        if until > 10 * DAY:
            gone.read(at=int(end - until - 7 * MINUTE), t=n)
    local.now = end
    local.room = local.rooms.open("main", "attic")
    local.device("lamp", None).read(on=True)
    local.store.close()
    return n


def move(path, url, *args, **env):
    """Return (exit status, output) of a move."""
    process = start(path, url, *args, **env)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def start(path, url, *args, **env):
    """Return the process of a move."""
    secrets = {"ROOM_SERVER_TOKEN": OWNER, "IMPORT_TOKEN": IMPORT, **env}
    command = [sys.executable, "-m", "room_server.moving", "--db", path, "--to", url, *args]
    return subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'tools'}:{_ROOT / 'lib'}", **secrets},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def shown(server, room="home"):
    """Return all that a server shows of a room to who asks, in one order."""
    return {query: _in_order(state_of(server, room, f"{query}&token={OWNER}")) for query in QUERIES}


def _in_order(state):
    state.pop("at", None)
    if "devices" in state:
        state["devices"].sort(key=lambda device: device["device"])
    if "points" in state:
        state["points"].sort(key=lambda point: (point["device"], point["name"], point["at"]))
    return state
