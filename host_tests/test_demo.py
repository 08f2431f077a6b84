"""`make demo` as a user runs it, but without make."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from needs import need_bucket, need_haproxy, need_micropython, need_party_server

ROOT = Path(__file__).resolve().parent.parent
# Only a failure takes so long.
WAIT_S = 100.0


def demo(*args, program=ROOT / "tools/demo.py"):
    return subprocess.Popen(
        [sys.executable, "-u", str(program), *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_with(text):
    """Ids of the processes whose command line contains `text`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        # It may have ended meanwhile.
        with contextlib.suppress(OSError):
            if text in path.read_text().replace("\0", " "):
                found.append(int(path.parent.name))
    return found


def children_of(pid):
    """Ids of the processes that a process has started."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@pytest.fixture
def server(request):
    need_micropython()
    if request.param != "room":
        need_party_server()
    if request.param == "cluster":
        need_bucket()
        need_haproxy()
    return request.param


# A room of the cluster is away for 20 s after the kill. `make test` has such a kill with a shorter
# lease, in `rooms/cluster/test_faults.py`.
@pytest.mark.parametrize(
    "server",
    ["room", "party", pytest.param("cluster", marks=pytest.mark.soak)],
    indirect=True,
)
def test_the_demo_shows_readings_survives_its_servers_death_and_sums_up(server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = demo("--for", "6", "--port", str(port), "--server", server)
        out = run.communicate(timeout=WAIT_S)[0]
    assert run.returncode == 0, out
    assert f"Port {port} is in use: taking" in out
    assert re.search(r"Dashboard:  http://127\.0\.0\.1:\d+/\n", out)
    assert "each MicroPython with a heap of 192K" in out
    if server == "cluster":
        assert re.search(
            r"Half-time: instance \d of the cluster, which has the room, is killed", out
        )
    else:
        assert f"Half-time: the {server} server is killed" in out
    for name in ("sensor-1", "sensor-2", "sensor-3"):
        arrived, lost = re.search(rf"{name} +(\d+) +(\d+)   back after [\d.]+ s;", out).groups()
        assert int(arrived) >= 3 and int(lost) <= 1, out
    assert int(re.search(r"still knew (\d+) readings", out)[1]) >= 3
    assert not processes_with(re.search(r"http://(127\.0\.0\.1:\d+)/", out)[1])


@pytest.mark.parametrize("server", ["room", "party", "cluster"], indirect=True)
def test_ctrl_c_ends_every_process_that_the_demo_started(server):
    run = demo("--port", "0", "--server", server)
    out = ""
    while not re.search(r"sensor-1 on +[1-9].* sensor-3 on +[1-9]", out):
        line = run.stdout.readline()
        assert line, out
        out += line
    address = re.search(r"http://(127\.0\.0\.1:\d+)/", out)[1]
    devices = processes_with(f"examples/sensor.py {address}")
    programs = {
        "room": ["room_server --port "],
        "party": ["party_server.py --port ", "--socket-addr=http=127.0.0.1:"],
        "cluster": ["cluster.py --port "],
    }
    port = address.split(":")[1]
    servers = [processes_with(f"{program}{port} ") for program in programs[server]]
    assert len(devices) == 3 and [len(found) for found in servers] == [1] * len(servers)
    if server == "cluster":
        servers += [children_of(servers[0][0])]
        # Three instances, the bucket and haproxy.
        assert len(servers[1]) == 5
    run.send_signal(signal.SIGINT)
    out += run.communicate(timeout=WAIT_S)[0]
    assert run.returncode == 0, out
    for pid in sum(servers, devices):
        assert not os.path.exists(f"/proc/{pid}")


def test_a_device_that_fails_is_shown_with_what_it_said(tmp_path):
    shutil.copytree(ROOT / "tools/demo", tmp_path / "demo")
    broken = tmp_path / "demo.py"
    source = (ROOT / "tools/demo.py").read_text().replace("examples/sensor.py", "examples/none.py")
    broken.write_text(source.replace("__file__", repr(str(ROOT / "tools/demo.py"))))
    run = demo("--for", "5", "--port", "0", program=broken)
    out = run.communicate(timeout=WAIT_S)[0]
    assert run.returncode == 1
    assert "The demo failed: sensor-1 ended unexpectedly" in out
    assert "none.py" in out
