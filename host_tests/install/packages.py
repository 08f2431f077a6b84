"""The distributions as they are built, and environments to install them into, without a registry:
`make test` has kept the wheels that they need.
"""

import functools
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bootstrap.pythons import others
from library import ROOT
from needs import need

BOARD = ROOT / "tools" / "dist" / "board"
_BUILD = [sys.executable, "-m", "build", "--no-isolation"]


def run(*command, **environment):
    """Run a program as a user does, outside the checkout. Returns its output."""
    done = subprocess.run(
        [str(part) for part in command],
        # Where nothing can be imported from.
        cwd="/",
        env=clean(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clean(environment):
    """This process's environment with these variables, and without paths of the checkout."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH",)}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}


def build(folder):
    """Build both distributions as `make dist` does. Returns (partysocket's wheel, the board's)."""
    run(*_BUILD, "--outdir", folder, ROOT)
    run(*_BUILD, "--wheel", "--outdir", folder, BOARD)
    (computer,) = folder.glob("partysocket-*.whl")
    (board,) = folder.glob("micropython_partysocket-*.whl")
    return computer, board


def names(wheel):
    """The files of a wheel, without its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return sorted(name for name in archive.namelist() if ".dist-info/" not in name)


@functools.cache
def python(version):
    """A Python of that version, on which the wheels that it needs are kept."""
    if version == sys.version_info[:2]:
        return sys.executable
    found = others().get(version)
    # In CI too: a Debian has one.
    return found or pytest.skip("needs Python {}.{}, from pyenv or on PATH".format(*version))


class Environment:
    """A new virtual environment of a Python version."""

    def __init__(self, folder, version=sys.version_info[:2]):
        self.version = version
        run(python(version), "-m", "venv", folder)
        self.bin = Path(folder) / "bin"

    @property
    def wheels(self):
        """The folder with the wheels that `make test` has kept for this version."""
        folder = Path(sys.prefix, "wheels-{}.{}".format(*self.version))
        return need(f"the folder {folder.name} in .venv", folder.is_dir() and folder)

    def install(self, *packages):
        options = ["--quiet", "--no-index", "--find-links", self.wheels]
        run(self.bin / "python", "-m", "pip", "install", *options, *packages)

    def run(self, program, *arguments, **environment):
        return run(self.bin / program, *arguments, **environment)
