"""A room that moves into a cluster, while the instance that owns it is killed."""

import json

import pytest

from rooms.clients import state_of
from rooms.moves import IMPORT, TARGETS, Between, fill, move

from .running import Running
from .test_faults import QUICK

# A piece in the middle.
NTH = 12


@pytest.mark.soak
def test_a_room_moves_in_although_its_owner_is_killed(tmp_path):
    fill(tmp_path / "rooms.db", count=150)
    env = {"IMPORT_TOKEN": IMPORT, "ALERT_TARGETS": json.dumps(TARGETS)}
    with Running(tmp_path, config=QUICK, env=env) as server:
        owner = server.entry("home")
        met = []

        def meet(number, body, forward):
            met.append(number)
            # Once before the piece is stored, once when its answer is lost.
            if len(met) == NTH:
                owner.kill()
            answer = forward()
            if len(met) == 2 * NTH:
                server.entry("home").kill()
                return None
            return answer

        with Between(server, meet) as between:
            status, said = move(
                tmp_path / "rooms.db", between.url, "--piece-bytes", "2048", "--room", "home"
            )
        assert status == 0 and "DIFFERENT" not in said, said
        assert len(met) > 2 * NTH and met != sorted(set(met))
        assert len(state_of(server, "home")["devices"]) == 3
