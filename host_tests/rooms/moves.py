"""Rooms to move: a life of the room server in virtual time, and what both servers show of it."""

import os
import random
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rooms.clients import state_of
from rooms.local import Local
from rooms.server_process import _ROOT

OWNER, IMPORT = "0wner-s3cret-of-all", "1mport-s3cret-of-all"
PUMP = "00000000000000aa"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# What is just as old as a tier may be shown by one server, and a moment later by the other no
# more. And of the oldest hour of raw readings, a snapshot of the party server has none.
EDGES = [(3 * DAY, 2 * HOUR), (30 * DAY, 10 * MINUTE), (730 * DAY, 2 * HOUR)]
HOT = {"id": "hot", "device": "*", "name": "t", "kind": "above", "limit": 30, "targets": ["phone"]}
LOST = {"id": "lost", "device": "pump", "kind": "silent", "name": "t", "minutes": 90}
LAYOUT = {"cards": [{"device": "roof", "from": -0.5, "7": None, "1": 1e21}], "é": "☂"}
TARGETS = {"phone": {"kind": "ntfy", "url": "http://127.0.0.1:9/topic"}}
QUERIES = (
    "",
    "history=0",
    *(
        f"points={n}&device={device}"
        for n in (7, 300, 2000)
        for device in ("roof", "pump", "gone")
    ),
    *(f"format=json&tier={tier}" for tier in ("raw", "minutes", "hours")),
)


def fill(path, seed=1, count=400):
    """Store a room `home` of two years with all kinds of data, and a small room `attic`."""
    chance = random.Random(seed)
    end = int(time.time() * 1000) - 5 * MINUTE
    local = Local(path, now=end - 740 * DAY, targets={"phone": "ntfy"})
    roof, pump = local.device("roof"), local.device("pump", PUMP)
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
            # Now and then one comes late.
            came, at = at, at - chance.choice((0, 0, 0, 30_000, 2 * HOUR, 2 * DAY))
            if any(abs(end - at - age) < width for age, width in EDGES):
                continue
            local.now = max(local.now, came)
            n += 1
            t = chance.choice((round(chance.gauss(20, 8), 2), 1 / 3, -1234567.5, 5))
            roof.batch(n - 1, (n, at, {"t": t, "on": chance.random() < 0.5, "é": "a\n☂"[n % 3]}))
            if n % 5 == 0:
                pump.say({"type": "reading", "values": {"t": 31.5 + n}, "at": at})
            if n % 97 == 0:
                pump.say({"type": "reading", "n": n, "epoch": PUMP, "values": {"x": n}})
        if until > 10 * DAY:
            gone.read(at=int(end - until - 7 * MINUTE), t=n)
    local.now = end
    # Many at last: more than a party server keeps outside of chunks.
    for begin in range(0, 1200, 30):
        batch = [(n + i, end - 1200_000 + 1000 * (begin + i), {"fast": i}) for i in range(1, 31)]
        roof.batch(n, *batch)
        n += 30
    local.room = local.rooms.open("main", "attic")
    local.device("lamp", None).read(on=True)
    while local.store.sweep(end):
        pass
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
    return {
        query: _in_order(state_of(server, room, f"{query}&token={OWNER}")) for query in QUERIES
    }


def _in_order(state):
    state.pop("at", None)
    if "devices" in state:
        state["devices"].sort(key=lambda device: device["device"])
    if "points" in state:
        state["points"].sort(key=lambda point: (point["device"], point["name"], point["at"]))
    return state


class Between:
    """A proxy before a party server. `meet(number, body, forward)` gets each piece, and returns
    the answer, or None: then the connection ends without one. As a context manager it has a `url`.
    """

    def __init__(self, server, meet):
        meet_next = meet

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))

                def forward(body=body):
                    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
                    headers = dict(self.headers, **{"Content-Length": str(len(body))})
                    connection.request(self.command, self.path, body, headers)
                    reply = connection.getresponse()
                    return reply.status, reply.read()

                if self.command == "PUT":
                    answer = meet_next(int(self.path.rpartition("=")[2]), body, forward)
                else:
                    answer = forward()
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
