"""What some tests need from the machine. If it is missing, they are skipped here, and fail in CI.

Each function returns a path. Call it in a test or in a fixture.
"""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import party_server
from cluster.balancer import find_haproxy
from partyserver import find_workerd

_OLDEST_NODE = 20
_WASM_PACKAGE = "on_wasm/node_modules/@micropython/micropython-webassembly-pyscript"
_WASM = Path(__file__).parent / _WASM_PACKAGE / "micropython.mjs"


def in_ci():
    """Whether this is a CI run, where no test may be skipped."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def need(what, path, remedy="`make test` installs it where it can"):
    """Return `path`. If there is none, skip the test with the name `what`, or fail it in CI."""
    if path:
        return path
    reason = f"needs {what}: {remedy}"
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_micropython():
    return need("MicroPython", find_micropython())


def need_circuitpython():
    """The folder with Adafruit's asyncio and ticks. Only CircuitPython's boards use it."""
    return need("Adafruit's asyncio", _in_venv("circuitpython", "asyncio"))


def need_circuitpython_stubs():
    """The folder with CircuitPython's stubs. Elsewhere they would hide Python's own modules."""
    return need("CircuitPython's stubs", _in_venv("circuitpython_stubs"))


def _in_venv(name, inside=""):
    folder = Path(sys.prefix) / name
    return str(folder) if (folder / inside).is_dir() else None


def need_node():
    return need(f"Node.js {_OLDEST_NODE} or newer", find_node())


def need_wasm():
    """The npm package's micropython.mjs. find_node() gives the node to run it."""
    need_node()
    return need("MicroPython in WebAssembly", find_wasm())


def need_kosoku():
    """The program beside this Python. It is not available for every machine."""
    found = shutil.which("kosoku", path=os.path.dirname(sys.executable))
    return need("kosoku, the conformance suite", found)


def need_browser():
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(iter(_candidates("CHROMIUM", *names)), None)
    remedy = "sudo apt install chromium-headless-shell, or set CHROMIUM to a browser of its kind"
    return need("Chromium", found, remedy)


def need_curl():
    """The program of a shell command that the dashboard shows."""
    return need("curl", shutil.which("curl"), "sudo apt install curl")


def need_mosquitto():
    """The MQTT broker. Debian puts it where only root looks for programs."""
    folders = os.pathsep.join((os.environ["PATH"], "/usr/sbin"))
    found = shutil.which("mosquitto", path=folders)
    return need("mosquitto, an MQTT broker", found, "sudo apt install mosquitto")


def need_workerd():
    return need("PartyServer on workerd", find_workerd())


def need_party_server():
    """The workerd of examples/party_server, with all that its rooms need."""
    return need("the packages of examples/party_server", party_server.find_workerd())


def need_bucket():
    """moto. It has a folder of its own."""
    return need("moto, a bucket", _in_venv("bucket", "moto"))


def need_haproxy():
    return need("haproxy", find_haproxy(), "sudo apt install haproxy")


def need_faketime():
    """libfaketime, from PyPI or Debian, if it works here."""
    spec = importlib.util.find_spec("libfaketime")
    folder = Path(spec.origin).parent if spec else Path("/nonexistent")
    found = [*folder.glob("vendor/**/libfaketime.so.1")]
    found += Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
    return need("libfaketime", next((str(path) for path in found if _fakes(path)), None))


def _fakes(path):
    env = {**os.environ, "LD_PRELOAD": str(path), "FAKETIME": "@2000-01-01 12:00:00"}
    program = "import time; print(time.localtime()[0])"
    return _output(sys.executable, "-c", program, env=env) == "2000\n"


def need_pico_w_firmware():
    """The path in the variable PICO_W_UF2. Tests that need it are skipped without it, also in CI:
    no package registry has a firmware.
    """
    path = os.environ.get("PICO_W_UF2")
    if not path:
        pytest.skip("needs a Pico W firmware: make pico_w PICO_W_UF2=RPI_PICO_W-....uf2")
    if not os.path.isfile(path):
        pytest.fail(f"PICO_W_UF2: {path} is not a file", pytrace=False)
    return path


def need_rp2040py():
    found = importlib.util.find_spec("rp2040py")
    return need("rp2040py, the emulator", found, "make pico_w installs it")


@functools.cache
def find_micropython():
    """The MicroPython binary for this machine, or None. The MICROPYTHON variable names another."""
    for path in _candidates("MICROPYTHON", "micropython"):
        if _output(path, "-c", "print('it', 'runs')").strip() == "it runs":
            return path
    return None


def find_wasm():
    return str(_WASM) if _WASM.exists() else None


@functools.cache
def find_node():
    for path in _candidates("NODE", "node"):
        version = re.match(r"v(\d+)\.", _output(path, "--version"))
        if version and int(version.group(1)) >= _OLDEST_NODE:
            return path
    return None


def _candidates(variable, *names):
    """Existing paths: the one in the environment, then beside this Python, then on PATH."""
    chosen = os.environ.get(variable)
    if chosen:
        return [found] if (found := shutil.which(chosen)) else []
    folders = [os.path.dirname(sys.executable), None]
    found = [shutil.which(name, path=folder) for name in names for folder in folders]
    return [path for path in found if path]


def _output(*command, env=None):
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "text": True}
    try:
        return subprocess.check_output(command, timeout=60, env=env, **quiet)
    except (OSError, subprocess.SubprocessError):
        return ""
