"""What the library calls of CircuitPython exists, and accepts the arguments: a type check with the
stubs that its makers publish.

The library has no type hints, because boards would have to store them. So the check reads a copy
in which the few names that hold CircuitPython's objects are declared.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from library import CIRCUITPYTHON, LIB
from needs import need_circuitpython_stubs

# File: the text in it, and its replacement for the check.
_DECLARED = {
    "circuitpython": {
        "import asyncio\n": "import asyncio\nimport socketpool\nfrom typing import Any\n",
        "_pool = None\n": "_pool: socketpool.SocketPool = None\n",
        "def pool():\n": "def pool() -> socketpool.SocketPool:\n",
        "self.address = None\n        self._sock = None\n": (
            "self.address = None\n        self._sock: socketpool.Socket = None\n"
        ),
        "self._bare = None\n": "self._bare: socketpool.Socket = None\n",
        "self._peer = None\n": "self._peer: tuple[str, int] = None\n",
        # CircuitPython has no stubs for ssl.
        "self._tls = None\n": "self._tls: Any = None\n",
        # It is a list of them, but the stub says one.
        "found = pool()": "found: Any = pool()",
    },
    "circuitpython_clock": {
        "found = made.": "found: Any = made.",
        "import rtc\n": "import rtc\nfrom typing import Any\n",
    },
}
_OPTIONS = """--check-untyped-defs --no-strict-optional --follow-imports=silent
--explicit-package-bases --ignore-missing-imports --no-error-summary""".split()


def checked(folder, mistakes=()):
    """What mypy says about the library's files for CircuitPython. `mistakes`: {file: {old:
    new}}.
    """
    lib = folder / "lib"
    shutil.copytree(LIB / "partysocket", lib / "partysocket")
    for name in {*_DECLARED, *mistakes}:
        path = lib / "partysocket" / "net" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        pairs = {**_DECLARED.get(name, {}), **dict(mistakes).get(name, {})}
        for old, new in pairs.items():
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    # Named after their modules, so that mypy finds them.
    stubs = folder / "stubs"
    stubs.mkdir()
    for path in Path(need_circuitpython_stubs()).glob("*-stubs"):
        (stubs / path.name.removesuffix("-stubs")).symlink_to(path)
    files = [str(lib / "partysocket" / f"{name}.py") for name in CIRCUITPYTHON]
    command = [sys.executable, "-m", "mypy", *_OPTIONS, "--cache-dir", os.devnull, *files]
    env = {**os.environ, "MYPYPATH": f"{stubs}{os.pathsep}{lib}"}
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_the_library_calls_what_there_is(tmp_path):
    assert checked(tmp_path) == ""


_MISTAKES = {
    "circuitpython": {
        "self._sock.recv_into(view, len(view))": "self._sock.recv(len(view))",
        "self._sock.send(view)": "self._sock.send(view, 0)",
        "supervisor.ticks_ms": "supervisor.ticks",
        'hashlib.new("sha1", data)': "hashlib.sha1(data)",
        "socketpool.SocketPool(wifi.radio)": "socketpool.SocketPool()",
        "self._sock.connect(self._peer)": "self._sock.connect(*self._peer)",
    },
    "circuitpython_clock": {
        "self._sock.sendto(data, self._peer)": "self._sock.sendto(data)",
        "rtc.RTC().datetime": "rtc.RTC().datetimes",
    },
    "wifi_radio": {
        "radio.connect(ssid,": "radio.connect(ssid, 6,",
        "self._radio.stop_station()": "self._radio.disconnect()",
    },
}


def test_planted_mistakes_are_found(tmp_path):
    said = checked(tmp_path, _MISTAKES)
    for name, pairs in _MISTAKES.items():
        path = tmp_path / "lib/partysocket/net" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        for mistake in pairs.values():
            line = text[: text.index(mistake)].count("\n") + 1
            assert f"{name}.py:{line}: error:" in said, (mistake, said)
