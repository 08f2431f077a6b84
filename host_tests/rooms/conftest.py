"""Fixtures of the room server's tests: a shared server, and a room for each test."""

from contextlib import ExitStack

import pytest

from rooms.server_process import RoomServer


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
