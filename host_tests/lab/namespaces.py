"""Two network namespaces joined by a cable: a device in one, its server in the other.

    with Cable() as cable:
        with cable.inside(SERVER):
            server.start()              # threads and processes that begin here stay there
        cable.filter("tcp dport 80 drop")   # with nftables, for packets that arrive at either end
        cable.lift()

Only names of this process are made, and nothing outside of the namespaces changes.
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from needs import in_ci

# The namespaces.
DEVICE, SERVER = (f"lab{os.getpid()}{end}" for end in "ds")
DEVICE_IP, SERVER_IP = "10.77.0.2", "10.77.0.1"
# At the server's end.
RESOLVER_IP = "10.77.0.53"
# `ip netns exec` puts these files over /etc.
_ETC = Path("/etc/netns")
_CLONE_NEWNET = 0x40000000


def need_namespaces():
    """Skip the test if namespaces can't be made; and in CI, because we may not change its
    machines.
    """
    if in_ci():
        pytest.skip("needs network namespaces of its own: not made in CI")
    missing = [name for name in ("ip", "nft") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip("needs root, ip and nft: run it as root, with iproute2 and nftables installed")
    tried = subprocess.run(["ip", "netns", "add", DEVICE], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"needs network namespaces, and may make none: {tried.stderr.strip()}")
    _run("ip", "netns", "del", DEVICE)


class Cable:
    _ends = {DEVICE: ("labd", DEVICE_IP), SERVER: ("labs", SERVER_IP)}

    def __enter__(self):
        try:
            for name in self._ends:
                _run("ip", "netns", "add", name)
            pair = f"ip link add labd netns {DEVICE} type veth peer name labs netns {SERVER}"
            _run(*pair.split())
            for name, (link, ip) in self._ends.items():
                self._ip(name, f"address add {ip}/24 dev {link}")
                self._ip(name, "link set lo up")
            self._ip(SERVER, f"address add {RESOLVER_IP}/24 dev labs")
            self.lift()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self._ends:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
            shutil.rmtree(_ETC / name, ignore_errors=True)
        with contextlib.suppress(OSError):
            # If it is ours, and empty.
            _ETC.rmdir()

    @contextlib.contextmanager
    def inside(self, name):
        """This thread is in the namespace, with all threads and processes that it begins
        meanwhile.
        """
        with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{name}") as there:
            _enter(there)
            try:
                yield
            finally:
                _enter(home)

    def wrapped(self, program, folder):
        """Write a program into `folder` that runs `program` in the device's namespace."""
        path = folder / "in_namespace"
        path.write_text(f'#!/bin/sh\nexec ip netns exec {DEVICE} "{program}" "$@"\n')
        path.chmod(0o755)
        return str(path)

    # Faults.

    def filter(self, rule, ends=None):
        """Apply an nftables rule to arriving packets, at both ends or at some."""
        for name in ends or self._ends:
            self._nft(name, f"add rule inet lab in {rule}")

    def lift(self):
        """Remove all rules, and plug the cable in."""
        for name, (link, _) in self._ends.items():
            self._ip(name, f"link set {link} up")
            self._nft(name, "flush ruleset")
            self._nft(name, "add table inet lab")
            self._nft(name, "add counter inet lab counted")
            self._nft(name, "add chain inet lab in { type filter hook input priority 0; }")

    def counted(self, name):
        """The packets at this end that matched a rule with `counter name counted`."""
        told = self._nft(name, "list counter inet lab counted")
        return int(told.split("packets ")[1].split()[0])

    def pull(self, name):
        """Unplug the cable at this end."""
        self._ip(name, f"link set {self._ends[name][0]} down")

    def etc(self, name, text):
        """Write the device's /etc/NAME. Running programs see the change too."""
        folder = _ETC / DEVICE
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    def _ip(self, name, words):
        return _run("ip", "-n", name, *words.split())

    def _nft(self, name, words):
        return _run("ip", "netns", "exec", name, "nft", words)


def _enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace.fileno(), _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert not done.returncode, f"{' '.join(command)}: {done.stderr.strip()}"
    return done.stdout
