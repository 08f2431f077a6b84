"""The library, and the code that runs with it on boards, uses nothing that CircuitPython does not
have.
"""

import pytest

from circuitpython.subset import faults
from circup_bundle import library_files
from library import ROOT
from needs import need_circuitpython_stubs

FILES = [
    *library_files().values(),
    ROOT / "examples/partysocket_simpletest.py",
    ROOT / "examples/sensor.py",
]
# A start-up file's folder, and the board whose pins it uses.
BOARDS = {
    "circuitpython_pico_w": "raspberry_pi_pico_w",
    "circuitpython_esp32_s3": "espressif_esp32s3_devkitc_1_n8r8",
}
ALLOWED = {
    "tls.py": "ssl.",  # for other systems, behind a door: circuitpython_tls makes the contexts
    "rssi.py": "network is not there",  # it looks whose board it is
    # No public name, but Adafruit's asyncio has it, whose own source the other tests run on.
    "tasks.py": "asyncio.core",
}


def test_the_library_keeps_to_what_boards_have():
    stubs = need_circuitpython_stubs()
    found = [fault for path in FILES for fault in faults(path, stubs)]
    assert [f for f in found if ALLOWED.get(f.split(":")[0], "?") not in f] == []


def test_the_boards_start_up_files_do_too():
    stubs = need_circuitpython_stubs()
    files = sorted(ROOT.glob("boards/circuitpython_*/code.py"))
    assert [path.parent.name for path in files] == sorted(BOARDS)
    assert [f for path in files for f in faults(path, stubs, BOARDS[path.parent.name])] == []


_PLANTED = {
    "import time\nnow = time.ticks_ms()": "time.ticks_ms",
    "import time\ntime.sleep_ms(1)": "time.sleep_ms",
    "from time import ticks_diff": "time.ticks_diff",
    "import hashlib\nhashlib.sha1(b'')": "hashlib.sha1",
    "import sys\nsys.print_exception(e)": "sys.print_exception",
    "import socket": "socket",
    "import network": "network",
    "import machine\nmachine.reset()": "machine",
    "import random2": "random2",
    "import ssl\nssl.PROTOCOL_TLS_CLIENT": "ssl.PROTOCOL_TLS_CLIENT",
    "import asyncio\nasyncio.core._io_queue": "asyncio.core",
    "import asyncio\nasyncio.timeout(1)": "asyncio.timeout",
    "import micropython\n@micropython.viper\ndef f():\n    pass": "micropython.viper",
    "import micropython\nmicropython.heap_lock()": "micropython.heap_lock",
    "import wifi\nwifi.connect()": "wifi.connect",
    "import supervisor\nsupervisor.ticks()": "supervisor.ticks",
    "a = b[::2]": "a step",
    "del a[:3]": "del of a slice",
    "async def f():\n    yield 1": "an async generator",
    "try:\n    f()\nexcept TimeoutError:\n    pass": "TimeoutError",
    "try:\n    f()\nexcept (OSError, ConnectionResetError):\n    pass": "ConnectionResetError",
    "a.removeprefix(b)": "removeprefix",
    "sock.sendall(b)": "sendall",
    "a.split(maxsplit=1)": "maxsplit=",
    "json.dumps(a, sort_keys=True)": "sort_keys=",
    "a.decode('utf-8')": "an encoding",
    "n.to_bytes()": "to_bytes",
    "a.startswith(('x', 'y'))": "startswith",
    "next(a, None)": "next()",
    "raise ValueError() from e": "raise ... from",
}


def faults_of(tmp_path, source):
    path = tmp_path / "planted.py"
    path.write_text(source + "\n", encoding="utf-8")
    return faults(path, need_circuitpython_stubs())


@pytest.mark.parametrize("source, said", _PLANTED.items(), ids=lambda text: text[:20])
def test_a_planted_use_is_found(tmp_path, source, said):
    assert said in faults_of(tmp_path, source)[0]
