import pytest

from .certificates import identities


@pytest.fixture(params=["micropython", "cpython"])
def interpreter(request):
    """The interpreter that a device runs on."""
    return request.param


@pytest.fixture(scope="session")
def shown(tmp_path_factory):
    """{name: Identity}, with `context` for the server and `root`, a file of the DER to trust."""
    found = identities()
    for name, identity in found.items():
        folder = tmp_path_factory.mktemp("identity")
        identity.context = identity.server_context(folder)
        identity.root = str(folder / "root.der")
        (folder / "root.der").write_bytes(identity.trusted)
        identity.name = name
    return found
