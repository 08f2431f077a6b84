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

from bootstrap.pythons import with_pip
from library import ROOT
from needs import need

BOARD = ROOT / "tools" / "dist" / "board"
_BUILD = [sys.executable, "-m", "build", "--no-isolation"]


def tried(*command, **environment):
    """Run a program as a user does, outside the checkout. Returns its CompletedProcess."""
    return subprocess.run(
        [str(part) for part in command],
        # Where nothing can be imported from.
        cwd="/",
        env=clean(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
    )


def run(*command, **environment):
    """The same, and the program must succeed. Returns its output."""
    done = tried(*command, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clean(environment):
    """This process's environment with these variables, and without paths of the checkout."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
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
    found = with_pip().get(version)
    # In CI too: a Debian has one.
    return found or pytest.skip("needs Python {}.{} with pip, as from pyenv".format(*version))


class Environment:
    """A new virtual environment of a Python version. The pip that installs into it is among the
    kept wheels.
    """

    def __init__(self, folder, version=sys.version_info[:2]):
        self.version = version
        run(python(version), "-m", "venv", "--without-pip", folder)
        self.bin = Path(folder) / "bin"
        self.wheels = Path(sys.prefix, "wheels-{}.{}".format(*version))
        need(f"the folder {self.wheels.name} in .venv", self.wheels.is_dir() and self.wheels)

    def install(self, *packages):
        options = ["--quiet", "--no-compile", "--no-index", "--find-links", self.wheels]
        self.pip("install", *options, *packages)

    def pip(self, *arguments):
        (pip,) = self.wheels.glob("pip-*.whl")
        return self.run("python", pip / "pip", *arguments)

    def run(self, program, *arguments, **environment):
        return run(self.bin / program, *arguments, **environment)
