"""The servers of rooms as processes, with limits that allow many clients."""

import os
import re
import subprocess
import sys
import tempfile
import threading

import processes
from cluster.together import Cluster
from party_server import PartyServer, StartError, find_workerd

from .devices import ROOT, Missing

_START_S = 30


def memory_kb(pid):
    """Return what a process holds in memory, in kB."""
    try:
        return processes.memory_kib(pid) * 1.024
    except OSError as error:
        raise Missing(f"nobody tells the server's memory: {error}") from None


class RoomServerUnderLoad:
    title = "room server"

    def __init__(self, folder, count):
        self.port = 0
        most = str(2 * count + 100)
        self._args = ["--db", str(folder / "rooms.db"), "--max-connections", most]
        self._args += ["--max-devices", str(count)]
        for limit in ("--max-per-address", "--max-clients", "--rate", "--request-rate"):
            self._args += [limit, str(max(100000, 2 * count + 100)) if "rate" in limit else most]
        self._process = None
        self._errors = tempfile.TemporaryFile()

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *_):
        self._kill()
        self._errors.close()

    def memory_kb(self):
        return memory_kb(self._process.pid)

    def restart(self):
        """Kill it, and return when it listens again on its port."""
        self._kill()
        self._start()

    def _start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "room_server", "--port", str(self.port), *self._args],
            env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        deadline = threading.Timer(_START_S, self._process.kill)
        deadline.start()
        found = re.search(r":([0-9]+)/", self._process.stdout.readline())
        deadline.cancel()
        if not found:
            self._errors.seek(0)
            raise Missing(self._errors.read().decode(errors="replace").strip() or "no start")
        self.port = int(found[1])

    def _kill(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


class PartyServerUnderLoad:
    title = "PartyServer on workerd"

    def __init__(self, folder, count):
        if not find_workerd():
            raise Missing("workerd is not installed")
        self._log = tempfile.TemporaryFile()
        # The party server takes no more: a room has 128 MB of memory.
        devices = min(count, 5000)
        limits = {"MAX_CLIENTS": str(2 * count + 100), "MAX_DEVICES": str(devices)}
        limits["RATE"] = "100000"
        self._server = PartyServer(folder / "storage", env=limits, log=self._log)

    def __enter__(self):
        try:
            self._server.start()
        except StartError as error:
            raise Missing(str(error)) from None
        return self

    def __exit__(self, *_):
        self._server.kill()
        self._log.close()

    @property
    def port(self):
        return self._server.port

    def memory_kb(self):
        return memory_kb(self._server.pid)

    def restart(self):
        """Kill it, and return when it listens again on its port."""
        self._server.kill()
        self._server.start()


class ClusterUnderLoad:
    """Everything is on this computer: three workerd, the bucket, and haproxy before them."""

    title = "three workerd, a cluster"

    def __init__(self, folder, count):
        if not find_workerd():
            raise Missing("workerd is not installed")
        limits = {"MAX_CLIENTS": str(2 * count + 100), "MAX_DEVICES": str(min(count, 5000))}
        self._cluster = Cluster(folder / "cluster", env={**limits, "RATE": "100000"})

    def __enter__(self):
        try:
            self._cluster.__enter__()
        except StartError as error:
            raise Missing(str(error)) from None
        return self

    def __exit__(self, *_):
        self._cluster.__exit__()

    @property
    def port(self):
        return self._cluster.port

    def memory_kb(self):
        return sum(memory_kb(instance.pid) for instance in self._cluster.instances)

    def restart(self):
        """Kill all instances, and return when they listen again."""
        for instance in self._cluster.instances:
            instance.kill()
        for instance in self._cluster.instances:
            instance.start()
