"""What a fleet of 100,000 does to its server when all lose their link at once: the gates.

SEED=n replays the runs; without it they are drawn, and a failure names them. Each gate is also
shown a smaller fleet with one deviation, and has to refuse it.
"""

import os
import random
from functools import cache

import pytest

from fleet.policies import NPM_PARTYSOCKET
from fleet.simulation import Fleet
from partysocket import DEVICE, PARTYSOCKET
from partysocket.core.backoff import drawn
from partysocket.net import chance, platform
from partysocket.place import new_id

DEVICES = 100_000
FEWER = 10_000
TURNS_S = 100  # what the server needs to do each device once: its rate is so large a part of them
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 29))


@pytest.fixture(autouse=True)
def seed_of_a_failure():
    print(f"SEED={SEED} replays it")


def fleet(options, down_s=0, queue_s=None, devices=FEWER):
    return Fleet(options, devices, devices // TURNS_S, down_s, queue_s, SEED).run(200)


@cache
def all_of_ours(down_s=0, queue_s=None):
    """The run of the whole fleet under our defaults; several gates look at it."""
    return fleet(DEVICE, down_s, queue_s, DEVICES)


def other(**changes):
    return dict(DEVICE, **changes)


# The gates. TURNS_S * 0.99 is when an ideal server would have 99 % back.


def returns_soon(run):
    took = run.back_s(0.99)
    return took is not None and took <= 1.3 * 0.99 * TURNS_S


def tries_little(run):
    return run.tries <= 6


def spreads(run):
    return run.peak() <= (0.08 if run.down_ms else 0.35) * run.devices


def is_not_in_step(run):
    return run.clumping() <= 3


def recovers(run):
    return run.share_back >= 0.99


GATES = (returns_soon, tries_little, spreads, is_not_in_step)


# a, b, c: a server that refuses what it cannot do, back at once or after 30 s.


@pytest.mark.parametrize("down_s", [0, 30])
@pytest.mark.parametrize("gate", GATES)
def test_our_fleet_comes_back_gently(gate, down_s):
    run = all_of_ours(down_s)
    assert gate(run), told(run)


@pytest.mark.parametrize("down_s", [0, 30])
def test_fewer_of_ours_pass_too(down_s):
    # else the refusals below would say nothing
    run = fleet(DEVICE, down_s)
    assert all(gate(run) for gate in (*GATES, recovers)), told(run)


@pytest.mark.parametrize(
    "gate, options, down_s",
    [
        (returns_soon, other(max_reconnection_delay=300_000), 0),
        (returns_soon, other(jitter="equal"), 0),
        (returns_soon, NPM_PARTYSOCKET, 30),
        (tries_little, other(min_reconnection_delay=1000), 0),
        (tries_little, other(max_reconnection_delay=10_000), 30),
        (tries_little, NPM_PARTYSOCKET, 0),
        (spreads, other(min_reconnection_delay=1000), 0),
        (spreads, other(jitter="equal"), 0),
        (spreads, other(max_reconnection_delay=10_000), 30),
        (is_not_in_step, other(jitter="none"), 0),
        (is_not_in_step, NPM_PARTYSOCKET, 0),
        (is_not_in_step, NPM_PARTYSOCKET, 30),
    ],
)
def test_gate_refuses_a_deviation(gate, options, down_s):
    run = fleet(options, down_s)
    assert not gate(run), told(run)


# d: a server that queues up to 10 s, and does handshakes for clients that have given up.


def test_our_fleet_does_not_collapse_a_queueing_server():
    for run in (all_of_ours(queue_s=10), fleet(DEVICE, queue_s=10)):
        assert recovers(run), told(run)


@pytest.mark.parametrize("options", [other(connection_timeout=4000), PARTYSOCKET])
def test_timeout_of_four_seconds_does(options):
    run = fleet(options, queue_s=10)
    assert not recovers(run), told(run)
    assert run.wasted > run.devices, told(run)


# e: chance is the system's, whatever the application has seeded.


@pytest.fixture
def random_kept():
    state = random.getstate()
    yield
    random.setstate(state)


def drawn_by_a_device_with_random_seeded():
    random.seed(7)
    return new_id(), drawn(PARTYSOCKET["min_reconnection_delay"], chance()), chance()


def test_devices_with_random_seeded_alike_differ(random_kept):
    ids, minimums, chances = zip(*(drawn_by_a_device_with_random_seeded() for _ in range(DEVICES)))
    assert len(set(ids)) == DEVICES
    assert len(set(minimums)) > 3900 and 1000 <= min(minimums) <= max(minimums) <= 5000
    assert len(set(chances)) > 45_000  # 51,300 are to be expected


def test_they_would_not_if_chance_were_randoms(random_kept, monkeypatch):
    monkeypatch.setattr(platform, "urandom", random.randbytes)
    assert len({drawn_by_a_device_with_random_seeded() for _ in range(100)}) == 1


def told(run):
    return (
        f"SEED={SEED}: peak {run.peak()}, 99 % back after {run.back_s(0.99)} s, "
        f"{run.share_back:.1%} back, {run.tries:.2f} tries, "
        f"busiest 100 ms {run.clumping():.2f} x, {run.wasted} wasted"
    )
