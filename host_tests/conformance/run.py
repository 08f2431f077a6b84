"""One run of kosoku, which serves the Autobahn test suite's cases to echo.py."""

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from websockets.sync.client import connect

from circuitpython.runner import BOARDS, board_command
from needs import need_kosoku, need_micropython

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "build" / "conformance"
_ECHO = Path(__file__).with_name("echo.py")
_SERVER_LIMIT_S = 60  # to start, and to write its reports
_MOST_HANGS = 3  # and the run ends: the cases that follow are missing in it


class Run:
    """What became of the cases that `patterns` choose, on one interpreter.

    `cases`: case id -> the server's grades, "behavior" and "behaviorClose". `hangs`: the number
    of each case that hung or killed its process, and what is to be said of it.
    """

    def __init__(self, interpreter, folder, patterns, count, *, most, heap, limit_s):
        self.reports = REPORTS / folder
        self.hangs = []
        self._limit_s = limit_s  # for one case
        self._command, self._env = _interpreter(interpreter, heap)
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
                pass  # it ends, and so says
            server.wait(_SERVER_LIMIT_S)
        finally:
            server.kill()
            server.wait()
        with open(self.reports / "index.json", encoding="utf-8") as file:
            (self.cases,) = json.load(file).values()  # by agent, and there is one

    def _echo_all(self, base, agent, most, count):
        """One process for all; after a case that hangs or kills it, another for the rest."""
        following = 1
        while following <= count and len(self.hangs) < _MOST_HANGS:
            numbers = map(str, range(following, count + 1))
            process = subprocess.Popen(
                [*self._command, str(_ECHO), base, agent, str(most), *numbers],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            try:
                how, number, printed = self._follow(process, following)
            finally:
                process.kill()
                process.wait()
            if how is None:
                return
            self.hangs.append((number, f"{how}\n" + "\n".join(printed)))
            following = number + 1

    def _follow(self, process, number):
        """Return how it ended, None if well; in which case; and what it said there."""
        lines = _lines(process)
        printed = []
        while True:
            try:
                line = lines.get(timeout=self._limit_s)
            except queue.Empty:
                return f"no end within {self._limit_s} s", number, printed
            if line is None:
                return f"died with exit code {process.wait()}", number, printed
            if line == "end":
                return None, None, printed
            if line.isdigit():
                number = int(line)
                printed = []
            else:
                printed.append(line)

    def hang_texts(self):
        """The hangs, each with its case's id where the server knows it."""
        ids = {}
        for path in self.reports.glob("*_case_*.json"):
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            ids[report["case"]] = report["id"]
        return [
            f"case {ids.get(number, '?')} (number {number}): {text}" for number, text in self.hangs
        ]


def _interpreter(name, heap):
    if name in BOARDS:
        return board_command(name, heap)
    lib = str(ROOT / "lib")
    if name == "micropython":
        command = [need_micropython(), "-X", f"heapsize={heap}"]
        return command, {**os.environ, "MICROPYPATH": f"{lib}:.frozen"}
    return [sys.executable, "-u"], {**os.environ, "PYTHONPATH": lib}


def _lines(process):
    """A queue of the lines that the process prints; None is their end."""
    lines = queue.Queue()

    def collect():
        for line in process.stdout:
            lines.put(line.decode(errors="replace").rstrip())
        lines.put(None)

    threading.Thread(target=collect, daemon=True).start()
    return lines
