"""What a fleet does to its servers when all devices lose their link at once: a small part of `make
fleet`.

SEED=n replays the runs. Without it they are random, and a failure prints them. Each gate must also
refuse a run with a planted deviation.
"""

import dataclasses
import os
import random
from functools import cache

import pytest

from fleet.cases import CASES
from fleet.policies import POLICIES
from fleet.simulation import Fleet
from partysocket import DEVICE, PARTYSOCKET
from partysocket.core import backoff, lifecycle
from partysocket.net import chance, platform
from partysocket.place import new_id

# The row of one server uses a tenth of them, the row of ten servers all.
DEVICES = 200_000
FEWER = 50_000
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 29))
CASE = {case.name: case for case in CASES}
NPM = POLICIES["npm"]


@pytest.fixture(autouse=True)
def seed_of_a_failure():
    print(f"SEED={SEED} replays it")


def run(name, devices=DEVICES, options=DEVICE, **changes):
    """(the Run of a case, the shortest time in seconds that its servers could need)."""
    return dataclasses.replace(CASE[name], **changes).run(options, devices, SEED, 400)


@cache
def ours(name):
    return run(name, FEWER if CASE[name].is_large else DEVICES)


def other(**changes):
    return dict(DEVICE, **changes)


# The gates get (Run, shortest time in s). Their bounds allow for the noise of a small part. `make
# fleet` prints the figures of the whole.


def within(ratio, more_s=0):
    """99 % are back within `ratio` times the shortest time, and `more_s`."""

    def returns_soon(run, ideal_s):
        took = run.back_s(0.99)
        return took is not None and took <= ratio * ideal_s + more_s

    return returns_soon


def tries_little(run, ideal_s):
    return run.tries <= 5


def rushes_at_most(ratio):
    def spreads(run, ideal_s):
        return run.peak() <= ratio * run.devices / ideal_s

    return spreads


def is_not_in_step(run, ideal_s):
    return run.clumping() <= 3


GATES = {
    "busy": (within(1.25), tries_little, rushes_at_most(35), is_not_in_step),
    "busy-30": (within(1.25), tries_little, rushes_at_most(8), is_not_in_step),
    "busy-600": (within(1.25), tries_little, rushes_at_most(8), is_not_in_step),
    "fast-600": (within(1, 25), tries_little, rushes_at_most(1.5), is_not_in_step),
    "fast-600-told": (within(1.2), tries_little, rushes_at_most(1.5), is_not_in_step),
    "queue-10": (within(1.15), tries_little),
    "queue-28": (within(1.2), tries_little),
    "queue-60": (within(1.5), tries_little),
    "zone": (within(1.45), tries_little),
    "lost": (within(2.8), tries_little),
    "1013": (within(1.45), tries_little),
}


@pytest.mark.parametrize("name", GATES)
def test_our_fleet_comes_back(name):
    done = ours(name)
    for gate in GATES[name]:
        assert gate(*done), f"{gate.__name__}: {told(*done)}"


@pytest.mark.parametrize(
    "name, gate, options",
    [
        ("busy", within(1.25), other(max_reconnection_delay=300_000)),
        ("busy", within(1.25), other(jitter="equal")),
        ("busy-30", within(1.25), NPM),
        ("busy", tries_little, other(min_reconnection_delay=1000)),
        ("busy-30", tries_little, other(max_reconnection_delay=10_000)),
        ("busy", rushes_at_most(35), other(min_reconnection_delay=1000)),
        ("busy-30", rushes_at_most(8), other(max_reconnection_delay=10_000)),
        ("busy", is_not_in_step, other(jitter="none")),
        ("busy-30", is_not_in_step, NPM),
        ("fast-600", within(1, 25), other(max_reconnection_delay=120_000)),
        ("queue-10", within(1.15), other(connection_timeout=4000)),
        ("queue-10", within(1.15), PARTYSOCKET),
        ("queue-60", within(1.5), other(connection_timeout=30_000)),
        # It does not read the server's announcement.
        ("fast-600-told", within(1.2), NPM),
    ],
)
def test_gate_refuses_a_deviation(name, gate, options):
    done = run(name, FEWER, options)
    assert not gate(*done), told(*done)


@pytest.mark.parametrize(
    "name, gate, plant",
    [
        # The wait under the full ceiling is random below it, as before it has grown to that.
        ("fast-600", within(1, 25), (backoff, "ceiling_ms", "grows")),
        # A server that has accepted the connection gets no longer timeout.
        ("queue-60", within(1.5), (lifecycle, "turn_ms", "nothing")),
        # An announced stop is forgotten by the dial that comes too early.
        ("fast-600-told", within(1.2), (lifecycle.Lifecycle, "_left_of_stop", "nothing")),
    ],
)
def test_gate_refuses_a_rule_left_out(name, gate, plant, monkeypatch):
    owner, function, how = plant
    before = getattr(owner, function)
    monkeypatch.setattr(owner, function, lambda *_: 0)
    # It grows from one retry to the next, for ever.
    if how == "grows":
        monkeypatch.setattr(owner, function, lambda *a: before(*a) + a[2] % 2)
    done = run(name, FEWER)
    assert not gate(*done), told(*done)


def test_absence_of_a_night_is_one_of_ten_minutes():
    # When the wait no longer grows, a device behaves the same at each retry.
    for retries in (6, 7, 100, 10**6):
        for draw in range(0, 1 << 16, 997):
            assert backoff.wait_ms(DEVICE, 5000, retries, draw) == backoff.wait_ms(
                DEVICE, 5000, 6, draw
            )
    night, ideal_s = run("night", FEWER, down_s=3600, part=5)
    assert within(1.25, 25)(night, ideal_s), told(night, ideal_s)


def test_seed_repeats_a_run_and_leaves_the_programs_chance_as_it_was():
    before = random.getstate()
    one, same, others = (CASE["busy-30"].run(DEVICE, 2000, seed, 60) for seed in (5, 5, 6))
    assert one == same != others
    assert random.getstate() == before


def test_nobody_is_back_before_the_server_and_all_are_in_the_end():
    done, _ = run("fast-30", 3000)
    assert done.back[0] > 30_000
    assert len(done.back) == 300
    assert done.back == sorted(done.back)


def test_server_with_room_for_all_sees_each_once():
    done = Fleet(DEVICE, [CASE["fast"]._server(100_000)], [0] * 300, 0).run(60)
    assert done.tries == 1
    assert done.back_s(1) < 6


# Random numbers are the system's, even if the application has seeded `random`.


@pytest.fixture
def random_kept():
    state = random.getstate()
    yield
    random.setstate(state)


def drawn_by_a_device_with_random_seeded():
    random.seed(7)
    return new_id(), backoff.drawn(PARTYSOCKET["min_reconnection_delay"], chance()), chance()


def test_devices_with_random_seeded_alike_differ(random_kept):
    devices = 100_000
    ids, minimums, chances = zip(*(drawn_by_a_device_with_random_seeded() for _ in range(devices)))
    assert len(set(ids)) == devices
    assert len(set(minimums)) > 3900 and 1000 <= min(minimums) <= max(minimums) <= 5000
    # 51,300 are expected.
    assert len(set(chances)) > 45_000


def test_they_would_not_if_chance_were_randoms(random_kept, monkeypatch):
    monkeypatch.setattr(platform, "urandom", random.randbytes)
    assert len({drawn_by_a_device_with_random_seeded() for _ in range(100)}) == 1


def told(run, ideal_s):
    return (
        f"SEED={SEED}: ideal {ideal_s:.1f} s, 99 % back after {run.back_s(0.99)} s, "
        f"peak {run.peak() * ideal_s / run.devices:.2f} x, {run.tries:.2f} tries, "
        f"busiest 100 ms {run.clumping():.2f} x, {run.wasted} wasted"
    )
