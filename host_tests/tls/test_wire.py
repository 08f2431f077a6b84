"""Bytes on the wire can't be guessed, and texts of an application can't change the request."""

import random
import re

import pytest

from core.wire import unmasked

from .devices import done, results, run
from .server import Server

_FIELDS = 16
_MESSAGES = 20


def drawn(peer):
    """All random values of a device: its key, its connection's id, its own id, its masks."""
    patterns = (r"Sec-WebSocket-Key: (\S+)", "_pk=([0-9a-f-]{36})", "&id=([0-9a-f-]{36})")
    found = [re.search(pattern, peer.request).group(1) for pattern in patterns]
    frames, rest = unmasked(peer.frames)
    assert rest == b""
    at = 0
    # Each is short: two bytes, the mask, the payload.
    for _, payload in frames:
        found.append(peer.frames[at + 2 : at + 6].hex())
        at += 6 + len(payload)
    return found


def test_devices_whose_random_is_seeded_alike_differ(interpreter):
    with Server() as server:
        place = {"host": f"127.0.0.1:{server.port}", "room": "r", "connection_id": "fresh"}
        for _ in range(2):
            done(interpreter, [{"what": "party", "arguments": place, "messages": _MESSAGES}])
        server.wait_ended(2)
    first, second = (drawn(peer) for peer in server.peers)
    # And a Close.
    assert len(first) == len(second) == 3 + _MESSAGES + 1
    assert len(set(first + second)) == 2 * len(first), "nothing comes twice"


@pytest.mark.parametrize("runtime, count", [("cpython", 1000), ("micropython", 150)])
def test_no_input_splits_a_request_or_changes_its_host(runtime, count, limit_s=100):
    seed = random.SystemRandom().randrange(2**30)
    print("seed:", seed)
    settings = {"seed": seed, "count": count}
    found = results(run(runtime, "inputs.py", settings, limit_s=limit_s, watched=False))
    assert len(found) == _FIELDS
    for field in found:
        assert field["made"] + field["refused"] == count
        assert field["made"] >= count // 100, "else nothing was tried"


@pytest.mark.soak
def test_none_of_very_many_does_on_micropython():
    test_no_input_splits_a_request_or_changes_its_host("micropython", 10_000, limit_s=3600)
