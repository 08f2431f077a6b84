"""The bridge as a process, and a device for it."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from mqtt.brokers import WAIT_S

_ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "room_server.mqtt")


class Bridge:
    """`python -m room_server.mqtt`, or another `command`, between a room server and a broker. As a
    context manager it runs, and is killed at the end. Its first line is `said`.
    """

    def __init__(self, server, broker, *arguments, rooms=("home",), command=COMMAND, env=None):
        places = [part for room in rooms for part in ("--room", room)]
        self._command = [*command, *places, "--server", server.url, *arguments]
        if not any("--broker" in str(each) for each in arguments):
            self._command += ["--broker", f"127.0.0.1:{broker.port}"]
        self._env = {"PYTHONPATH": f"{_ROOT / 'tools'}:{_ROOT / 'lib'}", **(env or {})}
        self._process = self._output = self.said = None

    def start(self):
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [str(part) for part in self._command],
            env={**os.environ, **self._env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._output,
        )
        self.said = self._process.stdout.readline().decode()
        assert self.said, self.stderr
        return self

    @property
    def pid(self):
        return self._process.pid

    @property
    def stderr(self):
        self._output.seek(0)
        return self._output.read().decode()

    def stop(self):
        """End it with SIGTERM. It must end well, without a traceback."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(WAIT_S) == 0, self.stderr
        assert "Traceback" not in self.stderr, self.stderr

    def pause(self):
        """Let it do nothing more."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self):
        self._process.kill()
        self._process.wait(WAIT_S)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self._process.stdout.close()
        self._output.close()
