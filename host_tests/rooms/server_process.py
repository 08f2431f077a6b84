"""A room server as a process of its own, for tests that need a real one."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import processes

_ROOT = Path(__file__).parents[2]
_TIMEOUT_S = 20.0


class RoomServer:
    """`python -m room_server` with `args`, on a free port that a restart keeps; `env` is added to
    the environment. As a context manager it starts, and in the end kills what still runs.
    """

    def __init__(self, *args, env=None):
        self.args = [str(arg) for arg in args]
        self._env = env or {}
        self.port = 0
        self.address = self.hint = None  # what it has printed: its address, and who reaches it
        self._process = None
        self._stderr = None  # the file of the last process; read it with `stderr`

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def memory_kib(self):
        """Return what the process holds in memory now."""
        return processes.memory_kib(self.pid)

    @property
    def stderr(self):
        """What the last process has written to stderr so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode()

    def ws_url(self, room="home", party="main", query=""):
        """Return the address to join a room; `query` is what stands after the `?`."""
        return f"ws://127.0.0.1:{self.port}/parties/{party}/{room}" + (query and f"?{query}")

    def start(self):
        """Start the server, wait for its two lines, and return self."""
        self._close_files()
        self._stderr = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "room_server", "--port", str(self.port), *self.args],
            env={**os.environ, "PYTHONPATH": str(_ROOT / "tools"), **self._env},
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        line = self._process.stdout.readline().decode()
        found = re.fullmatch(r"room server: (https?://\S+:([0-9]+))/\n", line)
        if not found:
            self.kill()
            raise RuntimeError(f"no room server: {line!r} {self.stderr}")
        self.address, self.port = found[1], int(found[2])
        self.hint = self._process.stdout.readline().decode()
        return self

    def kill(self):
        """End it with SIGKILL, as a power cut would."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(_TIMEOUT_S)

    def stop(self, number=signal.SIGTERM):
        """Send a signal and return the exit status."""
        self.signal(number)
        return self.wait()

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self):
        return self._process.wait(_TIMEOUT_S)

    def restart(self):
        """Kill it if it runs, and start it again on the same port."""
        self.kill()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self._close_files()

    def _close_files(self):
        if self._process:
            self._process.stdout.close()
            self._stderr.close()
