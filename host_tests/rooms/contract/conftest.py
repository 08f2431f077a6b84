"""Each test here runs on both servers, because both follow ROOMS.md."""

import pytest

from .servers import KINDS, make, starting


@pytest.fixture(scope="session", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def server(kind, tmp_path_factory):
    """A server without tokens. Each test uses its own room, `room`."""
    with make(kind, tmp_path_factory.mktemp(kind), rate=100000) as running:
        yield running


@pytest.fixture
def start(kind, tmp_path):
    """Start servers with other settings. They end with the test."""
    with starting(kind, tmp_path) as start:
        yield start
