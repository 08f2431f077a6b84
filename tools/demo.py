"""Runs a room server and three devices on one computer, and shows the readings that arrive.

    make demo                 ends with Ctrl-C
    make demo FOR=20          ends by itself, with a summary. In the middle it kills the server and
                              starts it again
    make demo SERVER=party    uses the rooms of examples/party_server, on PartyServer
    make demo SERVER=cluster  the same on three processes; in the middle it kills the one with the
                              room

Each device is a MicroPython process with the heap of a board, and runs examples/sensor.py. If no
MicroPython runs on this computer, it is a CPython process, and the demo says so.
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from demo.process import Process
from demo.room import Room
from demo.table import Table

ROOT = Path(__file__).resolve().parent.parent
DEVICES = ("sensor-1", "sensor-2", "sensor-3")
SERVERS = {"room": "the room server", "party": "the party server", "cluster": "the cluster"}
HEAP = "192K"
# Enough for three random waits of up to 5, 10 and 20 s, on a slow computer.
BACK_WITHIN_S = 60
# The longest time from a device's start to its first reading.
FIRST_WITHIN_S = 30
SERVER_WITHIN_S = 15


class DemoError(Exception):
    """The demo can't go on. The text is for the user."""


class Demo:
    def __init__(self, seconds, port, server="room"):
        self.seconds = seconds
        self.port = port
        self.kind = server
        self.server_name = SERVERS[server]
        self.room = Room(DEVICES)
        self.began = time.monotonic()
        self.processes = []
        self.server = None
        self.table = Table()

    async def run(self, folder):
        micropython = find_micropython()
        if micropython is None:
            print(f"No MicroPython fits this computer ({sys.platform}): devices run on CPython.")
        self.folder = folder
        self.port = free_port(self.port)
        await self.start_server()
        print(f"Dashboard:  http://127.0.0.1:{self.port}/")
        kind = f"MicroPython with a heap of {HEAP}" if micropython else "CPython"
        print(f"Devices:    {', '.join(DEVICES)}, each {kind}, running examples/sensor.py")
        print(
            "Ctrl-C ends them all."
            if self.seconds is None
            else f"Ends by itself after {self.seconds} s."
        )
        for name in DEVICES:
            self.start_device(name, micropython)
        url = f"ws://127.0.0.1:{self.port}/parties/main/home?role=dashboard"
        watcher = asyncio.create_task(self.room.watch(url))
        try:
            await self.live()
        finally:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    async def live(self):
        await self.until(
            lambda: all(d.seen for d in self.room.devices.values()),
            FIRST_WITHIN_S,
            "first readings",
        )
        if self.seconds is None:
            await self.until(lambda: False, None, "")
        await self.until(lambda: self.elapsed() >= self.seconds / 2, None, "")
        if self.kind == "cluster":
            await self.kill_instance()
        else:
            await self.restart_server()
        await self.until(
            lambda: all(d.returned_s is not None for d in self.room.devices.values()),
            BACK_WITHIN_S,
            "return",
        )
        await self.until(lambda: self.elapsed() >= self.seconds, None, "")

    async def restart_server(self):
        self.table.say(f"Half-time: {self.server_name} is killed, and started again.")
        self.server.kill()
        # The server is away for a moment, as after a power cut.
        await asyncio.sleep(1)
        self.room.server_is_lost()
        await self.start_server()

    async def kill_instance(self):
        """Kill the instance of the cluster that has the room."""
        number = await asyncio.to_thread(self.owner)
        # Its latest process.
        pid = re.findall(rf"instance {number}: process (\d+)", self.server.output())[-1]
        self.table.say(
            f"Half-time: instance {number} of {self.server_name}, which has the room, is killed. "
            "Another one takes the room over after 20 s."
        )
        os.kill(int(pid), signal.SIGKILL)
        self.room.server_is_lost()
        self.room.server_runs()

    def owner(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}/parties/main/home") as answer:
            return answer.headers["X-Instance"]

    def elapsed(self):
        return time.monotonic() - self.began

    async def until(self, is_so, seconds, what):
        """Show the table until `is_so()` is true; DemoError if that takes more than `seconds`."""
        began = time.monotonic()
        while not is_so():
            for process in self.processes:
                if process.has_ended:
                    raise DemoError(
                        f"{process.name} ended unexpectedly:\n{tail(process.output())}"
                    )
            if seconds is not None and time.monotonic() - began > seconds:
                raise DemoError(f"no {what} within {seconds} s: " + self.missing())
            self.table.draw(self.room.devices.values(), self.elapsed())
            await asyncio.sleep(0.25)

    def missing(self):
        return ", ".join(
            f"{d.name} is {'online' if d.online else 'not there'} with {len(d.seen)} readings"
            for d in self.room.devices.values()
        )

    async def start_server(self):
        log = self.folder / f"server-{len(self.processes)}.log"
        port, rooms = str(self.port), str(self.folder / "rooms.db")
        if self.kind == "room":
            command = [sys.executable, "-m", "room_server", "--port", port, "--db", rooms]
        elif self.kind == "cluster":
            command = [sys.executable, "tools/cluster.py", "--port", port]
        else:
            command = [sys.executable, "tools/party_server.py", "--port", port, "--storage", rooms]
        env = dict(os.environ, PYTHONPATH=str(ROOT / "tools"), PYTHONUNBUFFERED="1")
        if self.server in self.processes:
            self.processes.remove(self.server)
        self.server = Process(self.server_name, command, ROOT, log, env)
        self.processes.append(self.server)
        began = time.monotonic()
        # Its own address is the only one that ends with a slash.
        while not re.search(r"http://\S+/\n", self.server.output()):
            if self.server.has_ended or time.monotonic() - began > SERVER_WITHIN_S:
                raise DemoError(f"{self.server_name} did not start:\n{tail(self.server.output())}")
            await asyncio.sleep(0.02)
        self.room.server_runs()

    def start_device(self, name, micropython):
        if micropython:
            command = [micropython, "-X", f"heapsize={HEAP}"]
            env = dict(os.environ, MICROPYPATH=f"{ROOT / 'lib'}:.frozen")
        else:
            command = [sys.executable]
            env = dict(os.environ, PYTHONPATH=str(ROOT / "lib"))
        command += ["examples/sensor.py", f"127.0.0.1:{self.port}", "home", name]
        self.processes.append(Process(name, command, ROOT, self.folder / f"{name}.log", env))

    def summary(self):
        print()
        first_s = self.room.first_reading_at - self.began
        print(f"First reading after {first_s:.1f} s (from the demo's start).")
        is_cluster = self.kind == "cluster"
        event = "its instance was killed" if is_cluster else "the server was killed and restarted"
        print(f"{'device':10} {'arrived':>8} {'lost':>5}   after {event}")
        for d in self.room.devices.values():
            back = (
                "did not come back" if d.returned_s is None else f"back after {d.returned_s:.1f} s"
            )
            what = (
                "kept all its readings"
                if not d.lost
                else f"lost {d.lost}, under way when the server died"
            )
            print(f"{d.name:10} {len(d.seen):8d} {d.lost:5d}   {back}; {what}")
        who = "next instance" if is_cluster else "restarted server"
        print(f"The {who} still knew {self.room.stored} readings from before.")


def find_micropython():
    """The path of this environment's MicroPython, or None if it does not run here."""
    path = Path(sys.executable).parent / "micropython"
    try:
        done = subprocess.run([path, "-c", "print(6 * 7)"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return str(path) if done.stdout.strip() == b"42" else None


def free_port(wanted):
    """`wanted` if this port is free, else another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
            print(f"Port {wanted} is in use: taking {probe.getsockname()[1]}.")
        return probe.getsockname()[1]


def tail(text, lines=15):
    return "\n".join("    " + line for line in text.splitlines()[-lines:])


def arguments():
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--for", dest="seconds", type=float, help="end after so many seconds (5 or more)"
    )
    parser.add_argument("--port", type=int, default=1999, help="of the server (1999)")
    text = "whose rooms: of the room server, of PartyServer on workerd, or of a cluster of it"
    parser.add_argument("--server", choices=tuple(SERVERS), default="room", help=text)
    args = parser.parse_args()
    if args.seconds is not None and not 5 <= args.seconds <= 86400:
        parser.error(f"--for takes 5 to 86400 seconds, not {args.seconds:g}")
    if not 0 <= args.port <= 65535:
        parser.error(f"--port takes 0 to 65535, not {args.port}")
    return args


async def main():
    args = arguments()
    demo = Demo(args.seconds, args.port, args.server)
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with tempfile.TemporaryDirectory(prefix="partysocket-demo-") as folder:
        try:
            await demo.run(Path(folder))
        except DemoError as e:
            print(f"\nThe demo failed: {e}", file=sys.stderr)
            return 1
        except asyncio.CancelledError:
            print("\nEnding.")
            return 0 if args.seconds is None else 130
        finally:
            for process in reversed(demo.processes):
                process.stop()
    demo.summary()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
