"""Fixtures for all tests, and the last line of a run with its result."""

import asyncio
import inspect
import os
import random
import re
import sys

import pytest
from xdist.scheduler import LoadFileScheduling

from needs import in_ci, need_micropython, need_workerd
from partyserver import PartyServer
from rooms.clients import until_all_left

pytest_plugins = ["on_micropython.collector", "pytester"]


@pytest.fixture(scope="session")
def micropython():
    """The path of a MicroPython binary."""
    return need_micropython()


@pytest.fixture(scope="session")
def partyserver():
    """A running PartyServer that is shared. Each test uses its own room, and leaves the server
    running.
    """
    with PartyServer(need_workerd()) as server:
        yield server


def pytest_report_header(config):
    seed = config.getoption("hypothesis_seed", None)
    return (
        None if seed is None else f"hypothesis seed: {seed} (--hypothesis-seed={seed} repeats it)"
    )


class ByFile(LoadFileScheduling):
    """The tests of a file run in one process. Those of the contract are together by their server,
    so that each server is started once, not for each file.
    """

    def _split_scope(self, nodeid):
        server = _OF_CONTRACT.match(nodeid)
        return server[1] if server else super()._split_scope(nodeid)


_OF_CONTRACT = re.compile(r"host_tests/rooms/contract/.*?\[(room_server|party_server|cluster)\b")


# Without xdist, these two are no hooks.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    # Half of the time a test waits: for devices, servers, a page.
    return 2 * os.cpu_count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that is a coroutine in its own loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(until_all_left(pyfuncitem.obj(**arguments)))
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    # Hypothesis draws its own examples in each run, and in CI always the same ones.
    if not in_ci() and config.getoption("hypothesis_seed", "absent") is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))
    # Programs in .venv come first for subprocesses of tests too: node and npm may be only there.
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    os.environ.setdefault("PYTHONIOENCODING", "utf-8")


def pytest_sessionfinish(session, exitstatus):
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Print `N passed, N failed` as the last line. It must fit the exit code."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    status = config.stash.get(_EXIT_STATUS, None)
    if reporter is None or status is None or config.option.collectonly:
        return
    count = {name: len(reports) for name, reports in reporter.stats.items()}
    passed = count.get("passed", 0) + count.get("xpassed", 0)
    failed = count.get("failed", 0) + count.get("error", 0)
    skipped = count.get("skipped", 0) + count.get("xfailed", 0)
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        # It was stopped by the keyboard, or by an error of pytest.
        failed = max(failed, 1)
    line = f"{passed} passed, {failed} failed"
    if skipped:
        line += f", {skipped} skipped"
    reporter.write_line(line)


_EXIT_STATUS = pytest.StashKey[int]()
