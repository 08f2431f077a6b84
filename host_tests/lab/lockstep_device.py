"""A MicroPython process that takes turns with this one. See lockstep.py."""

import json
import os
import select
import subprocess
from pathlib import Path

from e2e.devices import HEAP, WAIT_S
from interpreters import lib_of
from needs import need_micropython

from .lockstep import Stalled

_HERE = Path(__file__).parent


class LockstepDevice:
    """It begins to run when it becomes the loop's `device`, and then has the first turn."""

    def __init__(self, loop, program, *args, heap=HEAP, on_event=None):
        # The time until its next timer. None: there is none, or it has ended.
        self.wanted_ms = 0
        self.events = []
        # Its output, without events.
        self.lines = []
        self.has_ended = False
        self._on_event = on_event or (lambda event: None)
        self._loop = loop
        self._buffer = b""
        lib = lib_of("micropython")
        self._process = subprocess.Popen(
            [need_micropython(), "-X", f"heapsize={heap}", str(_HERE / program), *map(str, args)],
            env={**os.environ, "MICROPYPATH": f"{lib}:.frozen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self):
        self._hear()
        self._loop.device = self
        return self

    def __exit__(self, *_):
        self._loop.device = None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    @property
    def pid(self):
        return self._process.pid

    def go_on(self, ms):
        """Let it run until it waits again. Its clock is `ms` later than when it stopped."""
        if not self.has_ended:
            self._say(f"go {ms}")
            self._hear()

    def heap(self):
        """The bytes that it has in use. It waits now, and does not run."""
        self._say("heap")
        return int(self._line().split()[1])

    def _say(self, order):
        self._process.stdin.write(order.encode() + b"\n")
        self._process.stdin.flush()

    def _hear(self):
        while not self.has_ended:
            line = self._line()
            if line.startswith("wait "):
                ms = int(line[5:])
                self.wanted_ms = None if ms < 0 else ms
                return
            if line.startswith("{"):
                self.events.append(json.loads(line))
                self._on_event(self.events[-1])
            elif line:
                self.lines.append(line)

    def _line(self):
        """Its next line, or "" when it has ended. It does not take long, because it waits for
        nothing.
        """
        while b"\n" not in self._buffer:
            if not select.select([self._process.stdout], [], [], WAIT_S)[0]:
                raise Stalled("the device neither waits nor ends: " + "\n".join(self.lines))
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                self.has_ended = True
                self.wanted_ms = None
                self.lines += self._buffer.decode(errors="replace").splitlines()
                return ""
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")
