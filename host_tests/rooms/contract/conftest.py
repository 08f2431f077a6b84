"""Each test here runs on both servers, because both follow ROOMS.md, and on a cluster. There
`make test` runs every fourth of the tests that share a server, and `make soak` runs all.
"""

import pytest

from .servers import CLUSTER, KINDS, make, starting

_EVERY = 4


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    on_cluster = [item for item in items if _kind_of(item) == CLUSTER]
    sharing = [item for item in on_cluster if "server" in item.fixturenames]
    for item in set(on_cluster) - set(sharing[::_EVERY]):
        item.add_marker(pytest.mark.soak)


def _kind_of(item):
    return item.callspec.params.get("kind") if hasattr(item, "callspec") else None


@pytest.fixture(scope="session", params=[*KINDS, CLUSTER])
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
