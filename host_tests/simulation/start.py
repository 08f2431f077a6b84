"""Starts run.py on one of the interpreters; not for MicroPython."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from interpreters import command_of, lib_of

RUNNER = Path(__file__).with_name("run.py")
_LIMIT_S = 110
SOAK_LIMIT_S = 3600
SMALL_HEAP = "700K"  # so that it is soon full


def run(interpreter, *arguments, heap="32M", lib=None, limit_s=_LIMIT_S, runner=RUNNER):
    """(exit status, what it printed). One that stands still is ended, with a status below 0."""
    process = subprocess.Popen(
        [*command_of(interpreter, heap)[0], str(runner), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LIB": str(lib or lib_of(interpreter)), "PYTHONPATH": ""},
    )
    try:
        output = process.communicate(timeout=limit_s)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0]
    return process.returncode, output


@contextmanager
def at_once(jobs):
    """Futures of {key: function}, as many of which run at a time as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {key: pool.submit(job) for key, job in jobs.items()}
        pool.shutdown(cancel_futures=True)
