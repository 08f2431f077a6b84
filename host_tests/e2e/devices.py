"""Devices as processes: a program of these tests, or an example, on MicroPython, CPython, or a
board with CircuitPython.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from circuitpython.runner import BOARDS
from interpreters import command_of
from needs import need_micropython, need_node

ROOT = Path(__file__).parents[2]
# The limit of every wait. Only a failure takes so long.
WAIT_S = 30.0
# The heap of a board.
HEAP = "192K"
# The heap of a board with CircuitPython: asyncio is not part of its firmware.
BOARD_HEAP = "256K"
# asyncio's debug mode prints this for code that took 100 ms. On a busy machine any code may.
_SLOW = re.compile(r"Executing <.* took [\d.]+ seconds$")


class Device:
    """One process. `lines` is its output so far; each wait continues where the last one ended.
    `lib`: another folder from which it imports the library, or several with colons between; `env`:
    added to the environment. Other arguments go to Popen.
    """

    def __init__(self, interpreter, program, *args, heap=HEAP, lib=None, env=None, **process):
        if interpreter in BOARDS and heap == HEAP:
            heap = BOARD_HEAP
        if interpreter == "node":
            command, variables = [need_node()], os.environ
        else:
            command, variables = command_of(interpreter, heap, lib, ("-u", "-X", "dev"))
        self.lines = []
        self._next = 0
        self._state = threading.Condition()
        self._has_ended = False
        self._process = subprocess.Popen(
            [*command, str(ROOT / program), *args],
            env={**variables, **(env or {})},
            **{"stdin": subprocess.DEVNULL, **process},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._collect, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.kill()

    def kill(self):
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    @property
    def stdin(self):
        return self._process.stdin

    def wait_end(self):
        """Wait until it ends by itself. Returns its exit status."""
        return self._process.wait(WAIT_S)

    def wait_output(self):
        """Wait for all of its output."""
        self._wait(lambda: self._has_ended, "end")

    def wait(self, what, **fields):
        """Wait for the next event `what` with these fields, and return it. A line that is not JSON
        is an event too.
        """
        wanted = dict(fields, what=what)
        with self._state:
            while True:
                while self._next < len(self.lines):
                    line = self.lines[self._next]
                    self._next += 1
                    event = json.loads(line) if line.startswith("{") else {"what": line}
                    if wanted.items() <= event.items():
                        return event
                if self._has_ended or not self._state.wait(WAIT_S):
                    raise AssertionError(f"no {wanted} in:\n" + "\n".join(self.lines))

    def wait_line(self, text, count=1):
        """Wait until `count` lines equal `text`."""
        self._wait(lambda: self.lines.count(text) >= count, text)

    def wait_lines(self, count):
        """Wait until it has printed so many lines, or has ended."""
        self._wait(lambda: len(self.lines) >= count or self._has_ended, f"line {count}")

    def wait_start(self, text):
        """Wait for a line that begins with `text`, and return the first one."""

        def found():
            return next((line for line in self.lines if line.startswith(text)), None)

        self._wait(found, text)
        return found()

    def _wait(self, is_so, what):
        """Wait until `is_so()` is true. Fail if the process ends before."""
        with self._state:
            self._state.wait_for(lambda: is_so() or self._has_ended, WAIT_S)
            assert is_so(), f"no {what!r} in:\n" + "\n".join(self.lines)

    def _collect(self):
        with self._process.stdout as output:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                if _SLOW.match(text):
                    continue
                with self._state:
                    self.lines.append(text)
                    self._state.notify_all()
        with self._state:
            self._has_ended = True
            self._state.notify_all()


def said(code, lib, interpreter="micropython", heap="4M"):
    """The output of a program that can only import from the folder `lib`. It must end."""
    # It is started in that folder, because the folder's name would take heap.
    if interpreter == "micropython":
        command = [need_micropython(), "-X", f"heapsize={heap}", "-c", code]
        variable = {"MICROPYPATH": ":.frozen"}
    # Without site-packages, because .venv has the checkout on its path.
    else:
        command, variable = [sys.executable, "-S", "-c", code], {"PYTHONPATH": str(lib)}
    done = subprocess.run(
        command,
        env={**os.environ, **variable},
        cwd=lib,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def talker(interpreter, *, lib=None, **settings):
    """A Device that runs talker.py. It is back soon after a loss, unless `options` say
    otherwise.
    """
    settings["options"] = {"min_reconnection_delay": 100, **settings.get("options", {})}
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        # Not as an argument: MicroPython takes none of more than 255 bytes.
        json.dump(settings, file)
    return Device(interpreter, "host_tests/e2e/talker.py", file.name, heap="1M", lib=lib)


async def next_of(client, type, **fields):
    """Return the next room message of a type with these fields. A device may be in its back-off
    first.
    """

    async def find():
        while True:
            message = await client.next(type)
            if fields.items() <= message.items():
                return message

    return await asyncio.wait_for(find(), WAIT_S)
