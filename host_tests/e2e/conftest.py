import pytest

from circuitpython.runner import BOARDS

_COMPUTERS = ["micropython", "cpython"]
# These run on CircuitPython too.
ON_BOARDS = ("test_strict_server", "test_fetch")


@pytest.fixture(params=_COMPUTERS)
def interpreter(request):
    """The interpreter on which a device runs."""
    return request.param


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    is_on_boards = metafunc.module.__name__.rpartition(".")[2] in ON_BOARDS
    if is_on_boards and "interpreter" in metafunc.fixturenames:
        names = [*_COMPUTERS, *BOARDS]
        metafunc.definition.add_marker(
            pytest.mark.parametrize("interpreter", names, indirect=True)
        )
