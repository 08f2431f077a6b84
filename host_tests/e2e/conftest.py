import pytest

from circuitpython.runner import BOARDS

_COMPUTERS = ["micropython", "cpython"]
ON_BOARDS = {  # what runs on CircuitPython too, and on which of its boards
    "test_strict_server": BOARDS,
    "test_fetch": BOARDS,
    "test_room_server": BOARDS[:1],
}


@pytest.fixture(params=_COMPUTERS)
def interpreter(request):
    """The interpreter that a device runs on."""
    return request.param


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    boards = ON_BOARDS.get(metafunc.module.__name__.rpartition(".")[2])
    if boards and "interpreter" in metafunc.fixturenames:
        names = [*_COMPUTERS, *boards]
        metafunc.definition.add_marker(
            pytest.mark.parametrize("interpreter", names, indirect=True)
        )
