"""A room server as a separate process, for tests that need a real one."""

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
COMMAND = (sys.executable, "-m", "room_server")


class RoomServer:
    """`python -m room_server`, or another `command`, with `args`, on a free port, which a restart
    keeps. `env` is added to the environment. As a context manager it starts the process, and
    kills it at the end.

    Readings are in memory, unless `args` has `--db`. With `by_default` they are where the server
    keeps them without an option; then `env` must say where a user's data is. `inside` is the
    beginning of a command that runs it elsewhere.
    """

    def __init__(self, *args, env=None, by_default=False, inside=(), command=COMMAND):
        self._command = [*inside, *command]
        self.args = [str(arg) for arg in args]
        if by_default:
            assert {"HOME", "XDG_DATA_HOME"} <= set(env)
        elif "--db" not in self.args:
            self.args.append("--memory")
        self._env = env or {}
        self.port = 0
        # The three lines that it has printed: its address, how to reach it, where readings are.
        self.address = self.hint = self.kept = None
        self._process = None
        # The file with the output of the last process. `stderr` reads it.
        self._stderr = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def memory_kib(self):
        """Return the memory of the process now."""
        return processes.memory_kib(self.pid)

    @property
    def stderr(self):
        """The output of the last process on stderr so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode()

    def ws_url(self, room="home", party="main", query=""):
        """Return the address to join a room. `query` is the part after the `?`."""
        return f"ws://127.0.0.1:{self.port}/parties/{party}/{room}" + (query and f"?{query}")

    def start(self):
        """Start the server, wait for its three lines, and return self."""
        self._close_files()
        self._stderr = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*self._command, "--port", str(self.port), *self.args],
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
        self.hint = self.read_line()
        self.kept = self.read_line()
        return self

    def read_line(self):
        """Wait for a further line, and return it."""
        return self._process.stdout.readline().decode()

    def install_link(self):
        """Return the next link to the page that installs boards, which it prints after these
        lines.
        """
        return re.fullmatch(r"to install .* (https?://\S+)\n", self.read_line())[1]

    def kill(self):
        """End it with SIGKILL, like a power cut."""
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
