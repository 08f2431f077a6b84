"""What goes onto the wire can't be guessed, nor bent by what an application passes on."""

import random
import re

import pytest

from .devices import results, run
from .server import Server

_COUNT = 10_000
_COUNT_ON_BOARDS = 500  # as many take a minute there
_FIELDS = 16


def drawn(peer):
    """All that a device draws: its key, its connection's id, its own, its masks."""
    key = re.search(r"Sec-WebSocket-Key: (\S+)", peer.request).group(1)
    fresh = re.search(r"_pk=([0-9a-f-]{36})", peer.request).group(1)
    own = re.search(r"&id=([0-9a-f-]{36})", peer.request).group(1)
    return [key, fresh, own, *(mask.hex() for _, _, mask in peer.messages)]


def test_devices_whose_random_is_seeded_alike_differ(interpreter):
    with Server() as server:
        for _ in range(2):
            run(interpreter, "alike_device.py", {"port": server.port})
        server.wait_ended(2)
    first, second = (drawn(peer) for peer in server.peers)
    assert len(first) == len(second) == 24  # 20 messages and a Close
    assert len(set(first + second)) == 48, "nothing comes twice"


def tried(interpreter, count, **how):
    seed = random.SystemRandom().randrange(2**30)
    print("seed:", seed)
    settings = {"seed": seed, "count": count, "fields": []}
    output = run(interpreter, "inputs.py", settings, **how)
    found = results(output)
    assert len(found) == _FIELDS
    for field in found:
        assert field["made"] + field["refused"] == count
        assert field["made"] >= count // 100, "else nothing was tried"


def test_no_input_splits_a_request_or_changes_its_host():
    tried("cpython", _COUNT)


def test_none_does_on_micropython():
    tried("micropython", _COUNT_ON_BOARDS)


@pytest.mark.soak
def test_none_of_very_many_does_on_micropython():
    tried("micropython", _COUNT, limit_s=600)
