"""Fixtures of the room server's tests: a shared server, and a room for each test."""

import asyncio
import inspect
from contextlib import ExitStack

import pytest

from rooms.clients import until_all_left
from rooms.server_process import RoomServer


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test that is a coroutine in its own loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(until_all_left(pyfuncitem.obj(**arguments)))
    return True


@pytest.fixture(scope="session")
def server():
    """A server without tokens. Each test uses its own room, `room`."""
    with RoomServer(
        "--rate", "100000", "--request-rate", "100000", "--party", "main", "--party", "lab"
    ) as running:
        yield running


@pytest.fixture
def start():
    """Start room servers with other options. They end with the test."""
    with ExitStack() as running:
        yield lambda *args, **env: running.enter_context(RoomServer(*args, **env))


@pytest.fixture
def room(request):
    """The name of a room that no other test uses."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)[:200]
