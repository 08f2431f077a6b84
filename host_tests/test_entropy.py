"""A port without os.urandom: random bytes are mixed, differ between starts, and a warning is
printed.
"""

import subprocess

from library import LIB
from needs import need_micropython

PROGRAM = """
import os
import random
import sys
from binascii import hexlify


class Bare:
    pass


bare = Bare()
for name in dir(os):
    if name != "urandom":
        setattr(bare, name, getattr(os, name))
sys.modules["os"] = bare
random.seed(7)

from partysocket import DEVICE
from partysocket.core.protocol import BINARY, Protocol
from partysocket.net import platform
from partysocket.place import new_id

assert platform.urandom is not os.urandom
protocol = Protocol(DEVICE, platform.urandom)
protocol.open_queue()
protocol.push(BINARY, b"")
key = protocol.to_send()[2:6]
drawn = [hexlify(one).decode() for one in (key, platform.urandom(5), platform.urandom(100))]
print(new_id(), *drawn)
assert len(platform.urandom(0)) == 0 and len(platform.urandom(33)) == 33
"""


def test_it_warns_once_and_no_two_boots_are_alike(monkeypatch):
    monkeypatch.setenv("MICROPYPATH", f"{LIB}:.frozen")
    command = [need_micropython(), "-c", PROGRAM]
    boots = [subprocess.check_output(command, text=True).splitlines() for _ in range(20)]
    for warning, _ in boots:
        assert warning.startswith("partysocket: this port has no os.urandom")
    for drawn in zip(*(line.split() for _, line in boots), strict=True):
        assert len(set(drawn)) == len(boots)
