"""What remains of a socket whose loop or process ends without close()."""

import pytest

from e2e.devices import Device
from lab.files import CAN_LOOK
from needs import need
from strict_server import StrictServer, silent

PROGRAM = "host_tests/e2e/dropper.py"


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_a_loop_that_ends_without_a_close(interpreter):
    """CPython's loop cancels running tasks, and the socket is closed. MicroPython's loop only
    stops: the socket goes on in the next loop, within the library's limits.
    """
    need("/proc/self/fd", "/proc/self/fd" if CAN_LOOK else None, "run it on Linux")
    with StrictServer(silent) as server:
        with Device(interpreter, PROGRAM, server.url) as device:
            device.wait_output()
            assert device.wait_end() == 0, device.lines
            files = {what: int(n) for what, n in map(str.split, device.lines)}
        server.wait_closed()
        (connection,) = server.connections
    assert files["ended"] == files["begun"]
    if interpreter == "cpython":
        assert files["dropped"] == files["begun"] and connection.close_code == 1006
    else:
        assert files["dropped"] == files["begun"] + 1 and connection.close_code == 1000
