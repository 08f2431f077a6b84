"""Fixtures of the room server's tests: one server for the many, and a room for each."""

import asyncio
import inspect
from contextlib import ExitStack

import pytest

from rooms.clients import until_all_left
from rooms.server_process import RoomServer


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that is a coroutine in a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(until_all_left(pyfuncitem.obj(**arguments)))
    return True


@pytest.fixture(scope="session")
def server():
    """A server with no token; each test takes a room of its own, `room`."""
    with RoomServer(
        "--rate", "100000", "--request-rate", "100000", "--party", "main", "--party", "lab"
    ) as running:
        yield running


@pytest.fixture
def start():
    """Start room servers with options of their own; the test's end ends them."""
    with ExitStack() as running:
        yield lambda *args, **env: running.enter_context(RoomServer(*args, **env))


@pytest.fixture
def room(request):
    """A room's name that no other test has."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)[:200]
