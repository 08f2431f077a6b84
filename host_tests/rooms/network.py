"""Computers of a home, as network namespaces of this process. Nothing outside of them changes, and
they end with their processes.

    with Computer() as laptop, Computer() as phone:
        laptop.plug("10.77.0.1", phone, "10.77.0.2")
        laptop.run("ip", "address")
"""

import os
import shutil
import subprocess

import pytest

# The programs of a namespace: one that makes it, and one that enters it.
_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
_MAKE = ("unshare", "-n") if _IS_ROOT else ("unshare", "-rn")
_ENTER = ("-n",) if _IS_ROOT else ("-n", "-U", "--preserve-credentials")
_TIMEOUT_S = 60


def need_networks(joined=False):
    """Skip the test if there can be no namespaces, or if two of them can't be joined."""
    missing = [name for name in ("ip", "unshare", "nsenter") if shutil.which(name) is None]
    made = "link add plug0 type veth peer name plug1".split()
    if joined and not _IS_ROOT:
        pytest.skip("needs two network namespaces with a cable: run it as root")
    if missing or subprocess.run([*_MAKE, "ip", *made], capture_output=True).returncode:
        pytest.skip("needs network namespaces: run it as root, on Linux with iproute2")


class Computer:
    """A computer without a network."""

    def __enter__(self):
        command = [*_MAKE, "sh", "-c", "ip link set lo up && echo ready && exec cat"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    @property
    def inside(self):
        """The beginning of a command that runs there."""
        return ("nsenter", "-t", str(self._process.pid), *_ENTER)

    def run(self, *command):
        """Run a program there; return what it prints."""
        done = subprocess.run(
            [*self.inside, *map(str, command)],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
        assert not done.returncode, f"{command}: {done.stderr}"
        return done.stdout

    def plug(self, address, other=None, its_address=None, name="plug0"):
        """Join it to another computer by a cable, or to a plug that is in nobody's computer.
        `name`: of the plug here. A computer has one of each name.
        """
        end = "plug1" if other is None else "plug0"
        where = () if other is None else ("netns", str(other._process.pid))
        add = f"ip link add {name} type veth peer name".split()
        self.run(*add, end, *where)
        (other or self).run("ip", "link", "set", end, "up")
        self.run("ip", "link", "set", name, "up")
        self.run("ip", "address", "add", f"{address}/24", "dev", name)
        if its_address:
            other.run("ip", "address", "add", f"{its_address}/24", "dev", end)
