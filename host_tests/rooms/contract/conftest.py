"""Each test here runs on both servers: what ROOMS.md says holds for either."""

import pytest

from .servers import KINDS, make, starting


@pytest.fixture(scope="session", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def server(kind, tmp_path_factory):
    """A server with no token; each test takes a room of its own, `room`."""
    with make(kind, tmp_path_factory.mktemp(kind), rate=100000) as running:
        yield running


@pytest.fixture
def start(kind, tmp_path):
    """Start servers with settings of their own; the test's end ends them."""
    with starting(kind, tmp_path) as start:
        yield start
