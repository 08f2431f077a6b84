"""Starts run.py on one of the interpreters. Not for MicroPython."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from interpreters import command_of, lib_of
from needs import find_micropython

RUNNER = Path(__file__).with_name("run.py")
_LIMIT_S = 110
SOAK_LIMIT_S = 3600
# So that it is soon full.
SMALL_HEAP = "700K"
SEED = os.environ.get("SEED")


def run(interpreter, *arguments, heap="32M", lib=None, limit_s=_LIMIT_S, runner=RUNNER):
    """(exit status, output). A process that makes no progress is ended, with a negative status."""
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
    """Futures of {key: function}. As many run at a time as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {key: pool.submit(job) for key, job in jobs.items()}
        pool.shutdown(cancel_futures=True)


class Lives:
    """Lives from seeds on several interpreters. `counts`: {interpreter: number of lives}, from
    seed 0 on; or only SEED. `rest`: the other arguments; `alone`: other arguments for SEED.
    """

    def __init__(self, run, kind, counts, rest=(), alone=None):
        self._run = run
        self._kind = kind
        self._counts = counts
        self._rest = rest
        self._alone = rest if alone is None else alone

    @contextmanager
    def begun(self):
        """{interpreter: future}. All begin at once, because a machine has more than one core."""
        jobs = {}
        for name in self._counts:
            if name == "cpython" or find_micropython():
                given = (SEED, 1, *self._alone) if SEED else (0, self._counts[name], *self._rest)
                jobs[name] = partial(self._run, name, self._kind, *given)
        with at_once(jobs) as begun:
            yield begun

    def check(self, interpreter, outcome):
        status, output = outcome
        print(output)
        count = 1 if SEED else self._counts[interpreter]
        assert status == 0 and f"{count} lives, 0 broken" in output

    def soak(self, first, counts, rest, limit_s=SOAK_LIMIT_S):
        """So many lives from `first` on, a number or one for each interpreter."""
        jobs = {}
        for name, count in counts.items():
            begin = first[name] if isinstance(first, dict) else first
            job = partial(self._run, name, self._kind, begin, count, *rest, limit_s=limit_s)
            jobs[name] = job
        with at_once(jobs) as begun:
            for name, life in begun.items():
                status, output = life.result()
                assert status == 0 and f"{counts[name]} lives, 0 broken" in output, output[-4000:]
