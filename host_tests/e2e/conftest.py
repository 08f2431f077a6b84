import pytest


@pytest.fixture(params=["micropython", "cpython", "pico_w", "esp32"])
def interpreter(request):
    """The interpreter that a device runs on."""
    return request.param
