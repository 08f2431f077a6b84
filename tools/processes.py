"""Asks the system about other processes: Linux has files for this, macOS the program `ps`."""

import re
import subprocess
from pathlib import Path

_PROC = Path("/proc/self/status")


def memory_kib(pid):
    """Return the memory of a process (its resident set). OSError if it has ended."""
    if not _PROC.exists():
        return int(_ps("rss=", pid))
    found = re.search(r"^VmRSS:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.M)
    if not found:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found[1])


def arguments(pid):
    """Return the command line of a process, as every user of the computer can see it."""
    if not _PROC.exists():
        return _ps("args=", pid)
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def _ps(what, pid):
    command = ["ps", "-ww", "-o", what, "-p", str(pid)]
    try:
        return subprocess.check_output(command, text=True)
    except subprocess.CalledProcessError:
        raise ProcessLookupError(f"no process {pid}") from None
