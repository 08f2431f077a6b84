"""`make cluster` as a user runs it, but without make."""

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import cluster.balancer
import needs
import processes
from cluster.together import Cluster
from party_server import StartError

TOOL = Path(__file__).parents[3] / "tools" / "cluster.py"
# Only a failure takes so long.
WAIT_S = 100


def start(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-u", TOOL, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.fixture
def run():
    needs.need_party_server()
    needs.need_bucket()
    needs.need_haproxy()
    # Not 127.0.0.1, where everything listens that is given no address.
    with start("--port", "0", "--instances", "2", "--host", "127.0.0.2") as process:
        yield process
        process.kill()


def said(run):
    """Return what the tool says next. The lines between are haproxy's and workerd's."""
    return next(line for line in run.stdout if line.startswith("cluster: "))


def test_an_instance_that_is_killed_runs_again_and_ctrl_c_ends_all(run):
    pids = []
    for number in (1, 2):
        line = said(run)
        found = re.match(rf"cluster: instance {number}: process (\d+), http://127\.0\.0\.1:", line)
        pids.append(int(found[1]))
    assert re.match(r"cluster: http://127\.0\.0\.2:\d+/\n", said(run))
    assert "--host 0.0.0.0" in run.stdout.readline()
    assert "Ctrl-C ends all" in said(run)
    os.kill(pids[0], signal.SIGKILL)
    assert said(run) == "cluster: instance 1 has ended, with status -9\n"
    again = re.match(r"cluster: instance 1: process (\d+), ", said(run))
    run.send_signal(signal.SIGINT)
    assert run.wait(WAIT_S) == 0
    for pid in (int(again[1]), pids[1]):
        assert not os.path.exists(f"/proc/{pid}")


def test_the_key_is_in_a_file_of_its_owner_and_nowhere_else(tmp_path):
    needs.need_party_server()
    needs.need_bucket()
    with Cluster(tmp_path / "c", count=1, is_balanced=False) as one:
        [path] = tmp_path.glob("**/key")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        key = path.read_text()
        assert re.fullmatch("[0-9a-f]{64}", key)
        pid = one.instances[0].pid
        assert key not in processes.arguments(pid)
        assert key not in Path(f"/proc/{pid}/environ").read_text()
        assert key not in one.log(1)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("--instances 0", "--instances takes 1 to 9, not 0"),
        ("--instances x", "invalid int value: 'x'"),
        ("--port 70000", "--port takes 0 to 65535, not 70000"),
    ],
)
def test_bad_input_is_named(words, refusal):
    run = start(*words.split())
    assert refusal in run.communicate(timeout=WAIT_S)[0]
    assert run.returncode == 2


def test_a_computer_without_workerd_is_told_so(tmp_path):
    program = (
        "import runpy, sys, party_server; sys.argv = ['cluster'];"
        "party_server.find_workerd = lambda: None;"
        f"runpy.run_path({str(TOOL)!r}, run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(TOOL.parent)},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("cluster: there is no workerd on this computer (")
    assert "`make rooms` runs anywhere" in run.stderr


def test_what_is_missing_is_named_with_its_remedy(tmp_path, monkeypatch):
    needs.need_party_server()
    needs.need_bucket()
    monkeypatch.setattr(cluster.balancer, "find_haproxy", lambda: None)
    with pytest.raises(StartError, match="haproxy is not installed: .* sudo apt install haproxy"):
        Cluster(tmp_path / "c", count=1).__enter__()


def test_what_a_program_wrote_before_it_ended_is_shown(tmp_path):
    needs.need_party_server()
    needs.need_bucket()
    haproxy = tmp_path / "haproxy"
    haproxy.write_text("#!/bin/sh\necho it rains >&2; exit 1\n")
    haproxy.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    run = start("--port", "0", "--instances", "1", env={**os.environ, "PATH": path})
    out = run.communicate(timeout=WAIT_S)[0]
    assert run.returncode == 2
    assert out == "it rains\ncluster: haproxy did not start, and wrote why\n"
