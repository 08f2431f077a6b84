"""Finds the other Pythons of this machine: the tests try the tools and the packages on them."""

import shutil
import subprocess
import sys
from pathlib import Path


def others():
    """{version, as in (3, 12): path} of other Pythons that can run the tools."""
    found = {}
    names = [f"python3.{minor}" for minor in range(10, 20)]
    paths = [*Path.home().glob(".pyenv/versions/3.*/bin/python"), *map(shutil.which, names)]
    for path in filter(None, paths):
        code = "import sys; print(*sys.version_info[:2])"
        done = subprocess.run([path, "-c", code], capture_output=True, text=True)
        if done.returncode == 0:
            version = tuple(map(int, done.stdout.split()))
            if version >= (3, 10):
                found[version] = str(path)
    found.pop(sys.version_info[:2], None)
    return found


def with_pip():
    """Those of others() that have pip and can make virtual environments. A Debian's own can't."""
    return {version: path for version, path in others().items() if _can_install(path)}


def _can_install(python):
    return not subprocess.run([python, "-c", "import pip, venv"], capture_output=True).returncode
