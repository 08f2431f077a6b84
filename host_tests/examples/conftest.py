import pytest

from rooms.server_process import RoomServer


@pytest.fixture
def server(tmp_path):
    """A room server of this test only: it may be killed and started again."""
    with RoomServer("--db", tmp_path / "rooms.db", "--max-message-bytes", "1000000") as server:
        yield server


@pytest.fixture
def host(server):
    return f"127.0.0.1:{server.port}"
