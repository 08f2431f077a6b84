"""Fixtures of the room server's tests: one server for the many, and a room for each."""

import pytest

from rooms.server_process import RoomServer


@pytest.fixture(scope="session")
def server():
    """A server with no token; each test takes a room of its own, `room`."""
    with RoomServer(
        "--rate", "100000", "--request-rate", "100000", "--party", "main", "--party", "lab"
    ) as running:
        yield running


@pytest.fixture
def room(request):
    """A room's name that no other test has."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)[:200]
