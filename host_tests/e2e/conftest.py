import pytest


@pytest.fixture(params=["micropython", "cpython"])
def interpreter(request):
    """The interpreter that a device runs on."""
    return request.param
