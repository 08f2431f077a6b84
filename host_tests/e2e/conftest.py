from circuitpython.runner import BOARDS

ON_BOARDS = {  # what runs on CircuitPython too, and on which of its boards
    "test_strict_server": BOARDS,
    "test_fetch": BOARDS,
    "test_room_server": BOARDS[:1],
    "test_mutual_tls": BOARDS[:1],
}


def pytest_generate_tests(metafunc):
    """`interpreter`: what a device runs on."""
    if "interpreter" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        metafunc.parametrize("interpreter", ["micropython", "cpython", *ON_BOARDS.get(module, ())])
