"""A port without os.urandom: chance is mixed, differs from boot to boot, and says what it is."""

import os
import subprocess
from pathlib import Path

import pytest

from needs import need_micropython

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import sys
import os
import random


class Bare:
    pass


bare = Bare()
for name in dir(os):
    if name != "urandom":
        setattr(bare, name, getattr(os, name))
sys.modules["os"] = bare
random.seed(7)

from partysocket.core.protocol import Protocol
from partysocket.net import platform
from partysocket.place import new_id
from partysocket.presets import DEVICE

assert platform.urandom is not os.urandom
protocol = Protocol(DEVICE, platform.urandom)
protocol.open_queue()
protocol.push(1, b"")
key = bytes(protocol.to_send())[2:]
print(new_id(), key.hex(), platform.urandom(5).hex(), platform.urandom(100).hex())
assert len(platform.urandom(0)) == 0 and len(platform.urandom(33)) == 33
"""


def boot():
    """What a process prints that has no os.urandom."""
    done = subprocess.run(
        [need_micropython(), "-c", PROGRAM],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'lib'}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def boots():
    return [boot() for _ in range(20)]


def test_it_warns_once(boots):
    for lines in boots:
        assert lines[0].startswith("partysocket: this port has no os.urandom")
        assert len(lines) == 2


def test_no_two_boots_are_alike(boots):
    for what in range(4):
        seen = {lines[1].split(" ")[what] for lines in boots}
        assert len(seen) == len(boots)
