"""Modules that are loaded late may fail to load, because there is no memory or no file. Then a
call or the text of an error fails, but never the socket. The load is tried again.
"""

import re

import pytest

from interpreters import LIB

from .start import run

# MemoryError, ImportError, OSError.
VARIANTS = ("memory", "missing", "broken")
# Modules that no rare path loads: they are for other platforms or other callers, or only report
# that a part is not installed.
ELSEWHERE = """__init__ clock recorder wifi wifi_checks wifi_resets roots tls core.soft
    net.entropy net.udp net.wlan net.wifi_radio net.tasks net.cpython net.micropython
    net.circuitpython
    net.circuitpython_clock net.circuitpython_crc net.circuitpython_tls""".split()
# A device is an application of its socket.
ELSEWHERE += ["device", "net.rssi"]
# A part that is another object: the tests in the folder `outbox` are about it.
ELSEWHERE += """core.chunks core.records net.flash net.folder outbox outbox_begin outbox_blocks
    outbox_courier outbox_flash outbox_seldom outbox_thin outbox_trouble outbox_undated""".split()
# Another: the tests in the folder `wifi` are about it.
ELSEWHERE += """portal portal_begin portal_name portal_open portal_page portal_read portal_text
    portal_try net.access net.replace""".split()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("interpreter", ("cpython", "micropython"))
def test_a_load_that_fails_once_costs_no_socket_and_is_tried_again(interpreter, variant):
    # With the sources, because ELSEWHERE names their modules.
    status, output = run(interpreter, "late", variant, lib=LIB)
    print(output)
    assert status == 0
    early, late = (found.split() for found in re.findall(r"^loaded \w+:(.*)", output, re.M))
    assert int(re.search(r"(\d+) loads failed", output)[1]) >= len(late)
    # Each module of the library was loaded before the first dial, or has failed to load once.
    files = (LIB / "partysocket").rglob("*.py")
    names = [".".join(file.relative_to(LIB / "partysocket").parts)[:-3] for file in files]
    names = {name.removesuffix(".__init__") for name in names}
    assert names <= {*early, *late, *ELSEWHERE}
