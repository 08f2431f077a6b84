"""What a fleet of 100,000 does to its server when all lose their link at once: the gates.

SEED=n replays the runs; without it they are drawn, and a failure names them. Each gate is also
shown a smaller fleet with one deviation, and has to refuse it.
"""

import os
import random
from functools import cache

import pytest

from fleet.policies import NPM_PARTYSOCKET
from fleet.simulation import Fleet, drawing_from
from partysocket import DEVICE, PARTYSOCKET, chance
from partysocket.core.connection import DIAL, DIALING, NOTHING, Connection
from partysocket.core.retry import SOON

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


# a, b, c: a server that refuses what it cannot do, back at once or after 30 s.


@pytest.mark.parametrize("down_s", [0, 30])
@pytest.mark.parametrize("gate", [returns_soon, tries_little, spreads, is_not_in_step])
def test_our_fleet_comes_back_gently(gate, down_s):
    run = all_of_ours(down_s)
    assert gate(run), told(run)


@pytest.mark.parametrize("down_s", [0, 30])
def test_fewer_of_ours_pass_too(down_s):
    # else the refusals below would say nothing
    run = fleet(DEVICE, down_s)
    gates = (returns_soon, tries_little, spreads, is_not_in_step, recovers)
    assert all(gate(run) for gate in gates), told(run)


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
    run = all_of_ours(queue_s=10)
    assert recovers(run), told(run)


@pytest.mark.parametrize("options", [other(connection_timeout=4000), PARTYSOCKET])
def test_timeout_of_four_seconds_does(options):
    run = fleet(options, queue_s=10)
    assert not recovers(run), told(run)
    assert run.wasted > run.devices, told(run)


def test_fewer_of_ours_do_not():
    run = fleet(DEVICE, queue_s=10)
    assert recovers(run), told(run)


# e: the delays of npm's partysocket 1.3.0.


def test_delays_are_those_of_partysocket():
    wanted = [3000, 3900, 5070, 6591, 8568, 10000, 10000]
    for drawn in (0, 32768, 65535):
        assert delays(dict(PARTYSOCKET, min_reconnection_delay=3000), 7, drawn) == wanted
    assert delays(DEVICE, 7, 65535) != wanted


def delays(options, n, drawn):
    """What a device waits that is refused n times, on its own clock."""
    machine = Connection(options, options["min_reconnection_delay"])
    machine.begin(0, drawn)
    now, waits = machine.wait_ms(0), []
    for _ in range(n):
        assert machine.tick(now) == DIAL
        machine.dial(now)
        machine.lost(now, SOON, 0, drawn)
        waits.append(machine.wait_ms(now))
        now += waits[-1]
    return waits


# f: chance is the system's, whatever the application has seeded.


@pytest.fixture
def random_kept():
    state = random.getstate()
    yield
    random.setstate(state)


def drawn_by_a_device_with_random_seeded():
    random.seed(7)
    return chance.new_id(), chance.drawn(PARTYSOCKET["min_reconnection_delay"]), chance.chance()


def test_devices_with_random_seeded_alike_differ(random_kept):
    ids, minimums, chances = zip(*(drawn_by_a_device_with_random_seeded() for _ in range(DEVICES)))
    assert len(set(ids)) == DEVICES
    assert len(set(minimums)) > 3900 and 1000 <= min(minimums) <= max(minimums) <= 5000
    assert len(set(chances)) > 45_000  # 51,300 are to be expected


def test_they_would_not_if_chance_were_randoms(random_kept):
    with drawing_from(random):
        assert len({drawn_by_a_device_with_random_seeded() for _ in range(100)}) == 1


# g: what proves a connection.


def opened_after_failures(options, n):
    """A device that was let in at 0 after n refusals."""
    machine = Connection(options, 5000)
    machine.begin(0, 0)
    for _ in range(n):
        machine.dial(0)
        machine.lost(0, SOON, 0, 65535)
    machine.dial(0)
    machine.opened(0)
    return machine


@pytest.mark.parametrize("options", [DEVICE, PARTYSOCKET])
@pytest.mark.parametrize("is_ticked", [True, False])
def test_only_five_seconds_of_uptime_reset_the_count(options, is_ticked):
    for uptime_ms, count in ((4900, 4), (4999, 4), (5000, 1), (5100, 1)):
        machine = opened_after_failures(options, 3)
        if is_ticked:
            assert machine.tick(uptime_ms) == NOTHING
        machine.lost(uptime_ms, SOON, 0, 65535)
        assert machine.retry_count == count, uptime_ms


def delays_between_drops(options, uptime_ms, drawn, n):
    """What a device waits whose server lets it in and drops it after `uptime_ms`."""
    machine = opened_after_failures(options, 0)
    now, waits = 0, []
    for _ in range(n):
        machine.lost(now + uptime_ms, SOON, 0, drawn)
        waits.append(machine.wait_ms(now + uptime_ms))
        now += uptime_ms + waits[-1]
        assert machine.tick(now) == DIAL
        machine.dial(now)
        assert machine.state == DIALING
        machine.opened(now)
    return waits


def test_crash_looping_server_sees_the_delay_grow():
    assert delays_between_drops(DEVICE, 1000, 65535, 6) == [4999, 9999, 19999, 39999, 59999, 59999]
    assert delays_between_drops(DEVICE, 1000, 32768, 5) == [2500, 5000, 10000, 20000, 30000]
    assert delays_between_drops(PARTYSOCKET, 1000, 0, 4) == [5000, 6500, 8450, 10000]


def test_server_that_holds_longer_does_not():
    assert delays_between_drops(DEVICE, 5100, 65535, 4) == [4999] * 4


def told(run):
    return (
        f"SEED={SEED}: peak {run.peak()}, 99 % back after {run.back_s(0.99)} s, "
        f"{run.share_back:.1%} back, {run.tries:.2f} tries, "
        f"busiest 100 ms {run.clumping():.2f} x, {run.wasted} wasted"
    )
