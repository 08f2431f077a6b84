"""The network at home: one in which this computer has the address that the documents give."""

import os
import shutil
import subprocess
import sys

from .shot import ShotError

ADDRESS = "192.168.1.20"
_ENTERED = "SCREENSHOTS_AT_HOME"
_PLUG = (
    "ip link set lo up",
    f"ip address add {ADDRESS}/24 dev lo",
    # So that programs take this address for their own. Nothing is ever sent there.
    "ip route add default via 192.168.1.1 dev lo",
)


def is_entered():
    return _ENTERED in os.environ


def enter():
    """Start this program again in such a network, unless it is there. It ends with the program."""
    if is_entered():
        return
    make = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    missing = [name for name in ("ip", "unshare") if shutil.which(name) is None]
    if missing or subprocess.run([*make, "true"], capture_output=True).returncode:
        raise ShotError("this needs network namespaces: Linux with iproute2, perhaps as root")
    plug = " && ".join(_PLUG)
    command = [*make, "sh", "-c", f'{plug} && exec "$@"', "sh", sys.executable, *sys.argv]
    os.execvpe(command[0], command, {**os.environ, _ENTERED: "1"})
