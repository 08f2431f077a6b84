"""The load that the servers of rooms can take: 2,000 clients in one room, all of them coming back
after a restart, and one client that does not read. The clients are a process of their own
(crowd.py) on the same computer, so they leave less CPU for the server.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .devices import Missing
from .room_servers import ClusterUnderLoad, PartyServerUnderLoad, RoomServerUnderLoad

_CLIENTS, _FEW_CLIENTS = 2000, 200
_DASHBOARDS = 10
# As partysocket's Device joins. Its id is its name.
_DEVICE = "&role=device&hears=commands"
_HELLO = {"type": "hello", "name": "Sensor", "units": {"temperature": "°C"}}
_PACE_S = 0.25
_PACED, _FEW_PACED = 25, 4
_FAST = 50  # readings sent at once
# So many long readings fill the buffers of a client that does not read.
_LONG, _FILL = 40, 7000

HELD = "clients held in one room"
JOINED = "joins in a second"
MEMORY = "memory for a client"
PACED = "a reading to {count} clients, 4 in a second: p50 / p99 of delivery"
FAST = "readings as fast as they go: deliveries in a second"
LONG = "readings of 7 KiB as fast as they go: deliveries in a second"
STUCK = "the same with one client that does not read, beside that"
BACK = "all back after a restart"
TRIES = "attempts until then: refused / found nobody"
DEVICES_BACK = "{count} devices and ten dashboards: all back after a restart"
MESSAGES = "messages to all of them then, for each device"
ROWS = (HELD, JOINED, MEMORY, PACED, FAST, LONG, STUCK, BACK, TRIES, DEVICES_BACK, MESSAGES)


class Crowd:
    """The process with the clients."""

    def __init__(self, port):
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crowd.py")), str(port), "crowd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, what, **arguments):
        command = {"do": what, **arguments}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Missing("the clients' process ended")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._process:
            self._process.kill()


class Figures:
    """The cells of one server. If something can't be measured, its cell says why."""

    def __init__(self):
        self.cells = {}

    def take(self, row, measure, text):
        """Measure one figure and return it, or None."""
        try:
            value = measure()
        except Missing as error:
            self.miss(row, error)
            return None
        self.cells[row] = {"value": value, "text": text(value)}
        return value

    def miss(self, row, error):
        text = f"n/a: {error}"[:120].replace("|", "/")
        self.cells.setdefault(row, {"value": None, "text": text})


def measure(bench):
    count = bench.clients or (_FEW_CLIENTS if bench.is_quick else _CLIENTS)
    servers = {}
    kinds = [RoomServerUnderLoad, PartyServerUnderLoad]
    # Two restarts take it 40 s.
    if not bench.is_quick:
        kinds.append(ClusterUnderLoad)
    for kind in kinds:
        figures = servers[kind.title] = Figures()
        for part in (load, bring_back):
            try:
                part(kind, count, figures, bench)
            except (Missing, OSError) as error:
                for row in ROWS[-2:] if part is bring_back else ROWS[:-2]:
                    figures.miss(row, error)
    for row in ROWS:
        cells = {title: figures.cells[row] for title, figures in servers.items()}
        bench.rooms.append({"what": row.format(count=f"{count:,}"), "cells": cells})
    bench.note(
        f"Rooms: {count:,} clients in one process on this computer; each server keeps readings in "
        "a file and has its rates and numbers of clients raised. Delivery is from the publisher's "
        "send to each client's Python. After a restart every client comes at once, and those that "
        "fail wait up to 0.1 s by chance, doubling to 0.5 s. Devices hear only commands, as the "
        "library's do, and send a hello. A cluster has one room on one of its instances, so this "
        "shows what the way through haproxy and a bucket costs, and not what more machines gain; "
        "after a restart its rooms answer when the leases of the killed have ended, after 20 s."
    )


def load(kind, count, figures, bench):
    """Measure one server."""
    say, tries = bench.say, range(bench.tries())
    paced = _FEW_PACED if bench.is_quick else _PACED
    say(f"{count} clients in one room of the {kind.title}")
    with tempfile.TemporaryDirectory() as folder, kind(Path(folder), count) as server:
        idle_kb = server.memory_kb()
        with Crowd(server.port) as crowd:
            joined = crowd.do("join", count=count)
            inside = joined["inside"]
            if not inside:
                raise Missing(f"no client was let in: {joined['failures']}")
            figures.take(HELD, lambda: inside, "{:,}".format)
            figures.take(JOINED, lambda: inside / joined["seconds"], _number)
            each_kb = (server.memory_kb() - idle_kb) / inside
            figures.take(MEMORY, lambda: each_kb, "{:,.0f} kB".format)
            say("readings at a pace")
            figures.take(PACED, lambda: _delays_ms(crowd, paced), lambda ms: _pair(*ms) + " ms")
            say("readings as fast as they go")
            figures.take(FAST, lambda: median(_speed(crowd, _FAST, 0) for _ in tries), _number)
            pairs = [_with_and_without(crowd, say) for _ in tries]
            figures.take(LONG, lambda: median(_value(pair[0]) for pair in pairs), _number)
            figures.take(STUCK, lambda: median(_ratio(*pair) for pair in pairs), "{:.2f} x".format)
            say("a restart")
            crowd.do("storm")
            server.restart()
            back = crowd.do("back")
            figures.take(BACK, lambda: seconds(back, inside), "{:,.1f} s".format)
            figures.take(TRIES, lambda: failures(back), lambda two: _pair(*two))


def bring_back(kind, count, figures, bench):
    """Measure what it costs one server when its devices come back, with dashboards in the room."""
    bench.say(f"{count} devices and {_DASHBOARDS} dashboards come back to the {kind.title}")
    with tempfile.TemporaryDirectory() as folder, kind(Path(folder), count) as server:
        with Crowd(server.port) as crowd:
            crowd.do("join", count=count, query=_DEVICE, hello=_HELLO)
            joined = crowd.do("join", count=_DASHBOARDS, query="&role=dashboard")
            if joined["inside"] < count + _DASHBOARDS:
                raise Missing(f"{joined['inside']:,} were let in: {joined['failures']}")
            crowd.do("storm")
            server.restart()
            back = crowd.do("back")
            figures.take(DEVICES_BACK, lambda: seconds(back, joined["inside"]), "{:,.1f} s".format)
            each = crowd.do("settle")["messages"] / count
            figures.take(MESSAGES, lambda: each, "{:,.2f}".format)


def _delays_ms(crowd, count):
    answer = whole(crowd.do("publish", count=count, pause_s=_PACE_S))
    return [1000 * answer["p50_s"], 1000 * answer["p99_s"]]


def _with_and_without(crowd, say):
    """Return the speed of long readings without and with a client that does not read, or a
    Missing.
    """
    say("readings of 7 KiB")
    speeds = [_attempt(crowd)]
    say("and one client that does not read them")
    crowd.do("stick")
    speeds.append(_attempt(crowd))
    crowd.do("unstick")
    return speeds


def _attempt(crowd):
    try:
        return _speed(crowd, _LONG, _FILL)
    except Missing as error:
        return error


def _value(speed):
    if isinstance(speed, Missing):
        raise speed
    return speed


def _ratio(without, beside):
    return _value(beside) / _value(without)


def _speed(crowd, count, fill):
    answer = whole(crowd.do("publish", count=count, fill=fill))
    return answer["delivered"] / answer["took_s"]


def whole(answer):
    """Return the answer to a publish if each reading came to each client, in order."""
    if answer.get("delivered") != answer.get("expected") or answer.get("disorder"):
        counts = f"{answer.get('delivered', 0):,} of {answer.get('expected', 0):,}"
        raise Missing(f"{counts} arrived, {answer.get('disorder', 0)} out of order")
    return answer


def seconds(back, inside):
    if back["inside"] < inside:
        raise Missing(f"{back['inside']:,} of {inside:,} came back in {back['seconds']:.0f} s")
    return back["seconds"]


def failures(back):
    """Return how many attempts were refused by the server, and how many found no server."""
    nobody = back["failures"].get("0", 0)
    return [sum(back["failures"].values()) - nobody, nobody]


def _pair(first, second):
    return f"{first:,.0f} / {second:,.0f}"


def _number(value):
    return f"{value:,.0f}"
