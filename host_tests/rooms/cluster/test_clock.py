"""An instance whose clock is wrong. It needs a C compiler, so only `make soak` runs it."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

import needs
from cluster.bucket import environment
from cluster.instance import Instance
from rooms.clients import post, state_of

from .running import Running
from .spread import One

pytestmark = pytest.mark.soak

SOURCE = Path(__file__).with_name("clock.c")
# An instance looks at the bucket's clock each time it renews its lease.
LEASE_S = 20


@pytest.mark.parametrize(
    ("offset_s", "stays"), [(1, True), (4, False), (20, False), (-3600, False)]
)
def test_an_instance_whose_clock_is_far_off_leaves_and_its_rooms_are_elsewhere(
    offset_s, stays, tmp_path
):
    compiler = needs.need("a C compiler", shutil.which("cc"), "sudo apt install gcc")
    shim = tmp_path / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, SOURCE], check=True)
    log = tmp_path / "wrong.log"
    with Running(tmp_path) as server, open(log, "ab") as output:
        secrets = server.cluster.folder / "secrets"
        env = {"LD_PRELOAD": str(shim), "CLOCK_OFFSET": f"{offset_s}"}
        env.update(environment(server.bucket.port))
        with Instance(9, tmp_path / "wrong", secrets, env, log=output) as wrong:
            if stays:
                time.sleep(LEASE_S)
                post(One(wrong.port), "r", "d", i=1)
                post(server, "r", "d", i=2)
                [device] = state_of(server, "r")["devices"]
                assert [value for _, value in device["history"]["i"]] == [1, 2]
                assert not wrong.has_ended
            else:
                assert wrong.wait() == 1
                assert "leaving the cluster: clock off from the bucket's by" in log.read_text()
                post(server, "r", "d", i=1)
