"""One run of kosoku, which serves the Autobahn test suite's cases to echo.py."""

import json
import os
import queue
import re
import shutil
import subprocess
import threading
from pathlib import Path

from websockets.sync.client import connect

from interpreters import command_of
from needs import need_kosoku

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "build" / "conformance"
_ECHO = Path(__file__).with_name("echo.py")
# To start, and to write its reports.
_SERVER_LIMIT_S = 60


class Run:
    """The results of the cases that `patterns` choose, on one interpreter.

    `cases`: case id -> the server's grades, "behavior" and "behaviorClose". `fault`: the text
    about a case that hung or killed its process; the cases after it are missing.
    """

    def __init__(self, interpreter, folder, patterns, count, *, most, heap, limit_s):
        self.reports = REPORTS / folder
        self.fault = None
        # For one case.
        self._limit_s = limit_s
        self._command, self._env = command_of(interpreter, heap)
        shutil.rmtree(self.reports, ignore_errors=True)
        include = [part for pattern in patterns for part in ("-i", pattern)]
        command = [need_kosoku(), "-m", "fuzzingserver", "127.0.0.1:0", "-o", self.reports]
        server = subprocess.Popen(
            [*command, *include],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            lines = _lines(server)
            first = lines.get(timeout=_SERVER_LIMIT_S)
            found = re.search(r"ws://\S+", first or "")
            assert found, f"kosoku did not start: {first}"
            base = found.group()
            self._echo_all(base, interpreter, most, count)
            with connect(f"{base}/updateReports?agent={interpreter}"):
                # It has ended, and says so.
                pass
            server.wait(_SERVER_LIMIT_S)
        finally:
            server.kill()
            server.wait()
        with open(self.reports / "index.json", encoding="utf-8") as file:
            # By agent. There is only one.
            (self.cases,) = json.load(file).values()

    def _echo_all(self, base, agent, most, count):
        """Run all cases in one process, which prints when each begins."""
        process = subprocess.Popen(
            [*self._command, str(_ECHO), base, agent, str(most), *map(str, range(1, count + 1))],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        lines = _lines(process)
        # The output of the current case. Its number comes first.
        said = []
        try:
            while (line := lines.get(timeout=self._limit_s)) != "end":
                if line is None:
                    raise EOFError(f"died with exit code {process.wait()}")
                said = [line] if line.isdigit() else [*said, line]
        except (queue.Empty, EOFError) as end:
            how = str(end) or f"no end within {self._limit_s} s"
            self.fault = "\n".join([f"case number {said[:1]}: {how}", *said[1:]])
        finally:
            process.kill()
            process.wait()


def _lines(process):
    """A queue of the lines that the process prints. None marks their end."""
    lines = queue.Queue()

    def collect():
        for line in process.stdout:
            lines.put(line.decode(errors="replace").rstrip())
        lines.put(None)

    threading.Thread(target=collect, daemon=True).start()
    return lines
