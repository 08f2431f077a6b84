"""How long is waited, in exact ms."""

import time

from partysocket.core import backoff
from partysocket.presets import DEVICE, PARTYSOCKET

CHANCES = (0, 1, 32767, 32768, 65534, 65535)
MOST_MS = 21_600_000  # that an option takes: 6 hours
HALF_PERIOD = 1 << 28  # beyond it, ticks can't tell before from after


def options(**changes):
    return dict(DEVICE, **changes)


def plain(**changes):
    """PartySocket's defaults, whose jitter is none."""
    return dict(PARTYSOCKET, **changes)


def waits(options, minimum, n, chance=0):
    return [backoff.wait_ms(options, minimum, i + 1, chance) for i in range(n)]


# Rows 6 to 8: the law.


def test_delays_of_partysocket():
    # row 8, run on npm's partysocket 1.3.0
    assert backoff.wait_ms(plain(), 3000, 0, 0) == 0
    wanted = [3000, 3900, 5070, 6591, 8568, 10000, 10000, 10000]
    assert waits(plain(), 3000, 8) == wanted


def test_delays_of_partysockets_documented_minimum():
    wanted = [1000, 1300, 1690, 2197, 2856, 3712, 4826, 6274, 8157, 10000, 10000]
    assert waits(plain(), 1000, 11) == wanted
    assert waits(plain(), 5000, 4) == [5000, 6500, 8450, 10000]


def test_ceilings_of_a_device():
    ceilings = [backoff.ceiling_ms(DEVICE, 5000, i) for i in range(7)]
    assert ceilings == [0, 5000, 10000, 20000, 40000, 60000, 60000]


def test_minimum_above_the_maximum_gives_the_maximum():
    # row 6
    assert waits(plain(max_reconnection_delay=500), 3000, 3) == [500, 500, 500]
    assert waits(plain(max_reconnection_delay=2999), 3000, 2) == [2999, 2999]
    assert waits(plain(max_reconnection_delay=3000), 3000, 2) == [3000, 3000]
    assert waits(plain(max_reconnection_delay=3001), 3000, 3) == [3000, 3001, 3001]


def test_factors_of_one_and_less():
    assert waits(plain(reconnection_delay_grow_factor=1), 3000, 4) == [3000] * 4
    assert waits(plain(reconnection_delay_grow_factor=1.0), 3000, 4) == [3000] * 4
    assert waits(plain(reconnection_delay_grow_factor=0.5), 3000, 4) == [3000, 1500, 750, 375]
    assert waits(plain(reconnection_delay_grow_factor=0), 3000, 3) == [3000, 0, 0]


def test_huge_factor_reaches_the_maximum_at_once():
    assert waits(plain(reconnection_delay_grow_factor=1000), 1, 5) == [
        1,
        1000,
        10000,
        10000,
        10000,
    ]


def test_delays_are_ints():
    for i in range(10):
        assert isinstance(backoff.wait_ms(plain(), 3000, i, 0), int)
        assert isinstance(backoff.ceiling_ms(options(), 5000, i), int)


def test_a_million_failures_stay_in_bounds_and_are_quick():
    # pains 26: 1.3**2710 overflows
    for settings in (PARTYSOCKET, DEVICE, options(reconnection_delay_grow_factor=1.3)):
        most = settings["max_reconnection_delay"]
        for retries in (339, 340, 2709, 2710, 10**4, 10**6):
            assert backoff.ceiling_ms(settings, 3000, retries) == most
            assert 0 < backoff.wait_ms(settings, 3000, retries, 65535) <= most
            assert backoff.timeout_ms(settings, retries) in (4000, 30000)
    begun = time.time()
    for retries in range(10**6, 10**6 + 2000):
        backoff.wait_ms(DEVICE, 5000, retries, retries & 0xFFFF)
    assert time.time() - begun < 2


def test_delay_that_cannot_grow_is_quick_after_a_million_failures():
    for changes, minimum in (
        ({"reconnection_delay_grow_factor": 1}, 3000),
        ({"reconnection_delay_grow_factor": 0}, 3000),
        ({"reconnection_delay_grow_factor": 0.5}, 3000),
        ({"max_reconnection_delay": 0}, 3000),
        ({}, 0),
    ):
        begun = time.time()
        for _ in range(20):
            backoff.ceiling_ms(plain(**changes), minimum, 10**6)
        assert time.time() - begun < 1, changes


# Jitter.


def test_full_jitter_lies_between_the_floor_and_the_ceiling():
    settings = options(jitter="full")
    assert backoff.wait_ms(settings, 5000, 1, 0) == 100
    assert backoff.wait_ms(settings, 5000, 1, 32768) == 2500
    assert backoff.wait_ms(settings, 5000, 1, 65535) == 4999
    assert backoff.wait_ms(settings, 5000, 99, 65535) == 59999
    assert backoff.wait_ms(settings, 5000, 99, 32768) == 30000


def test_equal_jitter_lies_in_the_upper_half():
    settings = options(jitter="equal")
    assert backoff.wait_ms(settings, 5000, 1, 0) == 2500
    assert backoff.wait_ms(settings, 5000, 1, 32768) == 3750
    assert backoff.wait_ms(settings, 5000, 1, 65535) == 4999
    assert backoff.wait_ms(settings, 5001, 1, 0) == 2500
    assert backoff.wait_ms(settings, 5001, 1, 65535) == 5000


def test_jittered_waits_have_a_floor():
    # API, jitter: except "none", no wait is under 100 ms
    for jitter in ("full", "equal"):
        for minimum in (1, 50, 99, 100, 101):
            for chance in CHANCES:
                wait = backoff.wait_ms(options(jitter=jitter), minimum, 1, chance)
                assert 100 <= wait <= 101, (jitter, minimum, chance)


def test_jittered_waits_have_a_floor_even_with_delays_of_zero():
    # API, jitter: except "none", no wait is under 100 ms; pains 16: whatever the options say
    for jitter in ("full", "equal"):
        for chance in CHANCES:
            settings = options(jitter=jitter, max_reconnection_delay=0)
            assert backoff.wait_ms(settings, 5000, 3, chance) == 100
            assert backoff.wait_ms(options(jitter=jitter), 0, 3, chance) == 100


def test_without_jitter_there_is_no_floor():
    assert waits(plain(), 0, 3) == [0, 0, 0]
    assert waits(plain(reconnection_delay_grow_factor=2), 1, 4) == [1, 2, 4, 8]
    for chance in CHANCES:
        assert backoff.wait_ms(plain(), 3000, 2, chance) == 3900


def test_jitter_never_leaves_its_bounds():
    for jitter in ("full", "equal"):
        for minimum in (100, 3000, 60000):
            for retries in range(1, 12):
                ceiling = backoff.ceiling_ms(options(), minimum, retries)
                last = 0
                for chance in CHANCES:
                    wait = backoff.wait_ms(options(jitter=jitter), minimum, retries, chance)
                    low = 100 if jitter == "full" else max(100, ceiling // 2)
                    assert low <= wait <= max(100, ceiling)
                    assert wait >= last
                    last = wait


def test_share_is_uniform_from_zero_to_below_the_most():
    assert backoff.share(0, 65535) == 0
    assert backoff.share(1, 65535) == 0
    assert backoff.share(65536, 0) == 0
    assert backoff.share(65536, 12345) == 12345
    assert backoff.share(60000, 65535) == 59999
    for most in (1, 2, 3, 7, 100):
        counts = [0] * most
        for chance in range(0, 65536, 16):
            counts[backoff.share(most, chance)] += 1
        assert max(counts) - min(counts) <= 1


# Patience and obedience: API section 6.


def test_patient_wait_is_five_times_the_longest_and_a_fifth_more_or_less():
    assert backoff.patient_ms(plain(), 0) == 50000
    assert backoff.patient_ms(plain(), 65535) == 50000
    for jitter in ("full", "equal"):
        settings = options(jitter=jitter)
        assert backoff.patient_ms(settings, 0) == 240000
        assert backoff.patient_ms(settings, 32768) == 300000
        assert backoff.patient_ms(settings, 65535) == 359998


def test_patient_wait_has_the_floor_too():
    assert backoff.patient_ms(options(max_reconnection_delay=0), 65535) == 100
    assert backoff.patient_ms(options(max_reconnection_delay=1), 65535) == 100


def test_retry_after_is_obeyed_with_chance_of_its_own_size_on_top():
    settings = options()
    assert backoff.obedient_ms(settings, 30000, 0) == 30000
    assert backoff.obedient_ms(settings, 30000, 32768) == 45000
    assert backoff.obedient_ms(settings, 30000, 65535) == 59999
    assert backoff.obedient_ms(plain(), 30000, 65535) == 30000


def test_retry_after_is_clamped():
    for asked, wait in (
        (299_999, 299_999),
        (300_000, 300_000),
        (300_001, 300_000),
        (10**9, 300_000),
    ):
        assert backoff.obedient_ms(options(), asked, 0) == wait
        assert backoff.obedient_ms(options(jitter="none"), asked, 65535) == wait
    assert backoff.obedient_ms(options(), 10**9, 65535) == 300_000 + 299_995


def test_no_wait_outlasts_half_the_clocks_period():
    # longer, and ticks_diff would never see it pass: the device would never dial again
    for jitter in ("full", "equal", "none"):
        settings = options(max_reconnection_delay=MOST_MS, jitter=jitter)
        assert backoff.wait_ms(settings, MOST_MS, 9, 65535) < HALF_PERIOD
        assert backoff.patient_ms(settings, 65535) < HALF_PERIOD


def test_no_wait_for_retry_after_outlasts_half_the_clocks_period():
    for jitter in ("full", "equal", "none"):
        settings = options(max_reconnection_delay=MOST_MS, jitter=jitter)
        assert backoff.obedient_ms(settings, (1 << 19) * 1000, 65535) < HALF_PERIOD, jitter


# The deadline of a dial.


def test_timeout_grows_by_half_with_each_failure_up_to_its_second():
    timeouts = [backoff.timeout_ms(DEVICE, i) for i in range(5)]
    assert timeouts == [15000, 22500, 30000, 30000, 30000]
    settings = options(connection_timeout=(4000, 100_000))
    timeouts = [backoff.timeout_ms(settings, i) for i in range(8)]
    assert timeouts == [4000, 6000, 9000, 13500, 20250, 30375, 45563, 68345]


def test_timeout_that_is_one_number_stays():
    assert [backoff.timeout_ms(PARTYSOCKET, i) for i in (0, 1, 2, 10**6)] == [4000] * 4


def test_timeout_with_equal_ends_stays():
    settings = options(connection_timeout=(7000, 7000))
    assert [backoff.timeout_ms(settings, i) for i in (0, 1, 10**6)] == [7000] * 3


def test_small_timeout_grows_too():
    settings = options(connection_timeout=(1, 10))
    assert [backoff.timeout_ms(settings, i) for i in range(7)] == [1, 2, 3, 5, 8, 10, 10]


def test_timeout_of_zero_is_quick_after_a_million_failures():
    begun = time.time()
    settings = options(connection_timeout=(0, 30000))
    for _ in range(10):
        assert 0 <= backoff.timeout_ms(settings, 10**6) <= 30000
    assert time.time() - begun < 1
