"""tools/bootstrap.py in a checkout of its own; its package is a file, and no registry is asked."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
PROFILE = "deploy"  # the one of a single file, and nothing else
WHEEL = {
    "toy.py": "WORD = 'toy'\n",
    "toy-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
    "toy-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    "toy-1.0.dist-info/RECORD": "",
}


class Checkout:
    """A copy of what bootstrap.py needs, and a wheel to install."""

    def __init__(self, root):
        self.root = root
        requirements = root / "tools" / "requirements"
        if not root.exists():
            requirements.mkdir(parents=True)
            shutil.copy(TOOLS / "bootstrap.py", root / "tools")
            shutil.copytree(TOOLS / "bootstrap", root / "tools" / "bootstrap")
        self._list = requirements / f"{PROFILE}.txt"
        self.wheel = root.parent / "toy-1.0-py3-none-any.whl"
        if not self.wheel.exists():
            with zipfile.ZipFile(self.wheel, "w") as wheel:
                for name, text in WHEEL.items():
                    wheel.writestr(name, text)
        self.pin(hashlib.sha256(self.wheel.read_bytes()).hexdigest())

    def pin(self, digest):
        self._list.write_text(f"toy @ {self.wheel.as_uri()} --hash=sha256:{digest}\n")

    def command(self):
        return [sys.executable, str(self.root / "tools" / "bootstrap.py"), PROFILE]

    def run(self):
        """Return the exit status, and what was said."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(self.command(), timeout=100, **pipes)
        return done.returncode, done.stdout

    def imported(self):
        """What the Python of .venv imports."""
        program = "import toy; print(toy.WORD)"
        return subprocess.check_output([self.root / ".venv/bin/python", "-c", program], text=True)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "a checkout")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One that is prepared; tests leave it so."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "here")
    status, said = checkout.run()
    assert status == 0, said
    return checkout


def test_what_is_there_is_seen_at_once_and_what_is_gone_comes_back(made):
    assert made.imported() == "toy\n"
    assert made.run() == (0, "")
    site = next((made.root / ".venv/lib").glob("python*/site-packages"))
    shutil.rmtree(site / "toy-1.0.dist-info")
    (site / "toy.py").unlink()
    assert made.run()[0] == 0
    assert made.imported() == "toy\n"


def test_a_checkout_that_was_moved_gets_another_one(made):
    there = made.root.with_name("there")
    shutil.copytree(made.root, there, symlinks=True)
    moved = Checkout(there)
    status, said = moved.run()
    assert status == 0 and "making .venv anew" in said
    assert moved.imported() == "toy\n"
    assert moved.run() == (0, "")


def test_a_second_run_waits_for_the_first(checkout):
    with open(checkout.root / ".venv.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(checkout.command(), stdout=subprocess.PIPE, text=True)
        assert "another run is preparing .venv" in second.stdout.readline()
        assert not (checkout.root / ".venv").exists()
    said, _ = second.communicate(timeout=100)
    assert second.returncode == 0 and "ready in" in said


def test_another_file_than_the_pinned_one_is_refused_and_the_next_run_goes_on(checkout):
    checkout.pin("0" * 64)
    status, said = checkout.run()
    assert status == 1 and "is not the one that was pinned" in said and "  | " in said
    checkout.pin(hashlib.sha256(checkout.wheel.read_bytes()).hexdigest())
    status, said = checkout.run()
    assert status == 0 and "making .venv" not in said
    assert checkout.imported() == "toy\n"


def test_a_venv_of_others_is_left_alone(checkout):
    theirs = checkout.root / ".venv" / "letters.txt"
    theirs.parent.mkdir()
    theirs.write_text("dear")
    status, said = checkout.run()
    assert status == 1 and "holds something else; move it away" in said
    assert theirs.read_text() == "dear"
